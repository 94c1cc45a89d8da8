"""Tests of tap_vcclive.singer."""
