"""Tests of tap_vcclive.call_log."""
