"""The demo: loads the sandbox's calls twice, late ones in between, and checks what arrived."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.meltano import Meltano, MeltanoError
from demo.narration import command, result, say, step, table
from demo.postgres import Database, postgres
from demo.processes import NotStartedError, stop_on_signals
from demo.sandbox import sandbox, write_calls

CALLS = ("--days", "3", "--calls-per-day", "200")
LATE = ("--late-rate", "0.05", "--latency-ms", "20")
PIPELINE = ("tap-vcclive", "target-postgres")


class WrongRowsError(Exception):
    """The rows in PostgreSQL are not the calls that they should be."""


@dataclass(frozen=True)
class Demo:
    """The two runs, and what must be true after each.

    Attributes:
        meltano: Runs the pipeline.
        database: Where the rows arrive.
        calls: The uuids of all calls of the list.
    """

    meltano: Meltano
    database: Database
    calls: set[str]

    def first_run(self) -> set[str]:
        """Load the calls that are registered, and return the uuids of the others."""
        self._run("the first time on a machine, Meltano installs tap and target: up to a minute")
        loaded = self._loaded()
        late = self.calls - loaded
        waiting = self.meltano.state(*PIPELINE)["cdr"].get("pending", [])
        check(bool(late), "no call registers late, so a second run has nothing to show")
        check(loaded <= self.calls, "rows arrived that are no calls of the list")
        check({call["uuid"] for call in waiting} == late, "the state waits for other calls")
        result(f"PostgreSQL has {len(loaded)} of {len(self.calls)} calls:")
        self._show()
        result(f"The other {len(late)} are not registered yet. They wait in the tap's state.")
        return late

    def second_run(self, late: set[str]) -> None:
        """Run the same once more: the late calls arrive, and only they are fetched."""
        self._run("the same command")
        (_, first), (_, second) = self.database.rows(
            "SELECT _sdc_sync_started_at, array_agg(uuid) FROM vcclive_sandbox.cdr "
            "GROUP BY 1 ORDER BY 1"
        )
        check(set(second) == late, "the second run loaded other calls than the late ones")
        check({*first, *second} == self.calls, "the rows are not the calls of the list")
        check(len(first) + len(second) == len(self.calls), "a call has more than one row")
        waiting = self.meltano.state(*PIPELINE)["cdr"].get("pending", [])
        check(not waiting, "the state still waits for calls")
        result(f"It fetched the {len(second)} late calls and none of the {len(first)} others.")
        result(f"PostgreSQL has all {len(self.calls)} calls, each of them once.")

    def _run(self, remark: str) -> None:
        """Run the pipeline and tell how long it took."""
        command("meltano --environment=sandbox run tap-vcclive target-postgres")
        result(f"({remark})")
        begin = time.monotonic()
        log = self.meltano.run(*PIPELINE)
        for line in log.splitlines():
            _, tap, said = line.partition(" tap-vcclive  ")
            if tap and " calls " in said:
                result(f"The tap says: {said}")
        result(f"Done after {time.monotonic() - begin:.0f} s.")

    def _loaded(self) -> set[str]:
        """Return the uuids of all rows."""
        return {uuid for (uuid,) in self.database.rows("SELECT uuid FROM vcclive_sandbox.cdr")}

    def _show(self) -> None:
        """Show a few rows, without telephone numbers."""
        rows = self.database.rows(
            "SELECT start_ts_utc, direction, projectname, userfullname, talktime, "
            "disposition_label FROM vcclive_sandbox.cdr "
            "WHERE talktime > 0 ORDER BY start_ts_utc LIMIT 5"
        )
        header = ("start_ts_utc", "direction", "project", "agent", "talktime", "disposition")
        table(header, rows)


def check(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads like assert
    """Raise WrongRowsError unless something holds."""
    if not holds:
        raise WrongRowsError(otherwise)


def show(folder: Path) -> None:
    """Go the whole way once, with everything that is written in one folder."""
    say("From a call centre to a database: sandbox, tap-vcclive, Meltano, PostgreSQL.")
    step("A stand-in for VCC Live: one call in twenty registers late")
    command(" ".join(("vcclive-sandbox serve", *CALLS, *LATE)))
    with sandbox((*CALLS, *LATE)) as api_url:
        result(f"It answers at {api_url}")

        step("The list of its calls")
        command(" ".join(("vcclive-sandbox calls", *CALLS, "> calls.csv")))
        calls = write_calls(CALLS, folder / "calls.csv")
        result(f"{len(calls)} calls, each with its uuid, year and month.")

        step("An empty PostgreSQL")
        with postgres() as database:
            command(f"export TARGET_POSTGRES_SQLALCHEMY_URL='{database.sqlalchemy_url}'")
            result("It runs in a temporary folder, reachable by a Unix socket.")
            settings = {
                "TAP_VCCLIVE_API_URL": api_url,
                "TAP_VCCLIVE_CALLS_FILE": str(folder / "calls.csv"),
                "TARGET_POSTGRES_SQLALCHEMY_URL": database.sqlalchemy_url,
            }
            demo = Demo(Meltano(folder, settings), database, calls)
            step("The first run: every call that is registered")
            late = demo.first_run()
            step("The second run: the late calls")
            demo.second_run(late)
    say("\nEverything that was started has been stopped.")


def main() -> int:
    """Run the demo and return its exit status."""
    stop_on_signals()
    try:
        with TemporaryDirectory(prefix="tap-vcclive-demo-") as folder:
            show(Path(folder))
    except (MeltanoError, NotStartedError, WrongRowsError) as error:
        sys.stderr.write(f"\nThe demo failed: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
