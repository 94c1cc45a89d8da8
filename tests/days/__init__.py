"""Tests of tap_vcclive.days."""
