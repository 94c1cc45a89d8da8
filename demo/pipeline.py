"""The pipeline that both parts of the demo run: Meltano, the tap, the target and its tables."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from psycopg.sql import SQL, Identifier

from demo.meltano import Meltano
from demo.narration import command, result, table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from demo.postgres import Database

PLUGINS = ("tap-vcclive", "target-postgres")
SCHEMA = "vcclive_sandbox"
# In what the tap says at the beginning and at the end of a stream that has something to do.
WORTH_SHOWING = (": reading ", "; fetching ", " loaded, ")

Stream = Literal["cdr", "cdr_log"]


@dataclass(frozen=True)
class Pipeline:
    """Runs that share one state and one database.

    Attributes:
        folder: Where Meltano keeps the state.
        database: Where the rows arrive.
    """

    folder: Path
    database: Database

    def run(self, settings: Mapping[str, str], remark: str = "") -> None:
        """Run once, and tell what the tap said and how long it took.

        Args:
            settings: Settings of the tap, by the names of their environment variables.
            remark: What there is to know while it runs.
        """
        command(f"meltano --environment=sandbox run {' '.join(PLUGINS)}")
        if remark:
            result(f"({remark})")
        begin = time.monotonic()
        for line in self._meltano(settings).run(*PLUGINS).splitlines():
            _, tap, said = line.partition(" tap-vcclive  ")
            if tap and any(words in said for words in WORTH_SHOWING):
                result(f"The tap says: {said}")
        result(f"Done after {time.monotonic() - begin:.0f} s.")

    def bookmark(self, stream: Stream) -> dict[str, Any]:
        """Return what the state says of a stream."""
        bookmark: dict[str, Any] = self._meltano({}).state(*PLUGINS)[stream]
        return bookmark

    def show_rows(self, stream: Stream) -> None:
        """Show a few rows of a stream's table, without telephone numbers."""
        rows = self.database.rows(
            SQL(
                "SELECT start_ts_utc, direction, projectname, userfullname, talktime, "
                "disposition_label FROM {} WHERE talktime > 0 ORDER BY start_ts_utc LIMIT 5"
            ).format(Identifier(SCHEMA, stream))
        )
        header = ("start_ts_utc", "direction", "project", "agent", "talktime", "disposition")
        table(header, rows)

    def _meltano(self, settings: Mapping[str, str]) -> Meltano:
        target = {"TARGET_POSTGRES_SQLALCHEMY_URL": self.database.sqlalchemy_url}
        return Meltano(self.folder, {**target, **settings})
