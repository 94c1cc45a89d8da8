"""Tests of tap_vcclive.api."""
