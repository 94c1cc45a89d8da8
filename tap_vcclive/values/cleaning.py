"""JSON values as every target reads them, with nothing of them lost.

No NUL characters, no lone surrogates, no integers beyond 64 bits, no bottomless nesting.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LEAST: Final = -(2**63)
MOST: Final = 2**63 - 1
SURROGATE: Final = re.compile("[\ud800-\udfff]")

# PostgreSQL's jsonb and most warehouses read numbers of about this size; larger ones stay as text.
_LARGEST_EXPONENT: Final = 300
_MOST_DIGITS: Final = 1000
# Deeper than any answer seen, and shallow enough for every JSON reader.
_DEEPEST: Final = 32
_DIGITS_OF_DIGEST: Final = 16


def clean(value: object, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value that every target reads, with nothing of it lost.

    NUL characters are removed and lone surrogates replaced, as no database keeps them as text;
    numbers too large for JSON readers, and what is nested too deep, become text.
    """
    match value:
        case None | bool():
            return value
        case str():
            return clean_text(value)
        case int() | Decimal():
            return _clean_number(value)
        case dict() if depth < _DEEPEST:
            return _clean_object(value, depth)
        case list() if depth < _DEEPEST:
            return [clean(item, depth + 1) for item in value]
        case _:
            return clean_text(_json_text(value))


class _Mark(str):
    """A piece of JSON that is written as it is."""

    __slots__ = ()


def _json_text(value: object) -> str:
    """Return a value as JSON, however deep it is nested: functions that call each other end."""
    written: list[str] = []
    rest = [value]
    while rest:
        match rest.pop():
            case _Mark() as mark:
                written.append(mark)
            case dict() as item:
                pairs = [(_Mark(f"{_json_scalar(name)}: "), inner) for name, inner in item.items()]
                rest += _in_reverse("{", pairs, "}")
            case list() as item:
                rest += _in_reverse("[", [(inner,) for inner in item], "]")
            case item:
                written.append(_json_scalar(item))
    return "".join(written)


def _json_scalar(value: object) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


def _in_reverse(begin: str, items: list[tuple[Any, ...]], end: str) -> list[Any]:
    """Return an array or an object in pieces, the last first."""
    pieces: list[Any] = [_Mark(begin)]
    for number, item in enumerate(items):
        pieces += (_Mark(", "), *item) if number else item
    pieces.append(_Mark(end))
    return pieces[::-1]


def _clean_object(value: dict[str, Any], depth: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, item in value.items():
        result[free_name(name, result)] = clean(item, depth + 1)
    return result


def free_name(name: str, taken: Mapping[str, Any]) -> str:
    """Return a clean name that is not taken: two names can differ in a NUL character only.

    The second name has a digest added and not a number: there can be many, and to count up to a
    number that is free would take as long as all that are not.
    """
    free = clean_text(name)
    if free in taken:
        digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        free = f"{free}_{digest[:_DIGITS_OF_DIGEST]}"
    while free in taken:
        free += "_"
    return free


def clean_text(value: str) -> str:
    """Return text without NUL characters and with lone surrogates replaced."""
    if value.isascii():
        return value.replace("\0", "") if "\0" in value else value
    return SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value.replace("\0", ""))


def _clean_number(value: int | Decimal) -> int | Decimal | str:
    if isinstance(value, int):
        small = LEAST <= value <= MOST
    else:
        _, digits, exponent = value.as_tuple()
        small = abs(value.adjusted()) <= _LARGEST_EXPONENT and len(digits) <= _MOST_DIGITS
        # Without an exponent it is written as an integer.
        small = small and (exponent != 0 or LEAST <= value <= MOST)
    return value if small else number_text(value)


def number_text(value: int | Decimal) -> str:
    """Return a number as text; Decimal writes even those that Python's int refuses to."""
    return str(value if isinstance(value, Decimal) else Decimal(value))
