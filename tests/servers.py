"""Small servers with answers of a test's choice, for what the sandbox does not do."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests import leaks

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

NOW = "Wed, 21 Oct 2026 07:28:00 GMT"


class Answering(BaseHTTPRequestHandler):
    """Answers with what its server was given, and keeps what it was asked."""

    protocol_version = "HTTP/1.1"
    server: Server

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Take every method (`do_GET`, `do_POST`, ...) alike."""
        if name.startswith("do_"):
            return self.take
        raise AttributeError(name)

    def take(self) -> None:
        """Keep the request and answer."""
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        status, headers, body = self.server.answer(self.path)
        self.send_response(status)
        for header, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(header, value)
        self.end_headers()
        leaks.note_sent(body)
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002 - always now
        """Return what the header Date says."""
        return NOW

    def log_message(self, *_: object) -> None:
        """Be silent."""


class Server(ThreadingHTTPServer):
    """A server on a free loopback port with answers of the test's choice."""

    daemon_threads = True
    answer: Callable[[str], tuple[int, dict[str, str], bytes]]

    def __init__(self, answer: Callable[[str], tuple[int, dict[str, str], bytes]]) -> None:
        """Listen, and answer a path with status, headers and body."""
        super().__init__(("127.0.0.1", 0), Answering)
        self.answer = answer
        self.seen: list[tuple[str, str, dict[str, str]]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Be silent when a client has hung up, as it does on what is too large."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}/v2"


@contextmanager
def server(
    answer: Callable[[str], tuple[int, dict[str, str], bytes]],
    context: ssl.SSLContext | None = None,
) -> Iterator[Server]:
    """Run a server for as long as the block lasts."""
    running = Server(answer)
    if context:
        running.socket = context.wrap_socket(running.socket, server_side=True)
    thread = threading.Thread(target=running.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield running
    finally:
        running.shutdown()
        thread.join()
        running.server_close()
