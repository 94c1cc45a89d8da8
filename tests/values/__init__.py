"""Tests of tap_vcclive.values."""
