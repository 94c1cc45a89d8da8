"""Tests of tap_vcclive.settings."""
