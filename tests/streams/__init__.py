"""Tests of the streams, over HTTP against the sandbox."""
