"""A time for the whole answer: status, headers and body.

The timeout of a socket begins anew with each piece that arrives, so that a server that sends a byte
now and then could hold a request for days: urllib3 leaves it at that, in the headers as well.
"""

from __future__ import annotations

import io
import sys
import time
from typing import TYPE_CHECKING

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    import socket

    from typing_extensions import Buffer


class Reader(io.RawIOBase):
    """Reads what a socket receives, as long as there is time.

    Attributes:
        has_received: Whether anything has arrived.
    """

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        """Begin the clock; how much time there is, is the timeout of the socket.

        Args:
            raw: The socket as a file.
            sock: The socket.
        """
        self._raw = raw
        self._socket = sock
        timeout = sock.gettimeout()
        self._deadline = float("inf") if timeout is None else time.monotonic() + timeout
        self.has_received = False

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Buffer) -> int | None:
        """Read what has arrived.

        Raises:
            TimeoutError: When the time is over.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no whole answer in time")
        if left != float("inf"):
            self._socket.settimeout(left)
        size = self._raw.readinto(buffer)
        self.has_received = self.has_received or bool(size)
        return size

    @override
    def close(self) -> None:
        self._raw.close()
        super().close()
