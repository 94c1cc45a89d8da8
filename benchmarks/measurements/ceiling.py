"""What the server itself can do, so that nobody takes its limit for a contender's."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from benchmarks import calls
from benchmarks.results import Section

if TYPE_CHECKING:
    from benchmarks.bench import Bench

_END: Final = b'"errors":[]}'


def measure(bench: Bench) -> Section:
    """Load the server from bare sockets, as many as there are requests in flight."""
    wanted, concurrency = bench.sizes.ceiling_requests, bench.sizes.concurrency
    address = urlsplit(bench.server.url)
    requests = [
        f"GET /v2/cdr/{year}/{month}/{uuid} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        for uuid, year, month in calls.entries(concurrency)
    ]
    connections = [
        socket.create_connection((address.hostname or "", address.port or 0)) for _ in requests
    ]
    before = bench.server.reset()
    begun, received = time.perf_counter(), 0
    for _ in range(wanted // concurrency):
        for connection, request in zip(connections, requests, strict=True):
            connection.sendall(request)
        received += sum(_answer(connection) for connection in connections)
    seconds = time.perf_counter() - begun
    counts = bench.server.reset()
    for connection in connections:
        connection.close()
    return Section(
        "The server",
        f"A bare asyncio protocol on a core of its own answers {counts.requests / seconds:,.0f} "
        f"requests a second to a loop over {concurrency} bare sockets, "
        f"{received / counts.requests:,.0f} bytes each, and uses "
        f"{(counts.cpu - before.cpu) / counts.requests * 1e6:.0f} µs of its core for a request. "
        "The share of its core that each contender made it use stands in the table of calls a "
        "second: it is not the bottleneck while that is far from 100 %.",
    )


def _answer(connection: socket.socket) -> int:
    """Receive an answer whole; return its length."""
    data = connection.recv(65536)
    while not data.endswith(_END):
        data += connection.recv(65536)
    return len(data)
