"""The demo's own check: what it shows must be so, or it fails."""

from __future__ import annotations


class WrongRowsError(Exception):
    """The rows in PostgreSQL are not the calls that they should be."""


def check(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads like assert
    """Raise WrongRowsError unless something holds."""
    if not holds:
        raise WrongRowsError(otherwise)
