"""Shows the whole way once: sandbox, tap, Meltano, PostgreSQL; `python -m demo`."""
