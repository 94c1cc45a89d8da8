"""Draws what a server may send as a CDR: the JSON as it writes it, and beside it what is meant.

What is meant is worked out from the parts and not read back from the JSON, so that the parser of
answers is part of what is tested. A number is meant as a `Decimal`, an integer too; numbers that
JSON does not know (`NaN`), and those that no `Decimal` is large enough for, as their text.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.documented import DOCUMENTED
from tests.values.nasty import NAMES, NUMBERS, TIMESTAMPS
from tests.values.nasty import TEXTS as TEXTS_TO_SEND
from tests.values.schema import INTEGERS, PROPERTIES, TEXTS, TWINS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T")

Meant = object
"""None, a bool, text, a Decimal, a list or a dict of these."""

MEGABYTE = 2**20
_LONE = re.compile("[\ud800-\udfff]")


class Sent(NamedTuple):
    """A value on its way.

    Attributes:
        json: The JSON that the server sends.
        meant: What it means.
    """

    json: str
    meant: Meant


Cdr = dict[str, Sent]
"""The fields of a CDR, other than its uuid, by name."""


def sent_text(text: str, style: str = "plain") -> Sent:
    """Return text as a server writes it.

    Args:
        text: The text; lone surrogates are always escaped, as UTF-8 has no place for them.
        style: `plain` UTF-8, `ascii` with escapes, or `php`, which escapes slashes as well.
    """
    text = joined(text)
    if style == "plain":
        written = json.dumps(text, ensure_ascii=False)
        return Sent(_LONE.sub(lambda lone: f"\\u{ord(lone[0]):04x}", written), text)
    written = json.dumps(text)
    return Sent(written.replace("/", "\\/") if style == "php" else written, text)


def joined(text: str) -> str:
    """Return a text in which two halves of a character that stand side by side are one."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def sent_number(number: str) -> Sent:
    """Return a number as a server writes it."""
    if number.lstrip("-") in {"NaN", "Infinity"}:
        return Sent(number, number)
    try:
        return Sent(number, Decimal(number))
    except InvalidOperation:
        return Sent(number, number)


def sent_list(items: Iterable[Sent]) -> Sent:
    """Return a list of values."""
    items = list(items)
    return Sent(f"[{', '.join(item.json for item in items)}]", [item.meant for item in items])


def sent_object(fields: Mapping[str, Sent], style: str = "plain") -> Sent:
    """Return an object of values, its names written in a style; see `sent_text`."""
    pairs = [(sent_text(name, style), value) for name, value in fields.items()]
    written = ", ".join(f"{name.json}: {value.json}" for name, value in pairs)
    return Sent(f"{{{written}}}", {str(name.meant): value.meant for name, value in pairs})


def meaning_of(cdr: Cdr) -> dict[str, Meant]:
    """Return what the fields of a CDR mean."""
    return {name: sent.meant for name, sent in cdr.items()}


def nested(value: Sent, depth: int) -> Sent:
    """Return a value inside of so many lists."""
    return Sent("[" * depth + value.json + "]" * depth, _nest(value.meant, depth))


def _nest(value: Meant, depth: int) -> Meant:
    for _ in range(depth):
        value = [value]
    return value


def body_of(response: Sent) -> bytes:
    """Return the body of an answer."""
    return f'{{"response": {response.json}, "errors": []}}'.encode()


CONSTANTS = [Sent("null", None), Sent("true", True), Sent("false", False)]  # noqa: FBT003 - JSON's

styles = st.sampled_from(["plain", "ascii", "php"])
_characters = st.characters() | st.sampled_from(
    ["\0", "\ud800", "\udfff", "\ud83d", "\u2028", "\u202e"]
)
texts = st.sampled_from(TEXTS_TO_SEND) | st.text(_characters, max_size=8)
names = (st.sampled_from(NAMES) | st.text(_characters, max_size=4)).map(joined)
numbers = st.sampled_from(NUMBERS) | st.from_regex(
    r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?", fullmatch=True
)
timestamps = st.sampled_from(TIMESTAMPS) | st.from_regex(
    r"[012][0-9]{3}-[01][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-5][0-9]:[0-5][0-9]"
    r"([.,][0-9]{1,10})?(Z|[+-][0-2][0-9](:?[0-5][0-9])?)?",
    fullmatch=True,
)
sent_numbers = numbers.map(sent_number)
sent_texts = st.builds(
    sent_text, texts | timestamps | st.integers(-(2**64), 2**64).map(str) | numbers, styles
)
scalars = st.sampled_from(CONSTANTS) | sent_numbers | sent_texts
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(sent_list)
        | st.builds(sent_object, st.dictionaries(names, inner, max_size=3), styles)
    ),
    max_leaves=5,
) | st.builds(nested, scalars, st.sampled_from([31, 32, 33, 100]))

