"""What a value says in a column of each type.

What can mean one thing only is taken for that; all else does not fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from tap_vcclive.calls.uuids import canonical_uuid
from tap_vcclive.values.cleaning import LEAST, MOST, clean, clean_text, number_text

Reader = Callable[[object], Any]
"""Returns what a value says, None for "no value"; raises `NoFitError` when it does not fit."""

_BLANKS: Final = " \t\n\r\v\f"
_INTEGER: Final = re.compile(r"\s*[+-]?[0-9]{1,30}\s*", re.ASCII)
# Three zeros can be thousands as well as thousandths: in half of Europe `3.000` is three thousand.
_WHOLE: Final = re.compile(r"\s*([+-]?[0-9]{1,30})[.,](?!0{3}\s*\Z)0+\s*", re.ASCII)
_NUMBER: Final = re.compile(r"\s*[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?\s*", re.ASCII)
# Of `12:05` nobody knows whether it is minutes or hours.
_DURATION: Final = re.compile(r"\s*([0-9]{1,12}):([0-5][0-9]):([0-5][0-9])\s*", re.ASCII)
_BOOLEANS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


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


def uuid(value: object) -> str | None:
    """Return a value of a column of uuids, in lower case with hyphens.

    Raises:
        NoFitError: When it is none.
    """
    if is_blank(value):
        return None
    found = canonical_uuid(value)
    if found is None:
        raise NoFitError
    return found


def integer(value: object) -> int | None:
    """Return a value of an integer column; an empty string is no value.

    Raises:
        NoFitError: When it is no integer, or one beyond 64 bits.
    """
    if type(value) is int:
        number = value
    elif isinstance(value, str):
        if is_blank(value):
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


def number(value: object) -> int | Decimal | None:
    """Return a value of a column of numbers; an empty string is no value.

    Raises:
        NoFitError: When it is no number that every target reads.
    """
    if is_blank(value):
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = Decimal(value.strip(_BLANKS))
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise NoFitError
    cleaned = clean(value)
    if isinstance(cleaned, str):
        raise NoFitError
    return value


def boolean(value: object) -> bool | None:
    """Return a value of a column of booleans; an empty string is no value.

    Raises:
        NoFitError: When it is none of true, false, 1, 0, yes, no.
    """
    if isinstance(value, bool):
        return value
    if is_blank(value):
        return None
    word = str(value).strip(_BLANKS).lower() if isinstance(value, (int, str)) else ""
    if word not in _BOOLEANS:
        raise NoFitError
    return _BOOLEANS[word]


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


def json_object(value: object) -> dict[str, Any] | None:
    """Return a value of a column of objects; PHP writes one without fields as an empty list.

    Raises:
        NoFitError: When it is none.
    """
    if is_blank(value):
        return None
    if value == []:
        return {}
    if not isinstance(value, dict):
        raise NoFitError
    cleaned: dict[str, Any] = clean(value)
    return cleaned


def fitting(reader: Reader, value: object) -> Any:  # noqa: ANN401 - as the reader
    """Return what a value says, None also for one that does not fit.

    Args:
        reader: Reads it.
        value: The value.
    """
    try:
        return reader(value)
    except NoFitError:
        return None


def array_of(reader: Reader | None) -> Reader:
    """Return what reads the values of a column of arrays; an empty string is no value.

    Args:
        reader: Reads each item; without it they can be anything.
    """
    read: Reader = reader or clean

    def array(value: object) -> list[Any] | None:
        if is_blank(value):
            return None
        # A numbered object is how PHP writes some lists.
        if isinstance(value, dict) and all(name.isdecimal() for name in value):
            value = list(value.values())
        if not isinstance(value, list):
            raise NoFitError
        return [None if item is None else read(item) for item in value]

    return array


def is_blank(value: object) -> bool:
    """Return whether a value is text with nothing but blanks in it."""
    return isinstance(value, str) and not value.strip(_BLANKS)


def _fits(value: Decimal) -> bool:
    """Return whether a number is an integer of 64 bits; never makes an integer of a huge one."""
    return LEAST <= value <= MOST and value == int(value)
