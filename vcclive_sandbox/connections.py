"""Faults of a connection: it breaks, goes silent, is refused, or meets another certificate."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

TRANSPORT = "transport"
"""Key of the connection's transport in a request's state."""

OUTAGES = "outages"
"""Key of the server's `Outages` in a request's state."""


class Outages(Protocol):
    """What a server can do to those who connect to it."""

    def refuse(self, seconds: float | None) -> None:
        """Break all connections and refuse new ones, for some seconds or, with None, for good."""

    def show_another_certificate(self, seconds: float | None) -> None:
        """Meet new connections with the certificate of another CA, for as long."""


async def drop(scope: Scope, receive: Receive) -> None:
    """Break the connection instead of answering."""
    transport_of(scope).abort()
    await gone(receive)


async def refuse(scope: Scope, receive: Receive, seconds: float | None) -> None:
    """Break all connections, and refuse new ones for a time."""
    outages: Outages = scope["state"][OUTAGES]
    outages.refuse(seconds)
    await gone(receive)


async def show_another_certificate(scope: Scope, receive: Receive, seconds: float | None) -> None:
    """Break the connection, and show new ones a certificate of another CA for a time."""
    outages: Outages = scope["state"][OUTAGES]
    outages.show_another_certificate(seconds)
    await drop(scope, receive)


async def half(scope: Scope, receive: Receive, send: Send, whole: Response) -> None:
    """Announce a whole answer, send half of it, and close the connection."""
    await _begin(send, whole)
    transport_of(scope).close()
    await gone(receive)


async def stall(
    scope: Scope, receive: Receive, send: Send, whole: Response, seconds: float
) -> None:
    """Announce a whole answer, send half of it, and break the connection after a silence."""
    await _begin(send, whole)
    with suppress(TimeoutError):
        await asyncio.wait_for(gone(receive), seconds)
    await drop(scope, receive)


async def gone(receive: Receive) -> None:
    """Wait until the server has noticed: it takes a return before that for an error."""
    while (await receive())["type"] != "http.disconnect":
        pass


def transport_of(scope: Scope) -> Any:  # noqa: ANN401 - any transport of asyncio
    """Return the connection that a request came by."""
    return scope["state"][TRANSPORT]


async def _begin(send: Send, whole: Response) -> None:
    """Send the headers of an answer and half of its body."""
    await send(
        {
            "type": "http.response.start",
            "status": whole.status_code,
            "headers": whole.raw_headers,
        }
    )
    body = bytes(whole.body)[: len(whole.body) // 2]
    await send({"type": "http.response.body", "body": body, "more_body": True})
