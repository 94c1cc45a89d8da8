"""The sandbox as its users start it: by command, with its list of calls in a file."""

from __future__ import annotations

import csv
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from demo.processes import first_line, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

COMMAND = (sys.executable, "-m", "vcclive_sandbox")


@contextmanager
def sandbox(options: Sequence[str]) -> Iterator[str]:
    """Run a sandbox on a free port for a block of code, and hand over its address."""
    with running([*COMMAND, "serve", "--port", "0", *options]) as server:
        yield first_line(server)


def write_calls(options: Sequence[str], path: Path) -> set[str]:
    """Write the sandbox's list of calls to a CSV file and return the uuids in it."""
    with path.open("w", encoding="utf-8") as file:
        command = [*COMMAND, "calls", *options]
        subprocess.run(command, stdout=file, check=True)  # noqa: S603 - this project's own command
    with path.open(encoding="utf-8", newline="") as file:
        return {row["uuid"] for row in csv.DictReader(file)}
