"""Runs that are interrupted in any way at any moment: what arrives, and what a STATE says of it."""
