"""Answers a request with a fault: what is spoilt about the answer, or who spoils the rest."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from vcclive_sandbox import connections, hostile, spoilt
from vcclive_sandbox.absences import absence
from vcclive_sandbox.echo import echo
from vcclive_sandbox.envelope import CONTENT_TYPE, answer, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from vcclive_sandbox.options import Options
    from vcclive_sandbox.plan import Fault

HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
OTHER_HOST = "127.0.0.2"

WRONG = "Something went wrong."
NO_SUCH = "No such thing."

INSTEAD: Mapping[str, Response] = {
    "400": refusal(400, WRONG),
    "403": refusal(403, "This key may not read this resource."),
    "404": absence("404", NO_SUCH),
    "410": absence("410", NO_SUCH),
    "204": absence("204", NO_SUCH),
    "500": refusal(500, "Internal error."),
    "502": Response(HTML.format("502 Bad Gateway"), 502, None, "text/html"),
    "json": Response('{"response":{"uuid":"', 200, None, CONTENT_TYPE),
    "html": Response(HTML.format("Maintenance"), 200, None, "text/html"),
    "blank": absence("empty-body", NO_SUCH),
    "null": absence("null", NO_SUCH),
    "empty-list": absence("empty-list", NO_SUCH),
    "empty-object": absence("empty-object", NO_SUCH),
    "false": absence("false", NO_SUCH),
    "empty-error": absence("empty-error", NO_SUCH),
    "errors": refusal(200, WRONG),
    # As documented for a POST; there it stands beside a part of the response.
    "errors-objects": answer(None, [{"errorcode": 500, "index": 1, "errormessage": WRONG}]),
    "no-response": Response('{"errors":[]}', 200, None, CONTENT_TYPE),
}
"""Answers that have nothing of the real one, and are the same every time."""


class FaultyAnswers:
    """An ASGI application whose answers are all spoilt."""

    def __init__(self, app: ASGIApp, options: Options, another_path: Callable[[str], str]) -> None:
        """Spoil the answers of `app`; `another_path` finds another call than the one asked for."""
        self._app = app
        self._faults = options.faults
        self._another_path = another_path

    async def __call__(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request with a fault."""
        outage = None if fault.stays else self._faults.outage_seconds
        match fault.name:
            case "slow":
                await asyncio.sleep(self._faults.slow_seconds)
                await self._app(scope, receive, send)
            case "drop":
                await connections.drop(scope, receive)
            case "refuse":
                await connections.refuse(scope, receive, outage)
            case "certificate":
                await connections.show_another_certificate(scope, receive, outage)
            case "half" | "stall" | "echo":
                await self._with_the_real_one(fault.name, scope, receive, send)
            case "other-call":
                scope = {**scope, "path": self._another_path(scope["path"])}
                await self._app(scope, receive, send)
            case name if name in spoilt.NAMES:
                whole = await self._whole(scope, receive)
                await spoilt.spoilt(name, whole)(scope, receive, send)
            case name if name in hostile.NAMES:
                await hostile.answer(name, scope, receive, send)
            case name:
                await self._instead(name, scope)(scope, receive, send)

    async def _with_the_real_one(
        self, name: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Send a part of the answer that the request would have got, or an error with it."""
        whole = await self._whole(scope, receive)
        if name == "half":
            await connections.half(scope, receive, send, whole)
        elif name == "stall":
            await connections.stall(scope, receive, send, whole, self._faults.slow_seconds)
        else:
            await echo(scope, whole)(scope, receive, send)

    def _instead(self, name: str, scope: Scope) -> Response:
        """Return an answer that has nothing of the real one."""
        match name:
            case "429":
                return refusal(429, "Too many requests.", self._retry_after())
            case "503":
                page = HTML.format("503 Service Unavailable")
                return Response(page, 503, self._retry_after(), "text/html")
            case "redirect":
                port = scope["server"][1]
                query = scope["query_string"].decode("latin-1")
                path = f"{scope['path']}?{query}" if query else scope["path"]
                return RedirectResponse(f"{scope['scheme']}://{OTHER_HOST}:{port}{path}", 302)
            case _:
                return INSTEAD[name]

    def _retry_after(self) -> dict[str, str]:
        seconds = self._faults.retry_after_seconds
        if self._faults.retry_after == "seconds":
            return {"Retry-After": str(seconds)}
        return {"Retry-After": formatdate(time.time() + seconds, usegmt=True)}

    async def _whole(self, scope: Scope, receive: Receive) -> Response:
        """Return the answer that the request would have got."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in messages)
        return Response(body, messages[0]["status"], None, CONTENT_TYPE)
