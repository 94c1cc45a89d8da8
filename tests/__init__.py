"""Tests of the tap, of its sandbox, and of both with Meltano and PostgreSQL."""
