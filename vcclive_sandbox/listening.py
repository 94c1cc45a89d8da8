"""uvicorn as the sandbox needs it: on a port that can refuse, ending without waiting for anyone."""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from vcclive_sandbox.connections import OUTAGES, TRANSPORT

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
TICK_SECONDS = 0.1
# Connections are broken and answers cancelled at the end; this is for what resists.
GRACE_SECONDS = 5


class _Protocol(H11Protocol):
    """HTTP that hands each request its transport, for faults that break the connection.

    Attributes:
        requests_left: How many requests it is kept for; None for all that come.
    """

    requests_left: int | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as the base class does
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}

    @override
    def data_received(self, data: bytes) -> None:
        if self.requests_left == 0:
            # One has been on its way when the connection was about to be closed: it happens.
            self.transport.close()
        else:
            super().data_received(data)

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.requests_left is not None:
            self.requests_left -= 1


class Listening(uvicorn.Server):
    """A server that says when it has started, ends at once, and can have outages.

    It takes connections itself. A server of asyncio that is closed while a connection is on its way
    to it loses that connection without closing it.

    Attributes:
        ready: Set once it serves.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        port: Port,
        certificates: Certificates | None,
        keep_alive_requests: int | None = None,
    ) -> None:
        """Prepare to serve a sandbox on a port.

        Args:
            sandbox: The application.
            port: Where it listens.
            certificates: What https takes; None for http.
            keep_alive_requests: How many requests a connection is kept for; None for all.
        """
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
        self._keep_alive_requests = keep_alive_requests
        self._listening: socket.socket | None = None
        self._arriving: set[asyncio.Task[None]] = set()
        self._outages = 0
        self._outage: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = asyncio.Event()

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])  # it does not listen: that has to happen again and again
        self._listen()
        self.ready.set()

    @override
    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        ticks = 0
        while not await self.on_tick(ticks):  # renews the header Date every tenth time
            ticks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), TICK_SECONDS)

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stop_listening()
        await asyncio.sleep(0)  # what is cancelled before it has begun closes nothing
        arriving = list(self._arriving)
        for task in arriving:
            task.cancel()
        await asyncio.gather(*arriving, return_exceptions=True)
        self._break_all()
        answering = list(self.server_state.tasks)
        for task in answering:
            task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await asyncio.gather(*answering, return_exceptions=True)
                while self.server_state.connections:  # noqa: ASYNC110 - a turn or two
                    await asyncio.sleep(0)
        self._port.close()

    def stop(self) -> None:
        """End, from any thread; one that has not started ends as soon as it has."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._told.set)

    def refuse(self, seconds: float | None) -> None:
        """Break all connections and refuse new ones, for some seconds or, with None, for good."""
        self._stop_listening()
        self._port.refuse()
        self._outages += 1
        self._break_all()
        if seconds is not None:
            self._outage = asyncio.get_running_loop().call_later(seconds, self._listen)

    def show_another_certificate(self, seconds: float | None) -> None:
        """Meet new connections with the certificate of another CA, for as long."""
        if self._certificates is None:
            raise RuntimeError("a server without https has no certificate")
        self._certificates.show_another(seconds)

    def _listen(self) -> None:
        """Take connections from now on."""
        self._listening = self._port.listen()
        self._listening.settimeout(0)
        asyncio.get_running_loop().add_reader(self._listening, self._accept, self._listening)

    def _stop_listening(self) -> None:
        """Take no more connections, and no longer plan to."""
        if self._outage is not None:
            self._outage.cancel()
            self._outage = None
        if self._listening is not None:
            asyncio.get_running_loop().remove_reader(self._listening)
            self._listening = None

    def _accept(self, listening: socket.socket) -> None:
        """Take the connection that has come; the client may have gone again."""
        with suppress(BlockingIOError, InterruptedError, ConnectionAbortedError):
            connection, _ = listening.accept()
            connection.settimeout(0)
            welcome = self._welcome(connection, self._outages)
            arriving = asyncio.get_running_loop().create_task(welcome)
            self._arriving.add(arriving)
            arriving.add_done_callback(self._arriving.discard)

    async def _welcome(self, connection: socket.socket, outages: int) -> None:
        """Serve a connection, unless an outage has begun since so many of them."""
        with suppress(OSError):  # of the handshake
            transport, _ = await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol,
                connection,
                ssl=self._certificates.context if self._certificates else None,
            )
            if outages != self._outages:
                transport.abort()

    def _protocol(self) -> asyncio.Protocol:
        protocol = _Protocol(self.config, self.server_state, {OUTAGES: self})
        protocol.requests_left = self._keep_alive_requests
        return protocol

    def _break_all(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
