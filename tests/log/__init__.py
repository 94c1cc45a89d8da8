"""Tests of how the call log is read."""
