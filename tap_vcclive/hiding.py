"""Hides in a text what must not be read there: a secret in any form, users and queries of URLs.

Servers repeat what they were sent as they please: as JSON, in a URL, in base64 together with the
user's name, in capitals, or as UTF-8 that they took for Latin-1. So a secret is looked for
character by character, each in any of the ways in which it can be written.
"""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MARK: Final = "…"
"""What stands in the place of what is hidden."""

# Of a longer secret its beginning is looked for, and all behind it up to a space is hidden with it:
# a pattern takes a thousand times as much as what it finds.
_LONGEST: Final = 128
_MOST_PATTERNS: Final = 128
# Shorter pieces of base64 stand in ordinary words.
_SHORTEST_BASE64: Final = 6
_OF_BASE64: Final = re.compile(r"(?:[a-z0-9_+/=-]|%2[bf]|%3d)*", re.IGNORECASE)
_CREDENTIALS: Final = re.compile(
    r"\b(basic|bearer)((?:\s|\+|:|=|%20|\\[nrt])+)[^\s\"',;]+", re.IGNORECASE
)
# All before the last @ can be a user with a password, as passwords hold any character.
_URL: Final = re.compile(r"([a-z][a-z0-9+.-]*://)(?:\S*@)?([^\s?#]*)([?#]\S*)?", re.IGNORECASE)


def hidden(text: str, secrets: Iterable[str]) -> str:
    """Return a text without secrets, whatever stands behind "Basic", and what URLs carry.

    Args:
        text: Any text.
        secrets: What must not be read in it, in any form or case.
    """
    # One can begin with another, of which only the rest would be left to see.
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = _without(secret, text)
    return without_url_secrets(_CREDENTIALS.sub(rf"\1\2{MARK}", text))


def without_url_secrets(text: str) -> str:
    """Return a text whose URLs have neither a user nor a query nor a fragment."""
    return _URL.sub(r"\1\2", text)


def _without(secret: str, text: str) -> str:
    """Return a text without a secret."""
    kept, end = [], 0
    for found in _pattern_of(secret).finditer(text):
        if found.start() >= end:
            start, after = found.span()
            if found.lastgroup:
                # The ends of the secret are in the characters beside it.
                start = _start_of_base64(text, start, end)
                after = _OF_BASE64.match(text, after).end()  # type: ignore[union-attr] # it matches nothing, too
            kept += [text[end:start], MARK]
            end = after
    return "".join([*kept, text[end:]])


def _start_of_base64(text: str, start: int, least: int) -> int:
    """Return where a piece of base64 begins that goes on at a place of a text."""
    while start > least and (text[start - 1].isalnum() or text[start - 1] in "_+/=-%"):
        start -= 1
    return start


@lru_cache(_MOST_PATTERNS)
def _pattern_of(secret: str) -> re.Pattern[str]:
    """Return what finds a secret as it is and in base64, in any case."""
    rest = r"\S*" if len(secret) > _LONGEST else ""
    secret = secret[:_LONGEST]
    cores = [*dict.fromkeys(_base64_of(secret))]
    ways = [_any_form_of(secret) + rest]
    if cores:
        ways.insert(0, f"(?P<base64>{'|'.join(map(_any_form_of, cores))})")
    # Most places of a text are passed over at their first character.
    begins = {char for text in (secret, *cores) for char in _beginnings_of(text[0])}
    return re.compile(
        f"(?=[{re.escape(''.join(sorted(begins)))}])(?:{'|'.join(ways)})", re.IGNORECASE
    )


def _beginnings_of(char: str) -> Iterator[str]:
    """Yield the characters with which the ways begin in which a character can be written."""
    yield from "\\%&+?\ufffd"
    misread = (data.decode("latin-1")[0] for data in _bytes_of(char))
    for one in (char, char.upper(), char.lower(), unicodedata.normalize("NFD", char), *misread):
        yield from one[:1]
    yield from (data.decode("cp1252", "replace")[0] for data in _bytes_of(char))


def _base64_of(secret: str) -> Iterator[str]:
    """Yield what of a secret in base64 does not depend on what stands beside it."""
    for data in _bytes_of(secret):
        for before in range(3):
            encoded = base64.b64encode(bytes(before) + data).decode().rstrip("=")
            core = encoded[before + 1 if before else 0 : -1]
            if len(core) >= _SHORTEST_BASE64:
                yield core
                yield core.replace("+", "-").replace("/", "_")


def _any_form_of(text: str) -> str:
    """Return a pattern that finds a text however its characters are written."""
    return "".join(
        "".join(map(_char, run)) if is_ascii else f"(?:{''.join(map(_char, run))}|{_lost(run)})"
        for is_ascii, run in ((key, [*chars]) for key, chars in groupby(text, str.isascii))
    )


def _lost(run: Sequence[str]) -> str:
    """Return a pattern of characters that one server could not write or another not read."""
    return f"[?\ufffd]{{1,{4 * len(run)}}}"


@lru_cache(4096)
def _char(char: str) -> str:
    """Return a pattern of the ways in which a character can be written.

    The first that fits is taken and no other tried: on a text that does not match in the end, all
    ways of all characters would take forever.
    """
    ways = _escaped(char)
    for data in _bytes_of(char):
        # A % can itself be escaped, and that again.
        ways.append("".join(f"%(?:25)*{byte:02x}" for byte in data))
        if not char.isascii():
            ways.append("".join(rf"\\+x{byte:02x}" for byte in data))
            misread = {data.decode(encoding, "replace") for encoding in ("latin-1", "cp1252")}
            ways += ["".join(map(_misread, text)) for text in sorted(misread)]
    others = [char.upper(), char.lower(), unicodedata.normalize("NFD", char), char]
    ways += [rf"\\*{re.escape(one)}" for one in dict.fromkeys(others)]
    if char == " ":
        ways.append(r"\+")
    # Those that begin another's form are themselves and no such form in some keys.
    kind = ":" if char in "%&\\" else ">"
    return f"(?{kind}{'|'.join(ways)})"


def _misread(char: str) -> str:
    return f"(?>{'|'.join([*_escaped(char), re.escape(char)])})"


def _escaped(char: str) -> list[str]:
    """Return the patterns of a character in JSON and in HTML, where they are not as it is."""
    in_html = html.escape(char)
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return [
        "".join(rf"\\+u{units[at : at + 4]}" for at in range(0, len(units), 4)),
        rf"&#0*{ord(char)};",
        f"&#x0*{ord(char):x};",
        *([in_html] if in_html != char else []),
    ]


def _bytes_of(text: str) -> Iterator[bytes]:
    """Yield the bytes that a text can have on its way."""
    yield text.encode("utf-8", "surrogatepass")
    if not text.isascii():
        yield text.encode("latin-1", "replace")
