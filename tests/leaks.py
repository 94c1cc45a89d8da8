"""Finds what must not leave: the API key in any form, and phone numbers outside of records.

Every output of the tap that a test sees goes past this: see `runs.Run`, the hook of `conftest`, and
the Meltano of the tests of the whole way.
"""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, quote_plus

from vcclive_sandbox.server import Options

if TYPE_CHECKING:
    from collections.abc import Iterable

KEYS: Final = (Options().api_key, "s3cret-ключ")
"""The keys that the tests use."""

# The numbers of the sandbox, however they are grouped; not as a part of a uuid, a digest or a time.
_PHONE_NUMBER: Final = re.compile(r"(?<![\w.:-])\+?36(?:[ /-]?\d){8,9}(?![\w:-])")
# A uuid of version 1 or 4 can end in digits only.
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RECORD: Final = re.compile(r'^\{"type":"RECORD".*$', re.MULTILINE)


class LeakError(AssertionError):
    """Something stands where it must not."""


def check(text: str, numbers: Iterable[str] = ()) -> None:
    """Look at what is no record: a log, a state, an error, a page of help.

    Args:
        text: All of it.
        numbers: Phone numbers of the calls that were loaded.

    Raises:
        LeakError: When there is a key or a phone number in it.
    """
    for form in _forms_of_keys():
        if form in text:
            # Shown without it: this message is looked through as well.
            place, shown = text.index(form), text.replace(form, "(here)")
            raise LeakError(f"a key of the tests stands there: {_around(shown, place)}")
    text = _UUID.sub("", text)
    if found := _PHONE_NUMBER.search(text):
        raise LeakError(f"a phone number stands there: {_around(text, found.start())}")
    for number in numbers:
        if number in text:
            raise LeakError(f"a phone number stands there: {_around(text, text.index(number))}")


def check_messages(messages: Iterable[dict[str, Any]]) -> set[str]:
    """Look at Singer messages but at the records; return the phone numbers of these.

    Raises:
        LeakError: When there is a key or a phone number in one.
    """
    numbers: set[str] = set()
    others = []
    for message in messages:
        if message.get("type") == "RECORD":
            numbers |= _numbers_of(message["record"])
        else:
            others.append(message)
    check(json.dumps(others, ensure_ascii=False), numbers)
    return numbers


def check_output(output: str) -> None:
    """Look at an output that can hold Singer messages beside other lines; records are passed over.

    Raises:
        LeakError: When there is a key or a phone number in anything else.
    """
    check(_RECORD.sub("", output))


def _numbers_of(record: dict[str, Any]) -> set[str]:
    """Return the phone numbers of a record; what is too short to be one could stand anywhere."""
    values = (str(record.get(name)) for name in ("source", "destination"))
    return {value for value in values if len(value) > 7 and value.isdigit() and value.strip("0")}


@cache
def _forms_of_keys() -> tuple[str, ...]:
    """Return the keys as they are, in a URL, in JSON and in base64, wherever they begin there."""
    forms = set()
    for key in KEYS:
        forms |= {key, quote(key, safe=""), quote_plus(key), json.dumps(key)[1:-1]}
        for before in range(3):
            encoded = base64.b64encode(b"x" * before + key.encode()).decode().rstrip("=")
            # The first and the last character depend on what stands beside the key.
            forms.add(encoded[before + 1 if before else 0 : -1])
    return tuple(forms)


def _around(text: str, place: int) -> str:
    return repr(text[max(place - 60, 0) : place + 60])
