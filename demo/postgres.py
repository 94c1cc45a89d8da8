"""A PostgreSQL for one block of code: nothing to install, no port, nothing left behind."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg

from demo.processes import environment_without, first_line, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.sql import Composed

# No port is taken; the number is part of the socket's name, and said so that no PGPORT changes it.
PORT = 5432


@dataclass(frozen=True)
class Database:
    """A PostgreSQL that runs.

    Attributes:
        url: Its address as libpq reads it, over a Unix socket.
    """

    url: str

    @property
    def sqlalchemy_url(self) -> str:
        """The same address as target-postgres reads it."""
        return self.url.replace("postgresql://", "postgresql+psycopg://", 1)

    def rows(self, query: LiteralString | Composed) -> list[tuple[Any, ...]]:
        """Return the rows that a query finds, with times in UTC."""
        with psycopg.connect(self.url, options="-c timezone=UTC") as connection:
            return connection.execute(query).fetchall()

    def execute(self, statement: LiteralString) -> None:
        """Run a statement that finds nothing."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def postgres() -> Iterator[Database]:
    """Run a PostgreSQL with an empty database, in a temporary folder, for a block of code."""
    # A short name: the path of a Unix socket has 107 characters at most.
    with TemporaryDirectory(prefix="pg-") as folder:
        # The server keeps its lock file and, if need be, its socket in these folders.
        env = {**environment_without("PG"), "TMPDIR": folder, "XDG_RUNTIME_DIR": folder}
        command = [sys.executable, "-m", "demo.postgres_server", f"{folder}/data"]
        with running(command, env=env) as server:
            try:
                yield Database(f"{first_line(server)}&port={PORT}")
            finally:
                server.communicate()  # the end of its input stops it in order
