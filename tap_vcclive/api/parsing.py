"""Reads JSON as it comes: numbers as they were sent, any encoding, and past a spoilt byte.

A byte that is no UTF-8 or a raw tab in one note must not cost the 500 calls of a page. What is cut
short never passes: whatever is mended, each bracket and quotation mark has to be closed.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

import msgspec

from tap_vcclive.api.errors import PassingFaultError

# A number with a fraction and its place in a list.
_BYTES_A_VALUE: Final = 112
# What an object takes beyond that, and a name in it that no other object has; as for the latter,
# colons in texts count as well, of which there are few.
_BYTES_AN_OBJECT: Final = 80
_BYTES_A_NAME: Final = 64
# The widest character of a text makes all of it as wide: four bytes beyond U+FFFF.
_CHARACTERS_OF_ESCAPE: Final = 5
# Looked for one by one: a pattern of all takes longer than the parsing.
_WIDE: Final = (*(bytes([first]) for first in range(0xF0, 0x100)), b"\\ud", b"\\uD")
# What some servers fill their last block with.
_FILLING: Final = "\0 \t\r\n"


class Parsed(NamedTuple):
    """A JSON value.

    Attributes:
        value: The value; numbers with a fraction are `Decimal`.
        mended: Whether characters stand in it for bytes that are none, or that JSON does not allow.
    """

    value: Any
    mended: bool


def weight_of(body: bytes) -> int:
    """Return about how many bytes a body takes once it is parsed: no fewer than it does."""
    characters, width = len(body), 1
    if not body.isascii() or b"\\u" in body:
        characters -= _CHARACTERS_OF_ESCAPE * body.count(b"\\u")
        width = 4 if any(begin in body for begin in _WIDE) else 2
    objects, names = body.count(b"{"), body.count(b":")
    values = body.count(b",") + body.count(b"[") + objects
    parts = _BYTES_A_VALUE * values + _BYTES_AN_OBJECT * objects + _BYTES_A_NAME * names
    return width * characters + parts


def parsed(body: bytes) -> Parsed:
    """Return the value of a body.

    Raises:
        PassingFaultError: When it is no JSON, or not all of it is there.
    """
    # The errors are passed over, not raised from: they hold on to the body.
    try:
        # A third of the time of the standard library, and the same values where it takes them.
        return Parsed(_decoder.decode(body), mended=False)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        # It also takes NaN, UTF-16, halves of characters, integers of any size.
        return Parsed(_value_of(body), mended=False)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        text = body.decode(json.detect_encoding(body), errors="replace")
        return Parsed(_value_of(text.rstrip(_FILLING), strict=False), mended=True)
    except (json.JSONDecodeError, RecursionError):
        pass
    raise PassingFaultError("an answer that is no JSON", is_answer=True)


def _value_of(text: bytes | str, *, strict: bool = True) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text, parse_float=_number, parse_constant=str, strict=strict)
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError:
        # Python refuses integers of thousands of digits; as Decimal they can be kept.
        return json.loads(
            text, parse_float=_number, parse_constant=str, parse_int=Decimal, strict=strict
        )


def _number(text: str) -> Decimal | str:
    """Return a number with a fraction or an exponent; as text if no decimal is that large."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


_decoder: Final = msgspec.json.Decoder(float_hook=_number)
