"""Start-up: time to the first record with one call, less what the SDK's import takes."""

from __future__ import annotations

import sys
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import processes
from benchmarks.contenders.registry import TAP
from benchmarks.contenders.work import Work
from benchmarks.results import Section
from benchmarks.tasks import CallByCall

if TYPE_CHECKING:
    from benchmarks.bench import Bench


def measure(bench: Bench) -> Section:
    """Start the tap, the SDK alone and the interpreter alone, in turns."""
    tap, sdk, python = [], [], []
    for _ in range(2 * bench.sizes.repeats + 1):
        with bench.folder() as folder:
            listed = bench.listed(CallByCall(1))
            work = Work(bench.server.url, listed, bench.sizes.concurrency, folder)
            tap.append(processes.seconds_to(b'"RECORD"', TAP.command(work)))
        sdk.append(processes.seconds_to(b"here", _said_after("import singer_sdk")))
        python.append(processes.seconds_to(b"here", _said_after("pass")))
    first, imports = median(tap), median(sdk)
    return Section(
        "Start-up",
        f"Median of {len(tap)}. The first record of a list with one call comes after "
        f"{first:.2f} s; `python -c 'import singer_sdk'` takes {imports:.2f} s of that and Python "
        f"alone {median(python):.2f} s, so that the tap's own part is {first - imports:.2f} s.",
    )


def _said_after(code: str) -> list[str]:
    """Return a command that writes a line when it has done something."""
    return [sys.executable, "-c", f"{code}; print('here', flush=True)"]
