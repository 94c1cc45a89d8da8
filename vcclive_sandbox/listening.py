"""uvicorn as the sandbox needs it: on a port that can refuse, ending without waiting for anyone."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from vcclive_sandbox.connections import OUTAGES, TRANSPORT
from vcclive_sandbox.port import BACKLOG

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    import socket

    from vcclive_sandbox.app import Sandbox
    from vcclive_sandbox.certificates import Certificates
    from vcclive_sandbox.port import Port

KEEP_ALIVE_SECONDS = 75
# Connections are broken and answers cancelled at the end; this is for what resists.
GRACE_SECONDS = 5


class _Protocol(H11Protocol):
    """HTTP that hands each request its transport, for faults that break the connection."""

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as the base class does
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


class Listening(uvicorn.Server):
    """A server that says when it has started, ends at once, and can have outages.

    Attributes:
        ready: Set once it serves.
    """

    def __init__(self, sandbox: Sandbox, port: Port, certificates: Certificates | None) -> None:
        """Prepare to serve a sandbox on a port; https with certificates."""
        super().__init__(
            uvicorn.Config(
                sandbox,
                http=_Protocol,
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level="critical",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self.ready = threading.Event()
        self._port = port
        self._certificates = certificates
        self._outage: asyncio.Task[None] | None = None

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])  # it does not listen: that has to happen again and again
        await self._listen()
        self.ready.set()

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._end_outage()
        self._break_all()
        for task in list(self.server_state.tasks):
            task.cancel()
        await super().shutdown()
        self._port.close()

    def refuse(self, seconds: float | None) -> None:
        """Break all connections and refuse new ones, for some seconds or, with None, for good."""
        self._end_outage()
        for server in self.servers:
            server.close()
        self.servers = []
        self._port.refuse()
        self._break_all()
        if seconds is not None:
            self._outage = asyncio.create_task(self._listen(after=seconds))

    def show_another_certificate(self, seconds: float | None) -> None:
        """Meet new connections with the certificate of another CA, for as long."""
        if self._certificates is None:
            raise RuntimeError("a server without https has no certificate")
        self._certificates.show_another(seconds)

    async def _listen(self, after: float = 0) -> None:
        """Take connections from some seconds on."""
        if after:
            await asyncio.sleep(after)
        server = await asyncio.get_running_loop().create_server(
            self._protocol,
            sock=self._port.listen(),
            ssl=self._certificates.context if self._certificates else None,
            backlog=BACKLOG,
            start_serving=False,
        )
        # First this, for an outage that begins meanwhile.
        self.servers = [server]
        await server.start_serving()

    def _protocol(self) -> asyncio.Protocol:
        return _Protocol(self.config, self.server_state, {OUTAGES: self})

    def _break_all(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    def _end_outage(self) -> None:
        if self._outage is not None:
            self._outage.cancel()
            self._outage = None
