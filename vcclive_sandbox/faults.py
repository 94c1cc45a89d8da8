"""Everything that can go wrong with an answer, by chance or by plan."""

from __future__ import annotations

import asyncio
import json
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response

from vcclive_sandbox.answers import CONTENT_TYPE, refusal
from vcclive_sandbox.dice import dice
from vcclive_sandbox.options import ALWAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from vcclive_sandbox.options import Options

HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
OTHER_HOST = "127.0.0.2"

INSTEAD: Mapping[str, Response] = {
    "500": refusal(500, "Internal error."),
    "502": Response(HTML.format("502 Bad Gateway"), 502, None, "text/html"),
    "json": Response('{"response":{"uuid":"', 200, None, CONTENT_TYPE),
    "html": Response(HTML.format("Maintenance"), 200, None, "text/html"),
    "blank": Response("", 200, None, CONTENT_TYPE),
    "errors": refusal(200, "Something went wrong."),
}
"""Answers that have nothing of the real one, and are the same every time."""

TRANSPORT = "transport"
"""Key of the connection's transport in a request's state: some faults break the connection."""


class FaultPlan:
    """Which fault each request meets."""

    def __init__(self, options: Options) -> None:
        """Prepare to draw by the rates, and to follow the forced faults."""
        self._names = list(options.faults.rates)
        self._rates = list(options.faults.rates.values())
        self._draws = dice(options.seed, "faults")
        self._forced = {end: list(names) for end, names in options.force.items()}

    def next(self, path: str, query: str) -> str | None:
        """Return the name of the fault that this request meets, if any."""
        resource = f"{path}?{query}"
        for end, names in self._forced.items():
            if names and (path.endswith(end) or resource.endswith(end)):
                if names[0].endswith(ALWAYS):
                    return names[0].removesuffix(ALWAYS)
                return names.pop(0)
        if not self._names:
            return None
        draw = self._draws.random()
        for name, rate in zip(self._names, self._rates, strict=True):
            if draw < rate:
                return name
            draw -= rate
        return None


class FaultyAnswers:
    """An ASGI application whose answers are all spoilt."""

    def __init__(self, app: ASGIApp, options: Options, another_path: Callable[[str], str]) -> None:
        """Spoil the answers of `app`; `another_path` finds another call than the one asked for."""
        self._app = app
        self._faults = options.faults
        self._another_path = another_path

    async def __call__(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request with the fault of this name."""
        match name:
            case "slow":
                await asyncio.sleep(self._faults.slow_seconds)
                await self._app(scope, receive, send)
            case "drop":
                await _break(scope, receive)
            case "half":
                await self._half(scope, receive, send)
            case "other-call":
                scope = {**scope, "path": self._another_path(scope["path"])}
                await self._app(scope, receive, send)
            case "bare":
                whole = await self._whole(scope, receive)
                bare = _without_envelope(bytes(whole.body))
                await Response(bare, whole.status_code, None, CONTENT_TYPE)(scope, receive, send)
            case _:
                await self._instead(name, scope)(scope, receive, send)

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
                return RedirectResponse(f"http://{OTHER_HOST}:{port}{path}", 302)
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

    async def _half(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Announce the whole answer, send half of it, and close the connection."""
        whole = await self._whole(scope, receive)
        await send(
            {
                "type": "http.response.start",
                "status": whole.status_code,
                "headers": whole.raw_headers,
            }
        )
        half = bytes(whole.body)[: len(whole.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        scope["state"][TRANSPORT].close()
        await _gone(receive)


def _without_envelope(body: bytes) -> bytes:
    """Return what is in the envelope; a body without one, such as a plain 404, as it is."""
    try:
        return json.dumps(json.loads(body)["response"]).encode()
    except ValueError:
        return body


async def _break(scope: Scope, receive: Receive) -> None:
    transport: Any = scope["state"][TRANSPORT]
    transport.abort()
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    """Wait until the server has noticed: it takes a return before that for an error."""
    while (await receive())["type"] != "http.disconnect":
        pass
