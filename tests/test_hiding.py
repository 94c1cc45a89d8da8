"""What is hidden in a text: a secret in any form and case, and what URLs carry."""

from __future__ import annotations

import base64
import html
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.hiding import hidden
from tests.soak import FACTOR

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = [
    "s3cr3tKEY-9917-äß",
    's3cret-ключ/+"=',
    "plain-key-of-letters",
    "täglich 😀 neu",
    "100%25&amp;<é\\\\n>",
]


def in_base64(before: str, key: str, encoding: str = "utf-8") -> str:
    """Return a key behind a text in base64."""
    return base64.b64encode((before + key).encode(encoding, "replace")).decode()


FORMS: list[Callable[[str], str]] = [
    str,
    str.upper,
    str.casefold,
    json.dumps,
    lambda key: json.dumps(json.dumps(key)),
    lambda key: json.dumps(key).replace("/", "\\/"),
    lambda key: quote(key, safe=""),
    lambda key: quote(key, safe="").lower(),
    lambda key: quote(quote(key)),
    quote_plus,
    html.escape,
    lambda key: "".join(f"&#{ord(char)};" for char in key),
    lambda key: repr(key.encode()),
    lambda key: key.encode().decode("latin-1"),
    lambda key: key.encode().decode("cp1252", "replace"),
    lambda key: json.dumps(key.encode().decode("latin-1")),
    lambda key: key.encode("latin-1", "replace").decode("utf-8", "replace"),
    lambda key: in_base64("", key),
    *(lambda key, n=n: in_base64("a" * n + ":", key) for n in range(1, 7)),
    lambda key: in_base64("acmeco:", key).upper(),
    lambda key: quote(in_base64("ac:", key), safe=""),
    lambda key: json.dumps(in_base64("a:", key)).replace("/", "\\/"),
    lambda key: base64.urlsafe_b64encode(f"acme:{key}".encode()).decode(),
    lambda key: in_base64("acme:", key, "latin-1"),
]


@pytest.mark.parametrize("key", KEYS)
def test_a_secret_is_hidden_in_every_form(key: str) -> None:
    for number, form in enumerate(FORMS):
        text = f"before <{form(key)}> after"
        clean = hidden(text, [key])
        assert "…" in clean, number
        # Not a piece of it is left, at either end.
        assert set(clean.removeprefix("before <").removesuffix("> after")) <= set("…\"'b{}\\="), (
            number
        )


def test_of_two_secrets_that_begin_alike_nothing_is_left() -> None:
    for secrets in (["s3cretkey", "s3cretkey-of-a-seed"], ["s3cretkey-of-a-seed", "s3cretkey"]):
        assert hidden("s3cretkey-of-a-seed and s3cretkey", secrets) == "… and …"


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=8, max_size=20),
    st.text("abc", max_size=5),
)
@settings(max_examples=15 * FACTOR, deadline=None)
def test_whatever_the_key_is_it_is_hidden_in_base64(key: str, customer: str) -> None:
    encoded = in_base64(f"{customer}:", key)
    assert encoded[-8:-4] not in hidden(f"<{encoded}>", [key])


@pytest.mark.parametrize("form", [str, json.dumps, lambda key: in_base64("acmeco:", key)])
def test_a_long_secret_is_hidden_to_its_end(form: Callable[[str], str]) -> None:
    """In a pattern of all of it, a megabyte would take all memory."""
    key = "long-secret-" * 100_000 + "END"
    text = hidden(f"refused {form(key)} today", [key])
    assert text.startswith("refused ")
    assert text.endswith(" today")
    assert "secret" not in text
    assert len(text) < 30


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("sent Basic YWNtZTpr, so", "sent Basic …, so"),
        ("{'authorization': 'basic YWNtZTpr'}", "{'authorization': 'basic …'}"),
        ("Authorization=Basic%20YWNtZTpr", "Authorization=Basic%20…"),
        ("Bearer: abc", "Bearer: …"),
        ("https://user:pw@host/list.csv?sig=x#y, and", "https://host/list.csv and"),
        ("HTTPS://host/a?sig=x", "HTTPS://host/a"),
        ("simplecache::https://host/a?sig=x", "simplecache::https://host/a"),
        ("az://c/a.csv?sig=x", "az://c/a.csv"),
        ("sftp://u:p?#@/w@host", "sftp://host"),
        ("see /cdrs/2026/11?start=0&num=500", "see /cdrs/2026/11?start=0&num=500"),
        ("nothing of the kind", "nothing of the kind"),
    ],
)
def test_credentials_and_what_urls_carry_are_hidden(text: str, clean: str) -> None:
    assert hidden(text, []) == clean
