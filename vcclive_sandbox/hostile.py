"""Answers made to wear a client out: without end, or far larger or deeper than any real one.

They are sent piece by piece, as fast as the client reads, so that they cost the sandbox little; and
they end when the client goes away.
"""

from __future__ import annotations

import asyncio
import gzip
from functools import cache
from itertools import chain, repeat
from typing import TYPE_CHECKING

from vcclive_sandbox.connections import gone, transport_of
from vcclive_sandbox.envelope import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.types import Receive, Scope, Send
    from uvicorn.protocols.http.flow_control import FlowControl

PIECE = b"x" * 65_536
DRIP_SECONDS = 0.2
DEPTH = 100_000
ERRORS = 1_000_000
LINES_A_PIECE = 1_000

STATUS_LINE = b"HTTP/1.1 200 OK\r\n"
BEGINNING = b'{"response":{"uuid":"'
END = b'"},"errors":[]}'

# gzip makes a thousandth of it at best, so that a gigabyte is a megabyte on its way.
BOMB_PIECE = 8 * 1024 * 1024
BOMB_PIECES = 129


async def answer(name: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request with the hostile answer of a name, of `NAMES`."""
    if name in _HEADERS:
        await _send_headers(scope, _HEADERS[name](), DRIP_SECONDS if name.startswith("drip") else 0)
    else:
        encoding = {"Content-Encoding": "gzip"} if name == "bomb" else {}
        await _send_start(send, {"Content-Type": CONTENT_TYPE, **encoding})
        pause = DRIP_SECONDS if name == "drip" else 0
        await _send_body(scope, send, _BODIES[name](), pause)
        await send({"type": "http.response.body", "body": b""})
    await gone(receive)


async def _send_start(send: Send, headers: Mapping[str, str]) -> None:
    """Send headers that do not say how long the body is."""
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 200, "headers": raw})


async def _send_body(scope: Scope, send: Send, pieces: Iterable[bytes], pause: float) -> None:
    """Send pieces of a body for as long as the client is there."""
    transport = transport_of(scope)
    for piece in pieces:
        if transport.is_closing():
            return
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(pause)  # with 0, too: the other requests want a turn


async def _send_headers(scope: Scope, pieces: Iterable[bytes], pause: float) -> None:
    """Send pieces of headers for as long as the client is there, past what HTTP servers allow."""
    transport = transport_of(scope)
    flow: FlowControl = transport.get_protocol().flow
    for piece in pieces:
        if transport.is_closing():
            return
        transport.write(piece)
        if flow.write_paused:
            await flow.drain()
        await asyncio.sleep(pause)


def _endless() -> Iterable[bytes]:
    return chain([BEGINNING], repeat(PIECE))


def _drip() -> Iterable[bytes]:
    return chain([BEGINNING], repeat(b"x"))


def _bomb() -> Iterable[bytes]:
    """Return a whole answer with a uuid of more than a gigabyte, gzipped."""
    yield gzip.compress(BEGINNING)
    yield from repeat(_bomb_piece(), BOMB_PIECES)
    yield gzip.compress(END)


@cache
def _bomb_piece() -> bytes:
    return gzip.compress(b"x" * BOMB_PIECE)


def _deep() -> Iterable[bytes]:
    return (b'{"response":', b"[" * DEPTH, b"]" * DEPTH, b',"errors":[]}')


def _many_errors() -> Iterable[bytes]:
    """Return a whole answer with an `errors` list of a million lines."""
    yield b'{"response":null,"errors":[\n'
    yield from repeat(b'"Something went wrong.",\n' * LINES_A_PIECE, ERRORS // LINES_A_PIECE)
    yield b'"That is all."]}'


def _endless_headers() -> Iterable[bytes]:
    lines = "".join(f"X-Header-{number}: {number}\r\n" for number in range(LINES_A_PIECE)).encode()
    return chain([STATUS_LINE], repeat(lines))


def _drip_headers() -> Iterable[bytes]:
    return chain([STATUS_LINE, b"X-Header: "], repeat(b"x"))


_BODIES: Mapping[str, Callable[[], Iterable[bytes]]] = {
    "endless": _endless,
    "drip": _drip,
    "bomb": _bomb,
    "deep": _deep,
    "many-errors": _many_errors,
}
_HEADERS: Mapping[str, Callable[[], Iterable[bytes]]] = {
    "headers": _endless_headers,
    "drip-headers": _drip_headers,
}
NAMES = frozenset({*_BODIES, *_HEADERS})
