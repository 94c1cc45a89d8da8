"""Finds what must not leave: the API key, and what is personal outside of records, in any form.

That is phone numbers, names, notes and e-mail addresses: those of the sandbox, those that a server
of a test has sent, and those of the records that a run has written.

Every output of the tap that a test sees goes past this: see `runs.Run`, the hook of `conftest`, and
the Meltano of the tests of the whole way.
"""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from vcclive_sandbox import centre, users
from vcclive_sandbox.server import Options, Variants

if TYPE_CHECKING:
    from collections.abc import Iterable

KEYS: Final = (Options().api_key, "s3cret-ключ")
"""The keys that the tests use."""

# The numbers of the sandbox, however they are grouped; not as a part of a uuid, a digest or a time.
_PHONE_NUMBER: Final = re.compile(r"(?<![\w.:-])\+?36(?:[ /-]?\d){8,9}(?![\w:-])")
# A uuid of version 1 or 4 can end in digits only.
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RECORD: Final = re.compile(r'^\{"type":"RECORD".*$', re.MULTILINE)
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}")
_ESCAPED: Final = re.compile(r"\\+u([0-9a-f]{4})", re.IGNORECASE)
_MISREAD: Final = re.compile("[\x80-\xff]{2,}")

_PERSONAL_FIELDS: Final = (
    "userfullname",
    "username",
    "name",
    "disposition_comment",
    "agent_description",
)
_SENT: Final = re.compile(rf'"(?:{"|".join(_PERSONAL_FIELDS)})": ?"((?:[^"\\]|\\.)*)"')
_MOST_OF_A_BODY: Final = 100_000


def _is_telling(text: str) -> bool:
    """Return whether a name or a note could not stand anywhere; that of one word could."""
    return len(text) > 7 and len(re.findall(r"\w+", text)) > 1


_PERSONAL: Final = {
    *(text for agent in centre.AGENTS for text in (agent.name, agent.username)),
    *(user["name"] for user in users.rows(Variants())),
    *(note for one in centre.ANSWERED for note in one.comments if note),
}
"""Names and notes that no output of a test may hold; those that its servers send join them."""


def note_sent(body: bytes) -> None:
    """Remember the names and notes in what a server of a test sends."""
    found = _SENT.findall(body[:_MOST_OF_A_BODY].decode("utf-8", "replace"))
    _PERSONAL.update(filter(_is_telling, map(_plain, found)))


class LeakError(AssertionError):
    """Something stands where it must not."""


def check(text: str, personal: Iterable[str] = ()) -> None:
    """Look at what is no record: a log, a state, an error, a page of help.

    Args:
        text: All of it.
        personal: Phone numbers, names and notes of the calls that were loaded.

    Raises:
        LeakError: When there is a key in it, or something personal.
    """
    for view in {text, _plain(text), _plain(_plain(text))}:
        folded = view.casefold()
        for form in _forms_of_keys():
            if form in folded:
                # Shown without it: this message is looked through as well.
                place, shown = folded.index(form), folded.replace(form, "(here)")
                raise LeakError(f"a key of the tests stands there: {_around(shown, place)}")
        if found := _EMAIL.search(view):
            raise LeakError(f"an e-mail address stands there: {_around(view, found.start())}")
        without_uuids = _UUID.sub("", view)
        if found := _PHONE_NUMBER.search(without_uuids):
            raise LeakError(f"a phone number stands there: {_around(without_uuids, found.start())}")
        for one in {*personal, *_PERSONAL}:
            if one.casefold() in folded:
                place = folded.index(one.casefold())
                raise LeakError(f"something personal stands there: {_around(folded, place)}")


def _plain(text: str) -> str:
    """Return a text as it was before a URL, JSON, or a reader who took it for Latin-1."""
    text = _ESCAPED.sub(lambda one: chr(int(one[1], 16)), unquote_plus(text))
    return _MISREAD.sub(lambda run: run[0].encode("latin-1").decode("utf-8", "ignore"), text)


def check_messages(messages: Iterable[dict[str, Any]]) -> set[str]:
    """Look at Singer messages but at the records; return what is personal in these.

    Raises:
        LeakError: When there is a key or something personal in one.
    """
    personal: set[str] = set()
    others = []
    for message in messages:
        if message.get("type") == "RECORD":
            personal |= _personal_in(message["record"])
        else:
            others.append(message)
    check(json.dumps(others, ensure_ascii=False), personal)
    return personal


def check_output(output: str) -> None:
    """Look at an output that can hold Singer messages beside other lines; records are passed over.

    Raises:
        LeakError: When there is a key or something personal in anything else.
    """
    check(_RECORD.sub("", output))


def _personal_in(record: dict[str, Any]) -> set[str]:
    """Return the numbers, the name and the note of a record; what is short could stand anywhere."""
    values = (str(record.get(name)) for name in ("source", "destination"))
    numbers = {value for value in values if len(value) > 7 and value.isdigit() and value.strip("0")}
    texts = (str(record.get(name)) for name in _PERSONAL_FIELDS)
    return numbers | set(filter(_is_telling, texts))


@cache
def _forms_of_keys() -> tuple[str, ...]:
    """Return the keys as they are and in base64, wherever they begin there, without case."""
    forms = set()
    for key in KEYS:
        forms.add(key.casefold())
        for before in range(3):
            encoded = base64.b64encode(b"x" * before + key.encode()).decode().rstrip("=")
            # The first and the last character depend on what stands beside the key.
            forms.add(encoded[before + 1 if before else 0 : -1].casefold())
    return tuple(forms)


def _around(text: str, place: int) -> str:
    return repr(text[max(place - 60, 0) : place + 60])
