"""Tests of tap_vcclive.call_list."""
