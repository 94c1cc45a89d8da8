"""A fault of one call or one day holds up no other, in this run, in later ones, in any stream."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.runs import Run, Runner, aged, config_for, entries, log_config_for
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from collections.abc import Iterable

FIRST: Final = date(2024, 3, 4)
DAYS: Final = Options(first_day=FIRST, days=50, calls_per_day=3)
LIST: Final = Options(days=1, calls_per_day=60)
NIGHT: Final = timedelta(days=1)


def day(number: int) -> date:
    """Return a day of the sandbox, from 0."""
    return FIRST + timedelta(days=number)


def failing(days: Iterable[date], fault: str = "500*") -> dict[str, list[str]]:
    """Return the faults of days whose log can never be had."""
    return {f"/cdrs/{one:%Y/%m/%d}": [fault] for one in days}


def of(run: Run, stream: str) -> set[str]:
    """Return the uuids of a stream's records."""
    messages = [m for m in run.messages if m["type"] == "RECORD" and m["stream"] == stream]
    return {message["record"]["uuid"] for message in messages}


def attempts_in(entries: list[dict[str, Any]]) -> set[int]:
    """Return how often the entries of a state have been asked for."""
    return {entry["attempts"] for entry in entries}


def warnings_in(run: Run) -> list[str]:
    """Return the lines of a run's log that are warnings."""
    return [line for line in run.log.splitlines() if "| WARNING " in line]


def test_days_that_fail_do_not_hold_up_new_ones_and_are_given_up_by_name(run_tap: Runner) -> None:
    """More of them than are a reason to doubt the server, scattered among good ones."""
    bad = [day(number) for number in range(0, 45, 4)]
    with serving(replace(DAYS, force=failing(bad))) as sandbox:
        config = log_config_for(sandbox, max_tries=1, max_attempts=3, calls_from_log=True)
        runs: list[Run] = []
        state = None
        for end, passes in ((46, NIGHT), (47, NIGHT), (48, 6 * NIGHT), (49, NIGHT), (49, NIGHT)):
            runs.append(run_tap({**config, "end_date": day(end).isoformat()}, state))
            state = aged(runs[-1].state, passes)
        good = {call.uuid for call in sandbox.calls if call.day not in bad}
        new = [{c.uuid for c in sandbox.calls if c.day == day(end)} for end in (47, 48, 49)]
    for stream in ("cdr", "cdr_log"):
        logs = [r.log_bookmark if stream == "cdr_log" else r.bookmark["log"] for r in runs]
        assert set().union(*(of(run, stream) for run in runs)) == good
        assert all(calls <= of(run, stream) for calls, run in zip(new, runs[1:], strict=False))
        assert [attempts_in(log["open_days"]) for log in logs] == [{1}, {2}, {3}, set(), set()]
        assert [one["day"] for one in logs[3]["given_up"]] == [one.isoformat() for one in bad]
        assert logs[4]["given_up"] == logs[3]["given_up"]
        assert f"{stream}: left 12 days of the log open" in runs[2].errors
        assert f"{stream}: left 12 days of the log given up" in runs[3].errors
    assert [run.status for run in runs] == [1, 1, 1, 1, 0]
    assert runs[4].log.count("12 days of the log given up, the first is 2024-03-04") == 2


def test_calls_that_fail_do_not_hold_up_those_that_are_well_again(run_tap: Runner) -> None:
    with serving(LIST) as sandbox:
        bad = [call.uuid for call in list(sandbox.calls)[::4]]
    assert len(bad) == 15
    well = bad[-4:]  # behind eleven that are not
    with serving(replace(LIST, force={uuid: ["500*"] for uuid in bad})) as sandbox:
        first = run_tap(config_for(sandbox, max_tries=1))
        assert of(first, "cdr") == {call.uuid for call in sandbox.calls} - set(bad)
    with serving(replace(LIST, force={uuid: ["500*"] for uuid in bad[:-4]})) as sandbox:
        second = run_tap(config_for(sandbox, max_tries=1), first.state)
    assert attempts_in(first.bookmark["pending"]) == {1}
    assert second.uuids == well
    assert attempts_in(second.bookmark["pending"]) == {2}
    assert (first.status, second.status) == (1, 0)


