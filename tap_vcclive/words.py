"""Numbers with their nouns, for lines that people read."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number and a noun: `1 call`, `2,000 calls`.

    Args:
        number: The number.
        noun: The noun for one.
        plural: The noun for more, where it is not that with an s.
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
