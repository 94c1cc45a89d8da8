"""Tests of tap_vcclive.lists."""
