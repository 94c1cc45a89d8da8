"""Runs that are killed at random moments, each followed by one more: nothing is lost.

The test stands in for the target: it takes whole lines only, and of the STATEs that have arrived it
may have stored any one, as targets store a STATE only after all records before it.
"""

from __future__ import annotations

import json
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.runs import Runner, config_for, log_config_for
from vcclive_sandbox.dice import dice
from vcclive_sandbox.server import Faults, Options, Variants, serving

if TYPE_CHECKING:
    from random import Random

    from vcclive_sandbox.server import RunningSandbox

OPTIONS = Options(
    first_day=date(2024, 3, 4),
    days=7,
    calls_per_day=40,
    page_cap=15,
    latency_ms=10,
    variants=Variants(log_order="moving"),
    faults=Faults(rates={"drop": 0.005}),
)


@dataclass
class Target:
    """What a target has got.

    Attributes:
        records: The records by stream and uuid; a later one takes the place of an earlier one.
        states: The STATEs, in order.
    """

    records: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    states: list[dict[str, Any]] = field(default_factory=lambda: [{}])

    def take(self, line: str) -> None:
        """Take a line, which is dropped when it is not whole."""
        if not line.endswith("\n"):
            return
        message = json.loads(line)
        if message["type"] == "RECORD":
            self.records[message["stream"], message["record"]["uuid"]] = message["record"]
        elif message["type"] == "STATE":
            self.states.append(message["value"])

    def uuids(self, stream: str) -> list[str]:
        """Return the uuids of a stream, sorted."""
        return sorted(uuid for name, uuid in self.records if name == stream)


def killed_run(run_tap: Runner, config: dict[str, Any], target: Target, draws: Random) -> None:
    """Run the tap on a STATE that the target may have stored; kill it at a random moment."""
    state = draws.choice(target.states[-3:])
    with subprocess.Popen(
        run_tap.arguments(config, state),
        env=run_tap.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        with suppress(StopIteration):
            target.take(next(lines))  # the first SCHEMA: it has begun
            until = time.monotonic() + draws.uniform(0, 0.6)
            while time.monotonic() < until:
                target.take(next(lines))
        process.kill()
        for line in lines:
            target.take(line)


def settings(sandbox: RunningSandbox, source: str) -> dict[str, Any]:
    """Return settings that fetch all calls of a sandbox from one source or another."""
    if source == "list":
        return config_for(sandbox)
    more = {"calls_from_log": True} if source == "calls from the log" else {}
    return log_config_for(sandbox, lookback_days=0, **more)


@pytest.mark.parametrize(
    ("source", "seed"),
    [
        *(("list", seed) for seed in range(8)),
        *(("log", seed) for seed in range(8)),
        *(("calls from the log", seed) for seed in range(4)),
    ],
)
def test_a_run_that_is_killed_and_one_more_lose_nothing(
    run_tap: Runner, source: str, seed: int
) -> None:
    draws, target = dice(source, seed), Target()
    is_list = source == "list"
    with serving(replace(OPTIONS, late_rate=0.05 if is_list else 0)) as sandbox:
        config = settings(sandbox, source)
        killed_run(run_tap, {**config, "max_concurrency": 2}, target, draws)
        # One more run, and for the list a second one for what registered late.
        for _ in range(2 if is_list else 1):
            run = run_tap({**config, "max_concurrency": 32}, draws.choice(target.states[-2:]))
            assert run.status == 0
            for message in run.messages:
                target.take(json.dumps(message) + "\n")
        calls = sorted(call.uuid for call in sandbox.calls)
        talktimes = {call.uuid: call.cdr()["talktime"] for call in sandbox.calls}
    for stream in {"list": ["cdr"], "log": ["cdr_log"]}.get(source, ["cdr", "cdr_log"]):
        assert target.uuids(stream) == calls
    for (_, uuid), record in target.records.items():
        assert record["talktime"] == talktimes[uuid]