@pytest.mark.parametrize("calls", [5, 1])
def test_one_call_that_always_fails_lets_the_log_be_read_and_is_told_with_status_1_once(
    run_tap: Runner, calls: int
) -> None:
    options = Options(first_day=FIRST, days=1, calls_per_day=20)
    with serving(options) as sandbox:
        (bad, other) = [call.uuid for call in sandbox.calls][calls // 2 :: 8][:2]
    with serving(replace(options, force={bad: ["500*"], other: ["400*"]})) as sandbox:
        listed = entries(sandbox)
        config = log_config_for(sandbox, calls=listed[:calls], max_tries=1)
        first = run_tap(config)
        second = run_tap(config, first.state)
        # Another one that fails is news.
        third = run_tap({**config, "calls": listed[: calls + 8]}, second.state)
        assert of(first, "cdr") == {one["uuid"] for one in listed[:calls]} - {bad}
        assert of(third, "cdr") == {one["uuid"] for one in listed[calls : calls + 8]} - {other}
        everything = {call.uuid for call in sandbox.calls}
    for run in (first, second, third):
        assert of(run, "cdr_log") == everything
    assert [entry["uuid"] for entry in third.bookmark["pending"]] == [bad, other]
    if calls == 1:  # nothing shows that it is the call and not the server
        assert [run.status for run in (first, second)] == [1, 1]
        return
    assert [attempts_in(run.bookmark["pending"]) for run in (first, second)] == [{1}, {2}]
    assert [run.status for run in (first, second, third)] == [1, 0, 1]
    assert second.errors == []
    assert any(f"call {bad} stays pending" in line for line in warnings_in(second))
    assert third.errors == ["cdr: left 1 call without an answer"]


def test_one_call_that_may_not_be_read_is_told_and_the_others_are_loaded(run_tap: Runner) -> None:
    with serving(LIST) as sandbox:
        bad = [call.uuid for call in sandbox.calls][3]
    with serving(replace(LIST, forbidden=bad)) as sandbox:
        config = config_for(sandbox)
        first = run_tap(config)
        second = run_tap(config, first.state)
        others = [call.uuid for call in sandbox.calls if call.uuid != bad]
    assert first.uuids == others
    assert second.uuids == []
    for number, run in enumerate((first, second), start=1):
        assert run.status == 1
        assert run.errors == ["cdr: left 1 call without an answer"]
        (warning,) = warnings_in(run)
        assert "(403, This key may not read this resource)" in warning
        assert f"call {bad} stays pending" in warning
        assert attempts_in(run.bookmark["pending"]) == {number}


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [("400*", "Something went wrong"), ("403*", "This key may not read this resource")],
)
def test_days_that_the_server_refuses_do_not_hold_up_those_that_it_has(
    run_tap: Runner, fault: str, sentence: str
) -> None:
    """Days before its memory, or before what the key opens: more than a hundred of them."""
    refused = [FIRST - timedelta(days=number) for number in range(1, 111)]
    options = replace(DAYS, days=3, calls_per_day=20, force=failing(refused, fault))
    with serving(options) as sandbox:
        config = log_config_for(sandbox, start_date=min(refused).isoformat(), max_tries=1)
        run = run_tap(config)
        assert run.uuids == [call.uuid for call in sandbox.calls]
    assert run.status == 1
    assert run.errors == ["cdr_log: left 110 days of the log open"]
    # Ten of them, and how many there were.
    assert len([line for line in warnings_in(run) if sentence in line]) == 10
    assert "Days with faults: 110 in all" in run.log
    assert run.log_bookmark["last_day"] == day(2).isoformat()


def test_a_stream_that_ends_with_an_error_of_its_own_keeps_no_other_from_running(
    run_tap: Runner,
) -> None:
    options = Options(first_day=FIRST, days=2, calls_per_day=20)
    with serving(options) as sandbox:
        config = log_config_for(sandbox, calls=entries(sandbox))
        bad_list = run_tap({**config, "calls_file": "missing.csv"})
        bad_map = run_tap({**config, "stream_maps": {"cdr": {"userid": "int('a' + source)"}}})
        everything = {call.uuid for call in sandbox.calls}
    with serving(replace(options, forbidden="/cdr/")) as sandbox:
        refused = run_tap({**config, "api_url": sandbox.api_url})
    for run in (bad_list, bad_map, refused):
        assert run.status == 1
        assert len(run.errors) == 1
        assert of(run, "cdr") == set()
        assert of(run, "cdr_log") == everything
        assert run.log_bookmark["last_day"] == day(1).isoformat()