# What a server sends that keeps to the documentation, and what it may send instead.
_clean: dict[str, st.SearchStrategy[Sent]] = {
    **dict.fromkeys(
        INTEGERS,
        (st.integers(-1, 9999) | st.sampled_from([2**63 - 1, 2**63, -(2**63), -(2**63) - 1]))
        .map(str)
        .map(sent_number),
    ),
    **dict.fromkeys(TEXTS, st.text(max_size=6).map(sent_text)),
    **dict.fromkeys(TWINS, timestamps.map(sent_text)),
    **dict.fromkeys(
        [twin.removesuffix("_utc") for twin in TWINS],
        st.builds(sent_text, timestamps, styles),
    ),
}
_declared = [name for name in PROPERTIES if name not in {"uuid", "additional_fields"}]
_any_fields = st.dictionaries(st.sampled_from(_declared) | names, values, max_size=8)
_always = ("source", "dc", "start_ts", "ringtime", "talktime")
_most_fields = st.fixed_dictionaries(
    {name: _clean[name] for name in _always},
    optional={name: _clean[name] for name in _declared if name not in _always},
)

cdrs: st.SearchStrategy[Cdr] = st.builds(
    lambda clean, others: {name: sent for name, sent in (clean | others).items() if name != "uuid"},
    st.just({}) | _most_fields,
    _any_fields,
)


def drawn(strategy: st.SearchStrategy[T], count: int) -> list[T]:
    """Return so many draws, or some fewer, always the same ones."""
    found: list[T] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(value: T) -> None:
        found.append(value)

    draw()
    return found


@cache
def nastiest() -> tuple[Cdr, ...]:
    """Return CDRs with each of the values above in a column of each kind, and in none."""
    places = (
        "ringtime",
        "dc",
        "next_contact",
        "billing_ts",
        "billing_ts_utc",
        "start_ts_utc",
        "new",
    )
    scalars = [
        *CONSTANTS,
        *map(sent_number, NUMBERS),
        *map(sent_text, (*TEXTS_TO_SEND, *TIMESTAMPS)),
    ]
    inner = sent_object(dict(zip(NAMES, scalars, strict=False)))
    cdrs_to_send: list[Cdr] = [
        *(dict.fromkeys(places, value) for value in scalars),
        *(dict.fromkeys(places, sent_list([value])) for value in scalars[:5]),
        *(dict.fromkeys(places, nested(inner, depth)) for depth in (0, 1, 30, 31, 32, 33, 100)),
        *({name: sent_text(name)} for name in NAMES),
        {name: sent_number(str(number)) for number, name in enumerate(NAMES)},
        dict.fromkeys(("ringtime", "dc"), sent_text("x" * MEGABYTE)),
        {"new": sent_text("é\0\ud800\U0010ffff" * (MEGABYTE // 8), "ascii")},
        {"x" * MEGABYTE: sent_number("1"), "x" * MEGABYTE + "\0": sent_number("2")},
        {f"new_{number}": value for number, value in enumerate(scalars)},
        {f"new_{number}": sent_number(str(number)) for number in range(1000)},
        {"\0" * number: sent_number(str(number)) for number in range(100)},
        {"new": sent_list([sent_number("1")] * 10_000)},
    ]
    return tuple(documented() | cdr for cdr in cdrs_to_send)


def documented() -> Cdr:
    """Return the documented CDR, less its uuid."""
    return {
        name: sent_text(value) if isinstance(value, str) else sent_number(str(value))
        for name, value in DOCUMENTED.items()
        if name != "uuid"
    }
