"""Growth: what a call costs, and what memory a run takes, as the number of calls grows."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks.bench import Conditions
from benchmarks.contenders.registry import PLAIN_SDK, TAP
from benchmarks.results import Figure, Section
from benchmarks.tasks import CallByCall

if TYPE_CHECKING:
    from benchmarks.bench import Bench, Trial
    from benchmarks.contenders.contender import Contender

_MOST_GROWTH: Final = 1.1
_MOST_MEMORY: Final = 20  # MB
_ONE_CORE: Final = Conditions(one_core=True)

Trials = dict[int, list["Trial"]]


def measure(bench: Bench) -> Section:
    """Run the tap and the plain SDK tap on longer and longer lists."""
    sizes = bench.sizes
    few, some, many = sizes.few, sizes.some, sizes.many
    tap: Trials = {few: [], some: [], many: []}
    # What is short is measured before and after what is long, in case the machine changes.
    for count in (*[few] * sizes.repeats, some, many, *[few] * sizes.repeats):
        tap[count].append(bench.trial(TAP, CallByCall(count), _ONE_CORE))
    plain: Trials = {
        count: [bench.trial(PLAIN_SDK, CallByCall(count), _ONE_CORE)] for count in sizes.plain_calls
    }
    growth = _cost(tap[many]) / _cost(tap[few])
    memory = (_memory(tap[many]) - _memory(tap[few])) / 2**20
    return Section(
        "Growth",
        f"Answers at once, {sizes.concurrency} in flight (the plain SDK tap: one), contenders kept "
        f"to one core, start-up not counted; {few:,} calls: median of {2 * sizes.repeats}.",
        (
            Figure(
                f"Growth: cost of a call at {many:,} calls, as a multiple of that at {few:,}",
                f"<= {_MOST_GROWTH}",
                f"{growth:.3f}",
                growth <= _MOST_GROWTH,
            ),
            Figure(
                f"Memory: peak at {many:,} calls, more than at {few:,}",
                f"<= {_MOST_MEMORY} MB",
                f"{memory:.1f} MB ({_memory(tap[many]) / 2**20:.0f} MB in all)",
                memory <= _MOST_MEMORY,
            ),
        ),
        ("", "calls", "seconds", "µs a call", "processor µs a call", "peak memory"),
        tuple(_row(c, n, t) for c, ts in ((TAP, tap), (PLAIN_SDK, plain)) for n, t in ts.items()),
        {
            TAP.name: [(count, _cost(trials) * 1e3) for count, trials in tap.items()],
            PLAIN_SDK.name: [(count, _cost(trials) * 1e3) for count, trials in plain.items()],
        },
    )


def _row(contender: Contender, count: int, trials: list[Trial]) -> tuple[str, ...]:
    return (
        contender.name,
        f"{count:,}",
        f"{median(trial.net for trial in trials):.2f}",
        f"{_cost(trials) * 1e6:.0f}",
        f"{median(trial.ran.cpu for trial in trials) / count * 1e6:.0f}",
        f"{_memory(trials) / 2**20:.0f} MB",
    )


def _cost(trials: list[Trial]) -> float:
    """Return the seconds that a call takes."""
    return median(trial.net / trial.calls for trial in trials)


def _memory(trials: list[Trial]) -> float:
    return median(trial.ran.rss for trial in trials)
