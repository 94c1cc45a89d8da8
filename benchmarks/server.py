"""The benchmark's server: answers calls faster than any contender asks, and counts.

HTTP/1.1 in a bare asyncio protocol: of a request only the target is looked at. What it counts, the
latency of its answers, and how many calls the log has, is read and set by the benchmark over the
same port (`/control`), when no contender runs. The limits that it has itself are measured by
`benchmarks.measurements.ceiling`.
"""

from __future__ import annotations

import asyncio
import json
import os
import selectors
import sys
import time
from dataclasses import asdict, dataclass
from typing import Final
from urllib.parse import parse_qsl

from benchmarks.call_log import CallLog
from benchmarks.cdrs import Answers
from benchmarks.log_pages import LogPages

CONTROL: Final = "/control"
_LOG: Final = "/v2/cdrs/"
_END: Final = b"\r\n\r\n"
_UUID_LENGTH: Final = 36


@dataclass
class Counts:
    """What the server has seen since the last control request.

    Attributes:
        requests: Requests for calls, or for pages of the log.
        in_flight: Requests not answered yet.
        most_in_flight: The most requests in flight at once.
        first: When the first request came, in seconds of an arbitrary clock.
        last: When the last one came.
        latency: Seconds that all answers together took.
        rows: Calls of the log that were in a page; one that was in two counts once.
        cpu: Processor seconds that the server has used, since it began.
    """

    requests: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    first: float = 0.0
    last: float = 0.0
    latency: float = 0.0
    rows: int = 0
    cpu: float = 0.0


class Service:
    """What all connections share."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin with answers at once, and no calls in the log."""
        self.loop = loop
        self.latency = 0.0
        self.counts = Counts()
        self._answers = Answers()
        self._pages = LogPages(self._answers)

    def control(self, query: str) -> bytes:
        """Return the counts so far as JSON, begin new ones, and set what the query says."""
        counts, self.counts = self.counts, Counts()
        given = dict(parse_qsl(query))
        self.latency = float(given["latency"])
        log = CallLog(int(given["days"]), int(given["calls_per_day"]))
        counts.rows = self._pages.begin(log)
        counts.cpu = time.process_time()
        return json.dumps(asdict(counts)).encode()

    def body(self, target: str) -> bytes:
        """Return the body of the answer to a request."""
        if target.startswith(_LOG):
            return self._pages.body(target[len(_LOG) :])
        return self._answers.body(target[-_UUID_LENGTH:])


class Connection(asyncio.Protocol):
    """One connection, kept alive for as long as the client likes."""

    def __init__(self, service: Service) -> None:
        """Begin with nothing received."""
        self._service = service
        self._received = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take each request that is complete."""
        self._received += data
        while (end := self._received.find(_END)) >= 0:
            request, self._received = self._received[:end], self._received[end + len(_END) :]
            self._take(request.split(b" ", 2)[1].decode())

    def _take(self, target: str) -> None:
        service = self._service
        if target.startswith(CONTROL):
            self._transport.write(_response(service.control(target.partition("?")[2])))
            return
        counts, now = service.counts, time.perf_counter()
        counts.requests += 1
        counts.in_flight += 1
        counts.most_in_flight = max(counts.most_in_flight, counts.in_flight)
        counts.first = counts.first or now
        counts.last = now
        if service.latency:
            service.loop.call_later(service.latency, self._answer, target, now)
        else:
            self._answer(target, now)

    def _answer(self, target: str, asked: float) -> None:
        counts = self._service.counts
        counts.in_flight -= 1
        counts.latency += time.perf_counter() - asked
        if not self._transport.is_closing():
            self._transport.write(_response(self._service.body(target)))


def _response(body: bytes) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    service = Service(loop)
    server = await loop.create_server(lambda: Connection(service), "127.0.0.1", 0, backlog=512)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        # The benchmark holds the other end of stdin: the server ends when the benchmark does.
        await loop.run_in_executor(None, sys.stdin.read)


def main() -> None:
    """Say where the server is, and serve until stdin is closed."""
    if hasattr(os, "sched_setaffinity"):
        # The last core is the server's own; the contenders get the others.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    # epoll waits in whole milliseconds, which at 50 ms would make every answer 1 % late.
    loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
    loop.run_until_complete(_serve())


if __name__ == "__main__":
    main()
