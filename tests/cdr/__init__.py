"""Tests of tap_vcclive.cdr."""
