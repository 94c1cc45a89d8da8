"""Calls that are listed under another month than VCC Live has them, or under several."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from tests.runs import Runner, aged, config_for, entries
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from vcclive_sandbox.calls import Call
    from vcclive_sandbox.server import RunningSandbox

NOVEMBER: Final = Options(first_day=date(2026, 11, 1), days=1, calls_per_day=2000)
# The settings say Budapest: calls before one o'clock lie an hour before the month's edge there.
ATHENS: Final = replace(NOVEMBER, timezone="Europe/Athens")


def early(sandbox: RunningSandbox) -> list[Call]:
    """Return the calls of version 1 that began in October, in UTC, in the hour before its end."""
    calls = [c for c in sandbox.calls if c.version == 1 and (c.start.day, c.start.hour) == (31, 22)]
    assert calls, "no call in the hour in question: take more calls or another seed"
    return calls


def test_a_call_that_is_listed_under_its_month_in_utc_is_loaded(run_tap: Runner) -> None:
    """As a warehouse that keeps instants in UTC would list it."""
    with serving(replace(NOVEMBER, timezone="Europe/Budapest")) as sandbox:
        utc = [call for call in sandbox.calls if call.version == 1 and call.start.month == 10]
        assert utc, "no call in the hour in question: take more calls or another seed"
        far = [call for call in sandbox.calls if call.version == 1 and call.start.hour == 12][:3]
        listed = [{"uuid": c.uuid, "year": "2026", "month": "10"} for c in utc]
        listed += [{"uuid": c.uuid, "year": "2025", "month": "03"} for c in far]
        run = run_tap(config_for(sandbox, calls=listed))
    assert run.uuids == [call.uuid for call in utc + far]
    assert run.bookmark["pending"] == []
    assert run.status == 0


def test_a_neighbouring_month_that_fails_is_told_and_the_call_is_not_taken_for_late(
    run_tap: Runner,
) -> None:
    with serving(ATHENS) as sandbox:
        bad = early(sandbox)[0]
    resource = f"/cdr/2026/11/{bad.uuid}"
    with serving(replace(ATHENS, force={resource: ["500*"]})) as sandbox:
        listed = [bad.uuid, next(c.uuid for c in sandbox.calls if c.start.hour == 12)]
        listed = [uuid for uuid in listed if uuid[14] == "1"]
        run = run_tap(config_for(sandbox, calls=[*entries(sandbox)[-1:], *listed], max_tries=1))
        assert f"/cdr/2026/10/{bad.uuid}" in [request.path for request in sandbox.requests]
    (entry,) = run.bookmark["pending"]
    assert (entry["uuid"], entry["failed"]) == (bad.uuid, True)
    assert run.status == 1
    assert f"VCC Live does not answer {resource}: status 500" in run.log


@pytest.mark.parametrize("is_right_first", [True, False])
def test_a_call_that_is_loaded_is_not_given_up_under_another_month(
    run_tap: Runner,
    is_right_first: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    with serving(Options(days=1, calls_per_day=20)) as sandbox:
        listed = [
            each
            for right in entries(sandbox)
            for each in (right, {**right, "month": "12"})[:: 1 if is_right_first else -1]
        ]
        config = config_for(sandbox, calls=listed, max_attempts=1)
        first = run_tap(config)
        second = run_tap(config, aged(first.state, timedelta(hours=25)))
        assert set(first.uuids) == {call.uuid for call in sandbox.calls}
    for run in (first, second):
        assert run.bookmark["pending"] == run.bookmark["missing"] == []
        assert run.status == 0
        assert run.errors == []
    assert second.records == []
