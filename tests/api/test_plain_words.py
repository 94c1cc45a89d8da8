"""What of a sentence of VCC Live is shown: nothing that can be a name, a number or an address."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.api import plain_words
from tap_vcclive.api.plain_words import plain, plain_code
from tests.soak import FACTOR

WORDS = plain_words._WORDS  # noqa: SLF001 - the list that the promise is about


@pytest.mark.parametrize(
    "text",
    [
        "API key is not valid",
        "Resource not allowed",
        "Not registered",
        "year must be after 2014",
        "error.missing_arguments",
        "InvalidArgumentException: the month (13) is out of range.",
        "This key may not read this resource.",
        "Something went wrong.",
        "Authentication failed.",
        "Too many requests, please try again later!",
        "Code 404: call not found (try 3)",
    ],
)
def test_what_services_say_is_shown_as_it_is(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Kovács-Marker János anna@example.com has no call", "… has no call"),
        ("no call of Page, Will May", "no call of …"),
        ("Will has no call", "… has no call"),
        ("the user Key-Page is unknown", "the user … is unknown"),
        ("key 'not a valid key' is not valid", "key … is not valid"),
        ("key “not valid” is not known: „key”", "key … is not known: …"),
        ("it doesn't exist", "it doesn't exist"),
        ("no call in {'source': 'no call'} found", "no call in … found"),
        ("number 30 is not in 1-30, 12 34", "number … is not in …"),
        ("number ٣٦ is unknown", "number … is unknown"),
        ("error.call_of_janos is unknown", "… is unknown"),
        ("see https://host/call?key=call or /call", "see … or /call"),
        ("SELECT * FROM cdr WHERE note='NOTEMARKER'", "… FROM cdr …"),
        ("SELECT * FROM notes WHERE note='NOTEMARKER'", ""),
        ("Érvénytelen kulcs", ""),
    ],
)
def test_of_other_texts_only_the_plain_words(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("417", "417"),
        ("E1001", "E1001"),
        ("1.5", "1.5"),
        ("error.gone", "error.gone"),
        ("ERR_INVALID_KEY", "ERR_INVALID_KEY"),
        ("36301234567", ""),
        ("János", ""),
    ],
)
def test_a_code_is_a_short_number_or_plain_words(code: str, shown: str) -> None:
    assert plain_code(code) == shown


words = st.sampled_from(["call", "Key", "may", "10", "János", "a@b.hu", "'", "[", ".", "_", "-"])


@given(st.text(max_size=60) | st.lists(words | st.text(max_size=5)).map(" ".join))
@settings(max_examples=100 * FACTOR, deadline=None)
def test_whatever_a_text_is_only_words_of_the_list_are_shown(text: str) -> None:
    shown = plain(text)
    parts = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", re.sub("([a-z])(?=[A-Z])", r"\1 ", shown))
    assert {part.lower() for part in parts} <= WORDS
    assert sum(map(str.isdigit, shown)) <= 4
