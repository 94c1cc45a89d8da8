"""Real answers that something is wrong with: bytes, rows, size, the envelope.

All that is not named here stays as it was. An answer that carries no call stays whole.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from vcclive_sandbox.envelope import CONTENT_TYPE, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOTE = "disposition_comment"
PADDING = "padding"

# Unpacked. The one wide character of a call's text makes it take four times as much, once parsed.
LARGE_CALL_BYTES = 4_000_000
LARGE_PAGE_BYTES = 7_990_000
PIECE_BYTES = 30_000
WIDE = "\N{TELEPHONE RECEIVER}"
FAT_NOTE_CHARACTERS = 28_000

_MARK = "\ue000"  # a character that no call has: what is spoilt stands in its place


def spoilt(name: str, whole: Response) -> Response:
    """Return an answer with something wrong, of `NAMES`."""
    return _SPOILERS[name](whole)


def _bare(whole: Response) -> Response:
    """Take the envelope off; a body without one, such as a plain 404, has none."""
    try:
        response = json.loads(bytes(whole.body))["response"]
    except ValueError:
        return whole
    return _with_body(whole, json.dumps(response).encode())


def _one_row(whole: Response) -> Response:
    """Cut a page short to its first row; a call alone stays whole."""
    envelope, rows = _parsed(whole)
    if not rows or not _is_page(envelope):
        return whole
    page = envelope["response"]
    numbered = isinstance(page["rows"], dict)
    page["rows"] = {min(page["rows"], key=int): rows[0]} if numbered else rows[:1]
    return _with_body(whole, encode(envelope).encode())


def _half_a_character(whole: Response) -> Response:
    """Cut a character in the middle, in the note of the first call."""
    return _with_bytes(whole, "ő".encode()[:1])


def _raw_tab(whole: Response) -> Response:
    """Leave a control character as it is, in the note of the first call."""
    return _with_bytes(whole, b"\t")


def _with_bytes(whole: Response, what: bytes) -> Response:
    envelope, rows = _parsed(whole)
    if not rows:
        return whole
    rows[0][NOTE] = f"{rows[0].get(NOTE) or ''} vissza{_MARK}"
    return _with_body(whole, encode(envelope).encode().replace(_MARK.encode(), what))


def _large(whole: Response) -> Response:
    """Make it very large, a call by a text, a page by empty lists; gzipped."""
    envelope, rows = _parsed(whole)
    if not rows:
        return whole
    rows[0][PADDING] = _MARK
    before, _, after = encode(envelope).encode().partition(f'"{_MARK}"'.encode())
    if _is_page(envelope):
        size, begin, filling, end = LARGE_PAGE_BYTES, "[", "[],", "[]]"
    else:
        size, begin, filling, end = LARGE_CALL_BYTES, '"', "x", f'{WIDE}"'
    before, after = before + begin.encode(), end.encode() + after
    pieces = (size - len(before) - len(after)) // PIECE_BYTES
    packed = gzip.compress(before) + _piece(filling) * pieces + gzip.compress(after)
    return _with_body(whole, packed, {"Content-Encoding": "gzip"})


@cache
def _piece(filling: str) -> bytes:
    """Return a piece of a gzipped body."""
    return gzip.compress(filling.encode() * (PIECE_BYTES // len(filling)))


def _fat(whole: Response) -> Response:
    """Give each call a note of 28,000 characters."""
    envelope, rows = _parsed(whole)
    if not rows:
        return whole
    for row in rows:
        note = f"{row.get(NOTE) or 'visszahívást kér'}; "
        row[NOTE] = (note * FAT_NOTE_CHARACTERS)[:FAT_NOTE_CHARACTERS]
    return _with_body(whole, encode(envelope).encode())


def _parsed(whole: Response) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return an answer, and those parts of it that are calls: none when it carries none."""
    try:
        envelope = json.loads(bytes(whole.body))
    except ValueError:
        return {}, []
    response = envelope["response"]
    if isinstance(response, dict) and "rows" in response:
        response = response["rows"]
        response = list(response.values()) if isinstance(response, dict) else response
    calls = response if isinstance(response, list) else [response]
    return envelope, [call for call in calls if call]


def _is_page(envelope: Mapping[str, Any]) -> bool:
    return isinstance(envelope["response"], dict) and "rows" in envelope["response"]


def _with_body(whole: Response, body: bytes, headers: Mapping[str, str] | None = None) -> Response:
    return Response(body, whole.status_code, headers, CONTENT_TYPE)


_SPOILERS: Mapping[str, Callable[[Response], Response]] = {
    "bare": _bare,
    "one-row": _one_row,
    "bad-byte": _half_a_character,
    "raw-tab": _raw_tab,
    "large": _large,
    "fat": _fat,
}
NAMES = frozenset(_SPOILERS)
