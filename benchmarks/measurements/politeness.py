"""Politeness: requests a minute and requests in flight, counted at the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from benchmarks import processes
from benchmarks.bench import Conditions
from benchmarks.contenders.registry import TAP
from benchmarks.contenders.work import Work
from benchmarks.results import Figure, Section
from benchmarks.tasks import CallByCall

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.server import Counts

_TOLERANCE: Final = 0.02


def measure(bench: Bench) -> Section:
    """Run the tap with bounds on requests a minute, and without."""
    sizes = bench.sizes
    figures = []
    for pace, count in sizes.paces:
        rate = _rate(_paced(bench, pace, count))
        figures.append(
            Figure(
                f"`requests_per_minute` {pace:,}, counted at the server",
                "within 2 %",
                f"{rate:,.1f} ({rate / pace - 1:+.2%})",
                abs(rate / pace - 1) <= _TOLERANCE,
            )
        )
    task = CallByCall(sizes.in_flight_calls)
    most = bench.trial(TAP, task, Conditions(sizes.latency)).counts.most_in_flight
    figures.append(
        Figure(
            f"Most requests in flight with `max_concurrency` {sizes.concurrency}",
            f"<= {sizes.concurrency}",
            str(most),
            most <= sizes.concurrency,
        )
    )
    return Section(
        "Politeness",
        "The rate is that between the first request and the last, at "
        f"{sizes.latency * 1000:.0f} ms latency and {sizes.concurrency} in flight.",
        tuple(figures),
    )


def _paced(bench: Bench, pace: int, count: int) -> Counts:
    """Let the tap fetch so many calls with a bound; return what the server has counted."""
    with bench.folder() as folder:
        listed = bench.listed(CallByCall(count))
        work = Work(bench.server.url, listed, bench.sizes.concurrency, folder)
        command = TAP.command(work)
        config = folder / "config.json"
        config.write_text(
            json.dumps({**json.loads(config.read_text()), "requests_per_minute": pace})
        )
        bench.server.reset(bench.sizes.latency)
        processes.run(command)
        return bench.server.reset()


def _rate(counts: Counts) -> float:
    return (counts.requests - 1) / (counts.last - counts.first) * 60
