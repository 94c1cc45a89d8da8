"""What VCC Live itself says is wrong, as one short line of plain words.

An entry of `errors` is documented once, as an object with a code and a message. What else it can
be is not known, so anything is accepted there.
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from tap_vcclive.api.errors import PassingFaultError
from tap_vcclive.api.parsing import parsed
from tap_vcclive.api.plain_words import plain, plain_code
from tap_vcclive.hiding import hidden

if TYPE_CHECKING:
    from collections.abc import Iterable

NO_MESSAGE: Final = "(an error without a message)"
NOT_SHOWN: Final = "(a message that is not shown)"
"""In place of one that has hardly any plain words."""

# The names of an entry's members, without case and hyphens. Of others nothing is shown: they can
# hold anything.
_CODES: Final = ("errorcode", "code")
_MESSAGES: Final = ("errormessage", "message", "error", "text")

_LONGEST: Final = 200
_MOST_ENTRIES: Final = 10
_DEEPEST: Final = 4
# Of a longer one only the beginning is looked at.
_LONGEST_MESSAGE: Final = 2000


class _Said(NamedTuple):
    """The parts of what an entry says; each is empty when there is none."""

    code: str = ""
    message: str = ""


def sentence_of(errors: object, secrets: Iterable[str] = ()) -> str:
    """Return what `errors` that are not empty say, never an empty text.

    Args:
        errors: Any JSON value; of several entries the first that has a message is shown.
        secrets: What must not stand in it, in any form.
    """
    said = _said_by(errors)
    code, message = (_without(secrets, part) for part in said)
    shown = plain(message) or (NOT_SHOWN if message else "")
    # Each by itself: a code and the digits of a sentence are not one number.
    return ": ".join(filter(None, (plain_code(code), shown)))[:_LONGEST] or NO_MESSAGE


def sentence_in(body: bytes | None, secrets: Iterable[str] = ()) -> str | None:
    """Return the sentence in the body of an answer whose status is no good one, or None.

    Args:
        body: The body, with the envelope or without; None when there is too much of it.
        secrets: What must not stand in the sentence.
    """
    try:
        value = parsed(body).value if body else None
    except PassingFaultError:
        return None
    if not isinstance(value, dict):
        return None
    if errors := value.get("errors"):
        return sentence_of(errors, secrets)
    sentence = sentence_of(value, secrets)
    return None if sentence == NO_MESSAGE else sentence


def _said_by(errors: object, depth: int = 0) -> _Said:
    """Return what a value says; of nested ones, too."""
    if isinstance(errors, str):
        return _Said(message=errors)
    if isinstance(errors, int | Decimal) and not isinstance(errors, bool):
        return _Said(code=str(errors))
    if depth < _DEEPEST and isinstance(errors, list):
        return _first_of(errors, depth)
    if depth < _DEEPEST and isinstance(errors, dict):
        # PHP writes a list that lacks an entry as an object.
        is_list = all(isinstance(key, str) and key.isdecimal() for key in errors)
        return _first_of(errors.values(), depth) if is_list else _said_by_entry(errors, depth)
    return _Said()


def _first_of(entries: Iterable[object], depth: int) -> _Said:
    """Return what the first entry that has a message says, or else the first that has a code."""
    said = [_said_by(entry, depth + 1) for entry in islice(entries, _MOST_ENTRIES)]
    with_message = (one for one in said if one.message.strip())
    with_code = (one for one in said if one.code)
    return next(with_message, None) or next(with_code, _Said())


def _said_by_entry(entry: dict[str, object], depth: int) -> _Said:
    """Return the code and the message of an entry."""
    members = {re.sub(r"[\W_]", "", name).casefold(): value for name, value in entry.items()}
    messages = _first_of([members.get(name) for name in _MESSAGES], depth)
    codes = _first_of([members.get(name) for name in _CODES], depth)
    # A code can be a word.
    return _Said(codes.code or codes.message or messages.code, messages.message)


def _without(secrets: Iterable[str], text: str) -> str:
    """Return the beginning of a text in one line, without secrets."""
    text = hidden(text[:_LONGEST_MESSAGE], secrets)
    return "".join(char if char.isprintable() else " " for char in text).strip()
