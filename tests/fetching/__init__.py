"""Tests of tap_vcclive.fetching."""
