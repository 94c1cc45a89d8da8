"""The connections of a client: one a thread, and all closed with it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tap_vcclive.api.connection import Connection, HttpAnswer
from tap_vcclive.api.errors import PassingFaultError, UnreachableError

if TYPE_CHECKING:
    from tap_vcclive.settings.typed import Settings


class Connections:
    """Sends GETs from as many threads as one likes; a connection is not made for several."""

    def __init__(self, settings: Settings, reached: threading.Event) -> None:
        """Keep the settings; no connection is made yet.

        Args:
            settings: The settings.
            reached: Is set once VCC Live has been reached, by whichever client.
        """
        self._settings = settings
        self._reached = reached
        self._of_thread = threading.local()
        self._lock = threading.Lock()
        self._all: list[Connection] = []

    def get(self, target: str, largest: int) -> HttpAnswer:
        """Return the answer to a GET on this thread's connection; see `Connection.get`.

        Raises:
            PassingFaultError: When there is no way to a server that was there before: it may be
                there again soon.
            UnreachableError: When there has never been a way.
        """
        try:
            answer = self._connection().get(target, largest)
        except UnreachableError as error:
            if self._reached.is_set():
                raise PassingFaultError(error.fault) from None
            raise
        self._reached.set()
        return answer

    def close(self) -> None:
        """Close them; one on which somebody still waits for an answer closes after that."""
        with self._lock:
            for connection in self._all:
                connection.close()

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = self._of_thread.connection = Connection(self._settings)
            with self._lock:
                self._all.append(connection)
        return connection
