"""Latency-bound: how near a run comes to calls x latency / requests in flight."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks.bench import Conditions
from benchmarks.contenders.contender import installed
from benchmarks.contenders.registry import CONTENDERS, PLAIN_SDK, TAP
from benchmarks.results import Figure, Section
from benchmarks.tasks import CallByCall

if TYPE_CHECKING:
    from benchmarks.bench import Bench, Trial

_TARGET: Final = 1.08


def measure(bench: Bench) -> Section:
    """Let the contenders wait for the network, the tap before and after each of them."""
    sizes = bench.sizes

    def trial(name: str) -> Trial:
        contender = contenders[name]
        count = sizes.plain_latency_calls if contender is PLAIN_SDK else sizes.latency_calls
        return bench.trial(contender, CallByCall(count), Conditions(sizes.latency))

    contenders = {contender.name: contender for contender in installed(CONTENDERS)}
    trials = {name: [trial(name)] for name in contenders}
    # The others take as long as the tap, so that only what has a target is repeated.
    trials[TAP.name] += [trial(TAP.name) for _ in range(sizes.repeats - 1)]

    def ratio(trial: Trial) -> float:
        return trial.net * sizes.concurrency / (trial.calls * sizes.latency)

    tap = median(map(ratio, trials[TAP.name]))
    return Section(
        "Bound by latency",
        f"{sizes.latency_calls:,} calls at {sizes.latency * 1000:.0f} ms, {sizes.concurrency} in "
        f"flight ({PLAIN_SDK.name}: {sizes.plain_latency_calls} calls, one in flight). The limit "
        f"is calls x latency / {sizes.concurrency}; start-up (a run with one call that is answered "
        "at once) is not counted.",
        (
            Figure(
                "Bound by latency: time, as a multiple of calls x latency / requests in flight",
                f"<= {_TARGET}",
                f"{tap:.3f}",
                tap <= _TARGET,
            ),
        ),
        ("", "calls", "seconds", "x the limit", "latency at the server", "most in flight"),
        tuple(
            (
                name,
                f"{of_one[0].calls:,}",
                f"{median(trial.net for trial in of_one):.2f}",
                f"{median(map(ratio, of_one)):.3f}",
                f"{_latency(of_one[-1]):.2f} ms",
                f"{max(trial.counts.most_in_flight for trial in of_one)}",
            )
            for name, of_one in trials.items()
        ),
    )


def _latency(trial: Trial) -> float:
    """Return the milliseconds that an answer took at the server."""
    return trial.counts.latency / trial.counts.requests * 1000
