"""What the tests of the whole way share: a database, and a pipeline from a sandbox into it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.meltano import Meltano, MeltanoError
from demo.postgres import Database, postgres
from tests import leaks
from vcclive_sandbox.listing import write

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from vcclive_sandbox.server import RunningSandbox

# The first test that uses a plugin installs it.
SECONDS = 600
HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before the groups are looked at, also when asked for by name
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.end_to_end)
            item.add_marker(pytest.mark.timeout(SECONDS))
            # They take turns with Meltano in any case; waiting for it costs a core.
            item.add_marker(pytest.mark.xdist_group("end_to_end"))


class WatchedMeltano(Meltano):
    """Meltano, with its log and the states that it keeps looked through for secrets."""

    @override
    def _output(self, *arguments: str) -> tuple[str, str]:
        try:
            out, log = super()._output(*arguments)
        except MeltanoError as error:
            leaks.check(str(error))
            raise
        leaks.check(out + log)
        return out, log


@dataclass(frozen=True)
class Pipelines:
    """Runs of the real Meltano that share one state.

    Attributes:
        folder: For state, lists of calls and files.
        database: Where target-postgres loads into.
    """

    folder: Path
    database: Database

    @property
    def files(self) -> Path:
        """Where target-jsonl writes."""
        return self.folder / "files" / "new"

    def meltano(self, sandbox: RunningSandbox) -> Meltano:
        """Return Meltano with settings for all calls of a sandbox, as a list."""
        return self._meltano(sandbox, TAP_VCCLIVE_CALLS_FILE=str(self.calls_file(sandbox)))

    def meltano_by_date(self, sandbox: RunningSandbox, start: date, **settings: str) -> Meltano:
        """Return Meltano with settings for all calls of a sandbox since a date."""
        return self._meltano(sandbox, TAP_VCCLIVE_START_DATE=start.isoformat(), **settings)

    def _meltano(self, sandbox: RunningSandbox, **settings: str) -> Meltano:
        return WatchedMeltano(
            self.folder,
            {
                "TAP_VCCLIVE_API_URL": sandbox.api_url,
                "TARGET_POSTGRES_SQLALCHEMY_URL": self.database.sqlalchemy_url,
                "TARGET_JSONL_DESTINATION_PATH": str(self.files),
                **settings,
            },
        )

    def calls_file(self, sandbox: RunningSandbox) -> Path:
        """Write the list of a sandbox's calls and return its path."""
        path = self.folder / "calls.csv"
        with path.open("w", encoding="utf-8") as file:
            write(sandbox.calls, "csv", file)
        return path


@pytest.fixture
def database() -> Iterator[Database]:
    """An empty database, of a server whose own time zone is far from UTC."""
    with postgres() as database:
        database.execute("ALTER DATABASE postgres SET timezone TO 'America/Lima'")
        yield database


@pytest.fixture
def pipelines(tmp_path: Path, database: Database) -> Pipelines:
    """Pipelines without state, into an empty database and an empty folder."""
    return Pipelines(tmp_path, database)
