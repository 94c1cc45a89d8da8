"""Records: the part of the tap between a parsed answer and the written line."""

from __future__ import annotations

import sys
from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks import processes
from benchmarks.results import Figure, Section
from benchmarks.tasks import CallByCall

if TYPE_CHECKING:
    from benchmarks.bench import Bench

_TARGET: Final = 60_000


def measure(bench: Bench) -> Section:
    """Let the tap write records of answers that are at hand."""
    count = bench.sizes.answers
    listed = bench.listed(CallByCall(count))
    rates = []
    for _ in range(bench.sizes.repeats):
        with bench.folder() as folder:
            result = folder / "seconds"
            processes.run(
                [sys.executable, "-m", "benchmarks.records_probe", str(listed), str(result)]
            )
            rates.append(count / float(result.read_text()))
    rate = median(rates)
    return Section(
        "Records",
        f"The tap in one process with {count:,} parsed answers in place of its requests, its "
        f"output to nowhere: values, progress, record and STATE messages; median of "
        f"{bench.sizes.repeats}.",
        (
            Figure(
                "Records: CDRs a second from parsed answer to written line",
                f">= {_TARGET:,}",
                f"{rate:,.0f}",
                rate >= _TARGET,
            ),
        ),
    )
