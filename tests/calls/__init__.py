"""Tests of tap_vcclive.calls."""
