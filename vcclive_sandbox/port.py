"""The loopback port of a sandbox: it listens, or is only held and refuses connections."""

from __future__ import annotations

import socket

BACKLOG = 512


class Port:
    """A port that nobody else can have from the moment it is made."""

    def __init__(self, host: str, number: int) -> None:
        """Open the port; 0 for a free one.

        Raises:
            OSError: When it is in use.
        """
        found = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
        self._family, self._address = found[0], found[4]
        self._socket = self._bound()
        self._address = self._socket.getsockname()
        self.listen()

    @property
    def number(self) -> int:
        """Its number."""
        return int(self._address[1])

    def listen(self) -> socket.socket:
        """Take connections; return the socket that they come to."""
        self._socket.listen(BACKLOG)
        return self._socket

    def refuse(self) -> None:
        """Refuse connections, those that wait to be taken included, until `listen`."""
        self.close()
        # A port that is bound but does not listen refuses; and nobody else gets it.
        self._socket = self._bound()

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()

    def _bound(self) -> socket.socket:
        bound = socket.socket(self._family, socket.SOCK_STREAM)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(self._address)
        except OSError:
            bound.close()
            raise
        return bound
