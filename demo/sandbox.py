"""The sandbox as its users start it: by command, with its calls in a list and in its log."""

from __future__ import annotations

import csv
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import requests

from demo.processes import first_line, running
from vcclive_sandbox.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

COMMAND = (sys.executable, "-m", "vcclive_sandbox")
DEFAULT = Options()


@contextmanager
def sandbox(options: Sequence[str]) -> Iterator[str]:
    """Run a sandbox on a free port for a block of code, and hand over its address."""
    with running([*COMMAND, "serve", "--port", "0", *options]) as server:
        yield first_line(server)


def calls_on(api_url: str, day: date) -> int:
    """Return how many calls the sandbox's log of a day says there are."""
    with requests.Session() as session:
        session.trust_env = False  # a proxy does not reach this machine's own addresses
        session.auth = (DEFAULT.customer, DEFAULT.api_key)
        answer = session.get(f"{api_url}/cdrs/{day:%Y/%m/%d}", params={"num": 1}, timeout=10)
        answer.raise_for_status()
        total: int = answer.json()["response"]["totalCount"]
        return total


def write_calls(options: Sequence[str], path: Path) -> list[str]:
    """Write the sandbox's list of calls to a CSV file and return the uuids in it, in order."""
    with path.open("w", encoding="utf-8") as file:
        command = [*COMMAND, "calls", *options]
        subprocess.run(command, stdout=file, check=True)  # noqa: S603 - this project's own command
    with path.open(encoding="utf-8", newline="") as file:
        return [row["uuid"] for row in csv.DictReader(file)]
