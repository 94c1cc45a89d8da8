"""Fetching ahead, in order and reported: knows neither Singer nor VCC Live."""
