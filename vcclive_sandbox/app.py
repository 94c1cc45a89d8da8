"""What stands before the resources: who may read what, records of requests, latency, faults."""

from __future__ import annotations

import asyncio
import re
import time
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vcclive_sandbox.envelope import refusal
from vcclive_sandbox.faults import FaultyAnswers
from vcclive_sandbox.plan import FaultPlan
from vcclive_sandbox.resources import PREFIX, Resources

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Message, Receive, Scope, Send

    from vcclive_sandbox.calls import Calls
    from vcclive_sandbox.options import Options


@dataclass
class SeenRequest:
    """A request that came in.

    Attributes:
        method: Its HTTP method.
        path: Its path, without the API's prefix.
        query: Its query, as sent.
        headers: Its headers, names in lower case.
        time: When it came, seconds of the monotonic clock.
        fault: Name of the fault that it met; None when it met none.
        status: Status of its answer; None as long as, or when, it has none.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str] = field(repr=False)
    time: float
    fault: str | None = None
    status: int | None = None


class Sandbox:
    """The whole API as an ASGI application.

    Attributes:
        requests: The requests that came in, in order, when the options record them.
        in_flight: Number of requests that are being answered now.
        max_in_flight: The most there have been at once.
    """

    def __init__(self, calls: Calls, options: Options) -> None:
        """Serve `calls` as `options` say."""
        resources = Resources(calls, options)
        self._router = resources.router
        self._plan = FaultPlan(options)
        self._faulty = FaultyAnswers(resources.router, options, resources.another_path)
        credentials = f"{options.customer}:{options.api_key}".encode()
        self._credentials = b64encode(credentials).decode()
        self._forbidden = re.compile(options.forbidden) if options.forbidden else None
        self._latency = options.latency_ms / 1000
        self._record = options.record
        self.requests: list[SeenRequest] = []
        self.in_flight = 0
        self.max_in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        try:
            seen = _seen(scope)
            if self._record:
                self.requests.append(seen)
            await self._answer(seen, scope, receive, _noting_status(seen, send))
        finally:
            self.in_flight -= 1

    async def _answer(self, seen: SeenRequest, scope: Scope, receive: Receive, send: Send) -> None:
        if self._latency:
            await asyncio.sleep(self._latency)
        path, query = seen.path, seen.query
        refused = self._refusal(scope, path, query)
        if refused is not None:
            await refused(scope, receive, send)
            return
        fault = self._plan.next(path, query)
        if fault is None:
            await self._router(scope, receive, send)
        else:
            seen.fault = fault.name
            await self._faulty(fault, scope, receive, send)

    def _refusal(self, scope: Scope, path: str, query: str) -> Response | None:
        """Return what a request gets that may not be made; None when it may."""
        authorization = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        scheme, _, credentials = authorization.partition(" ")
        if scheme.lower() != "basic" or credentials != self._credentials:
            challenge = {"WWW-Authenticate": 'Basic realm="VCC Live"'}
            return refusal(401, "Authentication failed.", challenge)
        if scope["method"] != "GET":
            return refusal(405, "Only GET is served.", {"Allow": "GET"})
        resource = f"{path}?{query}" if query else path
        if self._forbidden and self._forbidden.search(resource):
            return refusal(403, "This key may not read this resource.")
        return None


def _seen(scope: Scope) -> SeenRequest:
    """Return what is to be known of a request."""
    return SeenRequest(
        method=scope["method"],
        path=_without_prefix(scope["path"]),
        query=scope["query_string"].decode("latin-1"),
        headers={k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]},
        time=time.monotonic(),
    )


def _noting_status(seen: SeenRequest, send: Send) -> Send:
    """Return a `send` that adds the status of the answer to the request."""

    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            seen.status = message["status"]
        await send(message)

    return noting


def _without_prefix(path: str) -> str:
    return path.removeprefix(PREFIX)
