"""Clients of the sandbox that take what comes as it is."""

from __future__ import annotations

import base64
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vcclive_sandbox.server import RunningSandbox

PATIENCE = 60
"""Seconds that nothing takes, however busy the machine is: what does so hangs."""


def eventually(holds: Callable[[], bool]) -> bool:
    """Return whether something holds, now or once it has been waited for."""
    until = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def get(sandbox: RunningSandbox, position: int, path: str = "") -> requests.Response:
    """Ask for a call, or for a path."""
    call = sandbox.calls[position]
    return requests.get(
        sandbox.api_url + (path or f"/cdr/{call.year}/{call.month}/{call.uuid}"),
        auth=(sandbox.customer, sandbox.api_key),
        timeout=PATIENCE,
        allow_redirects=False,
        verify=sandbox.ca_file or True,
    )


@contextmanager
def asking(sandbox: RunningSandbox, position: int) -> Iterator[socket.socket]:
    """Ask for a call, and hand the connection over that the answer comes by."""
    call, address = sandbox.calls[position], urlsplit(sandbox.api_url)
    credentials = base64.b64encode(f"{sandbox.customer}:{sandbox.api_key}".encode()).decode()
    with socket.create_connection((address.hostname, address.port), timeout=PATIENCE) as connection:
        connection.sendall(
            f"GET /v2/cdr/{call.year}/{call.month}/{call.uuid} HTTP/1.1\r\n"
            f"Host: {address.netloc}\r\nAuthorization: Basic {credentials}\r\n\r\n".encode()
        )
        yield connection


def received(sandbox: RunningSandbox, position: int) -> bytes:
    """Return every byte that comes back until the connection ends."""
    data = b""
    with asking(sandbox, position) as connection:
        while chunk := connection.recv(65536):
            data += chunk
    return data
