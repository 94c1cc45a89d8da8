"""Clients of the sandbox that take what comes as it is."""

from __future__ import annotations

import base64
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vcclive_sandbox.server import RunningSandbox


def get(sandbox: RunningSandbox, position: int, path: str = "") -> requests.Response:
    """Ask for a call, or for a path."""
    call = sandbox.calls[position]
    return requests.get(
        sandbox.api_url + (path or f"/cdr/{call.year}/{call.month}/{call.uuid}"),
        auth=(sandbox.customer, sandbox.api_key),
        timeout=5,
        allow_redirects=False,
        verify=sandbox.ca_file or True,
    )


@contextmanager
def asking(sandbox: RunningSandbox, position: int) -> Iterator[socket.socket]:
    """Ask for a call, and hand the connection over that the answer comes by."""
    call, address = sandbox.calls[position], urlsplit(sandbox.api_url)
    credentials = base64.b64encode(f"{sandbox.customer}:{sandbox.api_key}".encode()).decode()
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
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
