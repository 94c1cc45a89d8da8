"""What a value says in a column of text, of integers or of durations.

What can mean one thing only is taken for that; all else does not fit.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from tap_vcclive.values.cleaning import LEAST, MOST, clean_text, number_text

DURATIONS: Final = frozenset(
    {
        "ringtime",
        "queuetime",
        "beforequeuetime",
        "talktime",
        "holdtime",
        "prework",
        "afterwork",
        "billingtime",
        "sum_work",
    }
)
"""Columns of seconds, which one client of VCC Live reads as `hh:mm:ss`, too."""

_BLANKS: Final = " \t\n\r\v\f"
_INTEGER: Final = re.compile(r"\s*[+-]?[0-9]{1,30}\s*", re.ASCII)
# Three zeros can be thousands as well as thousandths: in half of Europe `3.000` is three thousand.
_WHOLE: Final = re.compile(r"\s*([+-]?[0-9]{1,30})[.,](?!0{3}\s*\Z)0+\s*", re.ASCII)
# Of `12:05` nobody knows whether it is minutes or hours.
_DURATION: Final = re.compile(r"\s*([0-9]{1,12}):([0-5][0-9]):([0-5][0-9])\s*", re.ASCII)


class NoFitError(ValueError):
    """A value that does not fit its column."""


def text(value: object) -> str:
    """Return a value of a text column: text as it is, a number as it was written.

    Raises:
        NoFitError: When it is neither.
    """
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return number_text(value)
    raise NoFitError


def integer(value: object) -> int | None:
    """Return a value of an integer column; an empty string is no value.

    Raises:
        NoFitError: When it is no integer, or one beyond 64 bits.
    """
    if type(value) is int:
        number = value
    elif isinstance(value, str):
        if not value.strip(_BLANKS):
            return None
        if _INTEGER.fullmatch(value):
            number = int(value)
        elif match := _WHOLE.fullmatch(value):
            number = int(match[1])
        else:
            raise NoFitError
    elif isinstance(value, Decimal) and _fits(value):
        number = int(value)
    else:
        raise NoFitError
    if not LEAST <= number <= MOST:
        raise NoFitError
    return number


def duration(value: object) -> int | None:
    """Return a value of a column of seconds: an integer, or what `hh:mm:ss` comes to.

    Raises:
        NoFitError: When it is neither.
    """
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return integer(value)
    hours, minutes, seconds = map(int, match.groups())
    return hours * 3600 + minutes * 60 + seconds


def _fits(value: Decimal) -> bool:
    """Return whether a number is an integer of 64 bits; never makes an integer of a huge one."""
    return LEAST <= value <= MOST and value == int(value)
