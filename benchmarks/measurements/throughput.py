"""CPU-bound: calls a second of each contender when every answer comes at once."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks.bench import Conditions
from benchmarks.contenders.contender import installed
from benchmarks.contenders.registry import CONTENDERS, PLAIN_SDK, POOL, TAP
from benchmarks.results import Figure, Section
from benchmarks.tasks import CallByCall

if TYPE_CHECKING:
    from benchmarks.bench import Bench, Trial
    from benchmarks.contenders.contender import Contender

_TARGET: Final = 1.5


def measure(bench: Bench) -> Section:
    """Let the contenders take turns, free on all cores and kept to one."""
    free = _turns(bench, one_core=False)
    one = _turns(bench, one_core=True)
    ratio, ratio_one = (_rate(t[TAP]) / _rate(t[POOL]) for t in (free, one))
    return Section(
        "Bound by the processor",
        f"{bench.sizes.cpu_calls:,} calls that the server answers at once, "
        f"{bench.sizes.concurrency} in flight ({PLAIN_SDK.name}: {bench.sizes.plain_calls[0]:,}, "
        f"one in flight); median of {bench.sizes.repeats}, start-up not counted. *Free*: as "
        "everyone runs it, on all cores, where threads of one interpreter hinder each other. "
        "*One core*: kept to a core that is not the server's. Microseconds are of the processor, "
        "start-up included.",
        (
            Figure(
                "Bound by the processor: calls a second, as a multiple of the bare requests pool's",
                f">= {_TARGET}",
                f"{ratio:.2f} (on one core {ratio_one:.2f})",
                min(ratio, ratio_one) >= _TARGET,
            ),
        ),
        (
            "",
            "calls/s, free",
            "x pool",
            "calls/s, one core",
            "x pool",
            "µs a call, one core",
            "peak memory",
            "server's core in use",
        ),
        tuple(
            (
                contender.name,
                f"{_rate(free[contender]):,.0f}",
                f"{_rate(free[contender]) / _rate(free[POOL]):.2f}",
                f"{_rate(one[contender]):,.0f}",
                f"{_rate(one[contender]) / _rate(one[POOL]):.2f}",
                f"{median(t.ran.cpu / t.calls for t in one[contender]) * 1e6:.0f}",
                f"{max(t.ran.rss for t in one[contender]) / 2**20:.0f} MB",
                f"{median(t.server_cpu / t.net for t in one[contender]):.0%}",
            )
            for contender in free
        ),
    )


def _turns(bench: Bench, *, one_core: bool) -> dict[Contender, list[Trial]]:
    sizes = bench.sizes
    trials: dict[Contender, list[Trial]] = {contender: [] for contender in installed(CONTENDERS)}
    conditions = Conditions(one_core=one_core)
    for _ in range(sizes.repeats):
        for contender, done in trials.items():
            count = sizes.plain_calls[0] if contender is PLAIN_SDK else sizes.cpu_calls
            done.append(bench.trial(contender, CallByCall(count), conditions))
    return trials


def _rate(trials: list[Trial]) -> float:
    return median(trial.rate for trial in trials)
