"""Concurrency: the time of the same calls against the number of requests in flight."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks.bench import Conditions
from benchmarks.contenders.registry import TAP
from benchmarks.results import Section
from benchmarks.tasks import CallByCall

if TYPE_CHECKING:
    from benchmarks.bench import Bench

_LONG: Final = 3.0  # seconds; what takes as long is not repeated


def measure(bench: Bench) -> Section:
    """Run the tap with more and more requests in flight."""
    sizes = bench.sizes
    total = sizes.in_flight_calls * sizes.latency
    seconds: dict[int, float] = {}
    for concurrency in sizes.in_flight:
        repeats = 1 if total / concurrency > _LONG else sizes.repeats
        seconds[concurrency] = median(_seconds(bench, concurrency) for _ in range(repeats))
    return Section(
        "Requests in flight",
        f"{sizes.in_flight_calls} calls at {sizes.latency * 1000:.0f} ms against "
        "`max_concurrency`, from the first request to the last answer; the limit is calls "
        "x latency / requests in flight.",
        header=("in flight", "seconds", "limit", "x the limit"),
        rows=tuple(
            (str(n), f"{s:.2f}", f"{total / n:.2f}", f"{s * n / total:.3f}")
            for n, s in seconds.items()
        ),
        curves={
            TAP.name: list(seconds.items()),
            "calls x latency / requests in flight": [(n, total / n) for n in seconds],
        },
    )


def _seconds(bench: Bench, concurrency: int) -> float:
    """Return the seconds from the first request to the last answer.

    Seen from the server, as the start-up of the tap varies by more than many requests in flight
    leave of these seconds.
    """
    sizes = bench.sizes
    conditions = Conditions(sizes.latency, concurrency)
    counts = bench.trial(TAP, CallByCall(sizes.in_flight_calls), conditions).counts
    return counts.last - counts.first + sizes.latency
