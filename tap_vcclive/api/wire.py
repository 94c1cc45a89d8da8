"""What http.client lacks: answers in time, those before the answer, and kept connections.

A server may close a connection that it has kept at the very moment at which the next request leaves
(RFC 9112, 9.3.1). Nothing has gone wrong then, and the request can be sent again at once.
"""

from __future__ import annotations

import io
import ssl
import sys
from http import HTTPStatus
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any, Final

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

from tap_vcclive.api.deadline import Reader

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable

# A connection that the other side has closed or reset; a timeout is neither.
_CLOSED: Final = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


class _Response(HTTPResponse):
    """An answer that has to arrive in time; what informs of it beforehand is passed over."""

    @override
    def begin(self) -> None:
        """Read status and headers of the answer itself.

        The standard library passes over 100 (Continue) only. 101 is an answer: the server has
        changed to what the tap does not speak.
        """
        super().begin()
        while HTTPStatus.PROCESSING <= self.status < HTTPStatus.OK:
            self.headers = self.msg = None  # type: ignore[assignment] # as before the beginning
            super().begin()


class Wire:
    """The connection of a pool for one: made, kept for the next request, made again."""

    def __init__(self) -> None:
        """Begin without a connection."""
        self._is_kept = False
        self._reader: Reader | None = None

    def request_leaves(self) -> None:
        """Note that a request is about to leave, on what is there or is made for it."""
        self._is_kept, self._reader = True, None

    def was_closed_before(self, causes: Iterable[BaseException]) -> bool:
        """Return whether the request left on a kept connection that was closed without a byte.

        Args:
            causes: The error that the request ended with, and what led to it.
        """
        has_begun = self._reader is not None and self._reader.has_received
        return self._is_kept and not has_begun and any(isinstance(c, _CLOSED) for c in causes)

    def on(self, connection: type[Any]) -> type[Any]:
        """Return a class of connections like a given one that tell this one what they do."""

        def connect(made: Any) -> None:  # noqa: ANN401 - a connection of urllib3
            self._is_kept = False
            connection.connect(made)

        members = {"connect": connect, "response_class": staticmethod(self._response)}
        return type(connection.__name__, (connection,), members)

    def _response(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        url: str | None = None,
    ) -> HTTPResponse:
        response = _Response(sock, debuglevel, method, url)
        self._reader = Reader(response.fp.detach(), sock)
        response.fp = io.BufferedReader(self._reader)
        return response
