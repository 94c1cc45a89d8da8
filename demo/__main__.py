"""The demo: goes the whole way by date and by a list of calls, and checks what arrived."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from requests import RequestException

from demo import by_date, by_list, names
from demo.checks import WrongRowsError
from demo.meltano import MeltanoError
from demo.narration import command, result, say, step
from demo.pipeline import Pipeline
from demo.postgres import postgres
from demo.processes import NotStartedError, stop_on_signals


def show(folder: Path) -> None:
    """Show all parts, with everything that is written in one folder."""
    say("From a call centre to a database: sandbox, tap-vcclive, Meltano, PostgreSQL.")
    step("An empty PostgreSQL")
    with postgres() as database:
        command(f"export TARGET_POSTGRES_SQLALCHEMY_URL='{database.sqlalchemy_url}'")
        result("It runs in a temporary folder, reachable by a Unix socket.")
        pipeline = Pipeline(folder, database)
        by_date.show(pipeline)
        by_list.show(pipeline)
        names.show(pipeline)
    say("\nEverything that was started has been stopped.")


def main() -> int:
    """Run the demo and return its exit status."""
    stop_on_signals()
    try:
        with TemporaryDirectory(prefix="tap-vcclive-demo-") as folder:
            show(Path(folder))
    except (MeltanoError, NotStartedError, RequestException, WrongRowsError) as error:
        sys.stderr.write(f"\nThe demo failed: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
