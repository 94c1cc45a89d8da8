"""Two runs at once from the same state, as a scheduler starts them that does not wait."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.forks import started
from tests.interruptions.targets import Stored, Target
from tests.interruptions.test_rounds import SOURCES, known_of
from tests.interruptions.truth import untruths
from tests.records import record_of
from tests.runs import Runner, config_for, entries, log_config_for
from vcclive_sandbox.dice import dice
from vcclive_sandbox.server import Options, Variants, serving

if TYPE_CHECKING:
    from random import Random

    from vcclive_sandbox.server import RunningSandbox

OPTIONS: Final = Options(
    first_day=date(2024, 3, 4),
    days=5,
    calls_per_day=80,
    page_cap=30,
    latency_ms=5,
    late_rate=0.05,
    variants=Variants(log_order="moving"),
)


def settings_for(source: str, sandbox: RunningSandbox) -> dict[str, Any]:
    """Return settings that fetch the calls of a sandbox from a source."""
    if source == "list":
        return config_for(sandbox)
    return log_config_for(sandbox, calls_from_log=source == "calls-from-log", lookback_days=5)


def output_of(
    run_tap: Runner, config: dict[str, Any], state: dict[str, Any] | None = None
) -> bytes:
    """Run the tap; return its output."""
    status, output, log = run_tap.ended(run_tap.arguments(config, state))
    assert status == 0, log
    return output


def at_once(run_tap: Runner, config: dict[str, Any], state: dict[str, Any]) -> list[bytes]:
    """Run the tap twice at the same time; return both outputs."""
    arguments = run_tap.arguments(config, state)
    with ExitStack() as stack:
        files = [stack.enter_context(run_tap.path(name).open("w+b")) for name in ("a", "b")]
        processes = [
            started(arguments, env=run_tap.environment(), stdout=file, stderr=subprocess.DEVNULL)
            for file in files
        ]
        assert [process.wait(60) for process in processes] == [0, 0]
    return [run_tap.path(name).read_bytes() for name in ("a", "b")]


def mixed(outputs: list[bytes], draws: Random) -> bytes:
    """Return the lines of two outputs in an order in which they may be loaded."""
    lines = [output.splitlines(keepends=True)[::-1] for output in outputs]
    merged = []
    while remaining := [output for output in lines if output]:
        (output,) = draws.choices(remaining, [len(output) for output in remaining])
        merged.append(output.pop())
    return b"".join(merged)


def loaded(output: bytes, begun_with: Stored, records: dict[Any, Any] | None = None) -> Target:
    """Return a target that has loaded an output, on top of other records."""
    target = Target()
    target.records.update(records or {})
    target.begin(begun_with)
    target.take(output)
    return target


@pytest.mark.parametrize(
    ("source", "is_first"),
    [("list", False), ("log", True), ("calls-from-log", True), ("calls-from-log", False)],
)
def test_two_runs_at_once_are_complete_and_true_each_and_together(
    run_tap: Runner,
    source: str,
    is_first: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    draws = dice("two runs", source, is_first)
    with serving(OPTIONS) as sandbox:
        calls = {call.uuid: call for call in sandbox.calls}
        config = settings_for(source, sandbox)
        known = known_of(sandbox, OPTIONS)
        known.add_list(entries(sandbox))
        before = Target()
        if not is_first:
            part = dict(config)
            if source == "list":
                part["calls"] = config["calls"][:200]
                known.add_list(part["calls"])
            else:
                part["end_date"] = "2024-03-06"
            before.take(output_of(run_tap, part))
        begun_with = before.arrived[-1]
        outputs = at_once(run_tap, config, begun_with.state)
        each = [loaded(output, begun_with) for output in outputs]
        for target in each:
            for stored in target.arrived:
                assert untruths(stored.state, stored.written, known) == []
        # In any order, and with the last STATE of either, one more run leaves exactly the calls.
        for either in each:
            last = either.arrived[-1]
            together = loaded(mixed(outputs, draws), begun_with, before.records)
            output = output_of(run_tap, config, last.state)
            rest = loaded(output, last, together.records)
            for stream in SOURCES[source]:
                assert rest.uuids(stream) == calls.keys()
                assert {
                    uuid for of, uuid in rest.arrived[-1].written if of == stream
                } == calls.keys()
            for (_, uuid), record in rest.records.items():
                assert record == record_of(calls[uuid])
