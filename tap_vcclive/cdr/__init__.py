"""Calls fetched one by one: in which order, and what becomes of each. Knows no Singer."""
