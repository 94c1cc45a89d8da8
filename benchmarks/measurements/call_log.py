"""The call log: how long each contender takes to read a hundred thousand calls by the page."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks.bench import Conditions
from benchmarks.call_log import LARGEST_PAGE, CallLog
from benchmarks.contenders.contender import installed
from benchmarks.contenders.log_registry import (
    LOG_ASYNCIO,
    LOG_CONTENDERS,
    LOG_DLT,
    LOG_REST,
    LOG_TAP,
)
from benchmarks.results import Figure, Section
from benchmarks.tasks import DayByDay

if TYPE_CHECKING:
    from benchmarks.bench import Bench, Trial
    from benchmarks.contenders.contender import Contender

    Trials = dict[Contender, list[Trial]]

_MOST: Final = 2.0


def measure(bench: Bench) -> Section:
    """Let the contenders read the log in turns, and count what they have written."""
    sizes = bench.sizes
    task = DayByDay(CallLog(sizes.log_days, sizes.log_calls_per_day))
    conditions = Conditions(
        latency=sizes.log_latency, concurrency=sizes.log_concurrency, counted=True
    )
    trials: Trials = {contender: [] for contender in installed(LOG_CONTENDERS)}
    for turn in range(sizes.repeats):
        for contender, done in trials.items():
            # One page after the other takes ten times as long as all the others.
            if not turn or contender is not LOG_REST:
                done.append(bench.trial(contender, task, conditions))
    return Section(
        "The call log",
        f"{task.calls:,} calls in {sizes.log_days} days of {sizes.log_calls_per_day:,}, read with "
        f"`GET /cdrs/[year]/[month]/[day]` in pages of {LARGEST_PAGE} at "
        f"{sizes.log_latency * 1000:.0f} ms a page, {sizes.log_concurrency} in flight "
        f"({LOG_REST.name}: one); median of {sizes.repeats} ({LOG_REST.name}: one run), start-up "
        "(a run with one day of one call that is answered at once) not counted, but for "
        "microseconds of the processor. All write to files; after each run, the calls in them and "
        "those that the server was asked for are counted. The server has encoded the pages "
        "beforehand.",
        _figures(trials),
        (
            "",
            "calls/s",
            "seconds",
            f"x {LOG_ASYNCIO.name}",
            "processor µs a call",
            "requests",
            "peak memory",
            "most in flight",
            "server's core in use",
        ),
        tuple(_row(contender, trials) for contender in trials),
    )


def _figures(trials: Trials) -> tuple[Figure, ...]:
    """Return the figures of the tap beside those of the contenders that took part."""
    figures = []
    if LOG_ASYNCIO in trials:
        ratio = _seconds(trials[LOG_TAP]) / _seconds(trials[LOG_ASYNCIO])
        figures.append(
            Figure(
                f"The call log: time, as a multiple of the {LOG_ASYNCIO.name}'s",
                f"<= {_MOST:g}",
                f"{ratio:.2f}",
                ratio <= _MOST,
            )
        )
    for peer in (LOG_REST, LOG_DLT):
        if peer in trials:
            ratio = _seconds(trials[peer]) / _seconds(trials[LOG_TAP])
            figures.append(
                Figure(
                    f"The call log: calls a second, as a multiple of those of {peer.name}",
                    "> 1",
                    f"{ratio:.2f}",
                    ratio > 1,
                )
            )
    return tuple(figures)


def _row(contender: Contender, trials: Trials) -> tuple[str, ...]:
    of_one = trials[contender]
    seconds = _seconds(of_one)
    limit = trials.get(LOG_ASYNCIO)
    return (
        contender.name,
        f"{of_one[0].calls / seconds:,.0f}",
        f"{seconds:.2f}",
        f"{seconds / _seconds(limit):.2f}" if limit else "",
        f"{median(trial.ran.cpu / trial.calls for trial in of_one) * 1e6:.0f}",
        f"{median(trial.counts.requests for trial in of_one):.0f}",
        f"{max(trial.ran.rss for trial in of_one) / 2**20:.0f} MB",
        f"{max(trial.counts.most_in_flight for trial in of_one)}",
        f"{median(trial.server_cpu / trial.net for trial in of_one):.0%}",
    )


def _seconds(trials: list[Trial]) -> float:
    return median(trial.net for trial in trials)
