"""The sandbox on a loopback port: in a thread for tests, in the foreground for the command."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from vcclive_sandbox.app import Sandbox, SeenRequest
from vcclive_sandbox.calls import Calls
from vcclive_sandbox.faults import TRANSPORT
from vcclive_sandbox.options import Faults, Options, Variants
from vcclive_sandbox.resources import PREFIX

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

__all__ = ["Faults", "Options", "RunningSandbox", "Server", "Variants", "serving"]

BACKLOG = 512
KEEP_ALIVE_SECONDS = 75
# Connections are broken and answers cancelled at the end; this is for what resists.
GRACE_SECONDS = 5


class _Protocol(H11Protocol):
    """HTTP that hands each request its transport, for faults that break the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as the base class does
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


class _Uvicorn(uvicorn.Server):
    """uvicorn that says when it has started, and ends without waiting for its clients."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()
        await super().shutdown(sockets)


class Server:
    """A sandbox that listens from the moment it is made.

    Attributes:
        calls: The invented calls.
        sandbox: The application.
        api_url: Where it is, such as `http://127.0.0.1:8765/v2`.
    """

    def __init__(self, options: Options) -> None:
        """Invent the calls and open the port."""
        self.calls = Calls(options)
        self.sandbox = Sandbox(self.calls, options)
        family, kind, protocol, _, address = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM
        )[0]
        self._socket = socket.socket(family, kind, protocol)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind(address)
            self._socket.listen(BACKLOG)
        except OSError:
            self._socket.close()
            raise
        port = self._socket.getsockname()[1]
        host = f"[{options.host}]" if ":" in options.host else options.host
        self.api_url = f"http://{host}:{port}{PREFIX}"
        self._uvicorn = _Uvicorn(
            uvicorn.Config(
                self.sandbox,
                http=_Protocol,
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level="critical",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                backlog=BACKLOG,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )

    def run(self) -> None:
        """Serve until stopped, or until SIGINT or SIGTERM in the main thread."""
        self._uvicorn.run([self._socket])

    def wait_until_ready(self, seconds: float) -> bool:
        """Return whether it serves within this time."""
        return self._uvicorn.ready.wait(seconds)

    def stop(self) -> None:
        """Ask it to end, from any thread."""
        self._uvicorn.should_exit = True


@dataclass(frozen=True)
class RunningSandbox:
    """What a test needs to know of a sandbox that runs."""

    api_url: str
    customer: str
    api_key: str
    calls: Calls
    _sandbox: Sandbox

    @property
    def requests(self) -> list[SeenRequest]:
        """The requests that came in so far, in order."""
        return self._sandbox.requests

    @property
    def max_in_flight(self) -> int:
        """The most requests that were being answered at once."""
        return self._sandbox.max_in_flight


@contextmanager
def serving(options: Options | None = None) -> Iterator[RunningSandbox]:
    """Run a sandbox in a thread, on a free port unless the options name one."""
    options = options or Options()
    server = Server(options)
    thread = threading.Thread(target=server.run, name="vcclive-sandbox", daemon=True)
    thread.start()
    try:
        if not server.wait_until_ready(10):
            raise RuntimeError("the sandbox did not start")
        yield RunningSandbox(
            api_url=server.api_url,
            customer=options.customer,
            api_key=options.api_key,
            calls=server.calls,
            _sandbox=server.sandbox,
        )
    finally:
        server.stop()
        thread.join()
