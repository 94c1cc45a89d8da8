"""Repeatable chance, in one place: the same words always give the same draws."""

from __future__ import annotations

from random import Random


def dice(*words: object) -> Random:
    """Return a generator of draws that depends on nothing but `words`."""
    key = "/".join(str(word) for word in words)
    return Random(key)  # noqa: S311 - draws have to be repeatable here, not secret
