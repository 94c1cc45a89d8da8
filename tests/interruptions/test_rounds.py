"""Runs that are interrupted at random moments, each followed by whole ones: nothing is lost.

A round alone, by the number at the end of its name:
`VCCLIVE_SEED=17 pytest 'tests/interruptions/test_rounds.py' -k 'list-SIGTERM-17'`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle, product
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.interruptions.edits import Entries, edited
from tests.interruptions.outlets import OUTLETS
from tests.interruptions.targets import Target
from tests.interruptions.truth import Known, Logged, untruths
from tests.interruptions.ways import FILE_WAYS, WAYS, running
from tests.records import record_of
from tests.runs import Runner, config_for, entries, log_config_for
from tests.soak import FACTOR
from vcclive_sandbox.dice import dice
from vcclive_sandbox.server import Faults, Options, Variants, serving

if TYPE_CHECKING:
    from random import Random

    from vcclive_sandbox.server import RunningSandbox

ALL_WAYS: Final = {**WAYS, **FILE_WAYS}
SOURCES: Final = {"list": ["cdr"], "log": ["cdr_log"], "calls-from-log": ["cdr", "cdr_log"]}
FIRST_SEED: Final = int(os.environ.get("VCCLIVE_SEED", "1"))
SEEDS: Final = range(FIRST_SEED, FIRST_SEED + FACTOR)
# Into a file of its own a run writes the same whatever it reads: each of these ways with one source
# in turn, unless there is time for all.
ROUNDS: Final = (
    [*product(SOURCES, ALL_WAYS)]
    if FACTOR > 1
    else [*product(SOURCES, WAYS), *zip(cycle(SOURCES), FILE_WAYS, strict=False)]
)
PASSING: Final = dict.fromkeys(["429", "500", "502", "drop", "half"], 0.008)
"""Four requests in a hundred."""

# So many runs register all that is late, and all of a day that grows.
MOST_RUNS: Final = 6
GROWING: Final = 3


def options_for(source: str, draws: Random) -> Options:
    """Return a week of calls: late, growing, moving and failing as it falls."""
    return Options(
        first_day=date(2024, 3, 4),
        days=7,
        calls_per_day=110 if source == "list" else 80,
        page_cap=40,
        latency_ms=draws.choice([2, 5]),
        late_rate=draws.choice([0, 0.05]),
        growing=0 if source == "list" else draws.choice([0, GROWING]),
        variants=Variants(log_order=draws.choice(["oldest", "newest", "moving"])),
        faults=Faults(rates=draws.choice([{}, PASSING]), retry_after_seconds=0),
    )


def known_of(sandbox: RunningSandbox, options: Options) -> Known:
    """Return what there is to speak of: the calls, and which are registered from the beginning."""
    come = len(sandbox.calls) - options.growing
    known = Known()
    for number, call in enumerate(sandbox.calls):
        logged = Logged(call.uuid, str(call.cdr()["start_ts"]))
        if number < come and sandbox.calls.chance[number] >= options.late_rate:
            known.add_logged([logged])
        known.add_late(logged)
    return known


@dataclass
class Round:
    """One sandbox, one target, and the runs between them.

    Attributes:
        run_tap: Runs the tap.
        sandbox: The sandbox.
        known: What there is to speak of.
        config: Settings of the next run.
        draws: Decides.
        target: The target.
        listed: The uuids of all calls that a list has had.
    """

    run_tap: Runner
    sandbox: RunningSandbox
    known: Known
    config: dict[str, Any]
    draws: Random
    target: Target = field(default_factory=Target)
    listed: set[str] = field(default_factory=set)

    def set_list(self, calls: Entries) -> None:
        """Give the next run a list of calls."""
        self.config["calls"] = calls
        self.listed |= {call["uuid"] for call in calls}
        self.known.add_list(calls)

    def edit_list(self) -> None:
        """Edit the list, if there is one."""
        if calls := self.config.get("calls"):
            now = {call["uuid"] for call in calls}
            others = [call for call in entries(self.sandbox) if call["uuid"] not in now]
            self.set_list(edited(calls, others, self.draws))

    def interrupted_run(self, way: str) -> None:
        """Run the tap and interrupt it; of its STATEs any may have been stored."""
        config = {**self.config, "max_concurrency": self.draws.choice([2, 4, 8])}
        environment = {"PYTHONUNBUFFERED": self.draws.choice(["", "1"])}
        outlet = "pipe"
        if way in FILE_WAYS:
            outlet = self.draws.choice(["file", "append"])
            environment["TAP_VCCLIVE_LOGLEVEL"] = "INFO"  # a full disk takes no long log, either
        with running(self.run_tap, self._begun(config), self.target, outlet, environment) as tap:
            ALL_WAYS[way](tap, self.draws)
        self._check_states()

    def whole_run(self) -> None:
        """Run the tap to its end."""
        config = {**self.config, "max_concurrency": 32}
        outlet = self.draws.choice(OUTLETS)
        with running(self.run_tap, self._begun(config), self.target, outlet) as tap:
            tap.take_all()
            assert tap.status() == 0, tap.log
        self._check_states()
        self.target.arrived = self.target.arrived[-1:]

    def _begun(self, config: dict[str, Any]) -> list[str]:
        """Return the command of a run from a STATE that may have been stored, rather a late one."""
        arrived = self.target.arrived
        stored = self.draws.choice(self.draws.choice([arrived, arrived[-3:], arrived[-1:]]))
        self.target.begin(stored)
        return self.run_tap.arguments(config, stored.state)

    def _check_states(self) -> None:
        for stored in self.target.arrived:
            assert untruths(stored.state, stored.written, self.known) == []

    def lacking(self, stream: str) -> set[str]:
        """Return the uuids of the calls that a stream still has to load."""
        if calls := self.config.get("calls"):
            wanted = {call["uuid"] for call in calls}
        else:
            wanted = {call.uuid for call in self.sandbox.calls}
        return wanted - self.target.uuids(stream)


def settings_for(source: str, sandbox: RunningSandbox, options: Options) -> dict[str, Any]:
    """Return settings that fetch the calls of a sandbox from a source."""
    if source == "list":
        return config_for(sandbox, max_tries=8)
    changes = options.late_rate or options.growing
    return log_config_for(
        sandbox,
        max_tries=8,
        lookback_days=7 if changes else 0,
        calls_from_log=source == "calls-from-log",
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("source", "way"), ROUNDS)
def test_what_is_interrupted_loses_nothing(
    run_tap: Runner, source: str, way: str, seed: int
) -> None:
    draws = dice(source, way, seed)
    options = options_for(source, draws)
    with serving(options) as sandbox:
        config = settings_for(source, sandbox, options)
        one = Round(run_tap, sandbox, known_of(sandbox, options), config, draws)
        if source == "list":
            calls = entries(sandbox)
            one.set_list(draws.sample(calls, draws.randint(400, len(calls))))
        for each in draws.choice([[way], [way], [way, draws.choice([*ALL_WAYS])]]):
            one.interrupted_run(each)
            one.edit_list()
        streams = SOURCES[source]
        for _ in range(MOST_RUNS):
            one.whole_run()
            if not any(one.lacking(stream) for stream in streams):
                break
        calls_of_sandbox = {call.uuid: call for call in sandbox.calls}
        for stream in streams:
            assert one.lacking(stream) == set()
            assert one.target.uuids(stream) <= (one.listed or calls_of_sandbox.keys())
        for (_, uuid), record in one.target.records.items():
            assert record == record_of(calls_of_sandbox[uuid])
