"""A PostgreSQL for one block of code: nothing to install, no port, nothing left behind."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg

from demo.processes import environment_without, first_line, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.sql import Composed


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
    command = [sys.executable, "-m", "demo.postgres_server"]
    with running(command, env=environment_without("PG")) as server:
        try:
            yield Database(first_line(server))
        finally:
            server.communicate()  # the end of its input stops it in order
