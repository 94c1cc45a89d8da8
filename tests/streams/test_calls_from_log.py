"""Calls found in the log and fetched one by one: the setting calls_from_log."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from tests.runs import Run, Runner, entries, log_config_for
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from vcclive_sandbox.server import RunningSandbox

MONDAY = date(2024, 3, 4)
WEEK = Options(first_day=MONDAY, days=7, calls_per_day=60)


def config_of(sandbox: RunningSandbox, **settings: object) -> dict[str, Any]:
    """Return settings that fetch the calls of the log one by one."""
    return log_config_for(sandbox, **{"calls_from_log": True, **settings})


def only_cdr(run_tap: Runner) -> tuple[str, str]:
    """Return the arguments of a run in which the stream cdr alone is selected."""
    catalog = {
        "streams": [
            {
                "tap_stream_id": stream,
                "stream": stream,
                "schema": {"properties": {"uuid": {"type": "string"}}},
                "metadata": [{"breadcrumb": [], "metadata": {"selected": stream == "cdr"}}],
            }
            for stream in ("cdr", "cdr_log")
        ]
    }
    return "--catalog", run_tap.file("catalog.json", catalog)


def records_of(run: Run, stream: str) -> list[dict[str, Any]]:
    """Return the records of a stream, in order."""
    return [m["record"] for m in run.messages if m["type"] == "RECORD" and m["stream"] == stream]


def singles(sandbox: RunningSandbox, since: int = 0) -> list[str]:
    """Return the uuids of the calls that were asked for one by one."""
    paths = [request.path for request in sandbox.requests[since:]]
    return [path.rpartition("/")[2] for path in paths if path.startswith("/cdr/")]


def test_each_call_of_the_log_is_fetched_once_in_order_and_under_its_month(
    run_tap: Runner,
) -> None:
    options = replace(WEEK, first_day=date(2024, 2, 28), latency_ms=2)
    with serving(options) as sandbox:
        run = run_tap(config_of(sandbox))
        uuids = [call.uuid for call in sandbox.calls]
        assert sorted(singles(sandbox)) == sorted(uuids)
        assert sandbox.max_in_flight <= 8
        # The log is read for each stream: it is few pages, beside a request for each call.
        assert len(sandbox.requests) == len(uuids) + 2 * 7
    assert [r["uuid"] for r in records_of(run, "cdr")] == uuids
    assert [r["uuid"] for r in records_of(run, "cdr_log")] == uuids
    assert run.bookmark["pending"] == []
    assert run.bookmark["log"]["last_day"] == "2024-03-05"


def test_it_does_not_take_the_stream_cdr_log(run_tap: Runner) -> None:
    with serving(WEEK) as sandbox:
        run = run_tap(config_of(sandbox), None, *only_cdr(run_tap))
        assert [r["uuid"] for r in records_of(run, "cdr")] == [c.uuid for c in sandbox.calls]
    assert records_of(run, "cdr_log") == []
    assert set(run.state["bookmarks"]) == {"cdr"}


def test_it_goes_next_to_a_list_of_calls(run_tap: Runner) -> None:
    with serving(WEEK) as sandbox:
        listed = entries(sandbox)[:5]
        run = run_tap(
            config_of(sandbox, calls=listed, start_date="2024-03-05"), None, *only_cdr(run_tap)
        )
        found = [call.uuid for call in sandbox.calls if call.day > MONDAY]
    assert run.uuids == [*(call["uuid"] for call in listed), *found]
    assert run.bookmark["position"]["calls"] == 5


def test_the_next_run_fetches_what_is_new_or_has_changed_only(run_tap: Runner) -> None:
    late = replace(WEEK, never_rate=0.03)
    with serving(late) as sandbox:
        config = config_of(sandbox, lookback_days=6)
        first = run_tap(config, None, *only_cdr(run_tap))
        same = run_tap(config, first.state, *only_cdr(run_tap))
        assert sorted(singles(sandbox)) == sorted(first.uuids)
    assert same.records == []
    assert same.state == first.state
    with serving(WEEK) as sandbox:
        new = {call.uuid for call in sandbox.calls} - set(first.uuids)
        hours = {str(c.cdr()["start_ts"])[:13] for c in sandbox.calls if c.uuid in new}
        second = run_tap(config_of(sandbox, lookback_days=6), first.state, *only_cdr(run_tap))
        wanted = [c.uuid for c in sandbox.calls if str(c.cdr()["start_ts"])[:13] in hours]
    assert len(new) > 3
    assert sorted(second.uuids) == sorted(wanted)
    assert len(wanted) < len(first.uuids) / 2


def test_a_run_goes_on_in_the_middle_of_a_day(run_tap: Runner) -> None:
    options = replace(WEEK, days=1, calls_per_day=2000)
    with serving(options) as sandbox:
        config = config_of(sandbox, max_concurrency=16)
        whole = run_tap(config, None, *only_cdr(run_tap))
        calls = [call.uuid for call in sandbox.calls]
        assert sorted(whole.uuids) == sorted(calls)
        middle = whole.states[len(whole.states) // 2]
        since = len(sandbox.requests)
        rest = run_tap(config, middle, *only_cdr(run_tap))
        asked = len(singles(sandbox, since))
    written = whole.messages[: next(
        i for i, m in enumerate(whole.messages) if m.get("value") == middle
    )]  # fmt: skip
    before = {m["record"]["uuid"] for m in written if m["type"] == "RECORD"}
    assert before | set(rest.uuids) == set(calls)
    assert asked < len(calls) - len(before) + 300  # at most the calls of the hour it stood in


def test_the_state_of_many_days_is_small(run_tap: Runner) -> None:
    with serving(replace(WEEK, days=90, calls_per_day=20)) as sandbox:
        run = run_tap(config_of(sandbox, max_concurrency=16), None, *only_cdr(run_tap))
        assert len(run.uuids) == len(sandbox.calls)
    assert max(len(json.dumps(state)) for state in run.states) < 4000


def test_a_call_that_only_the_log_has_stays_pending(run_tap: Runner) -> None:
    """The log lists a call before the call itself is to be had."""
    with serving(WEEK) as sandbox:
        missing = entries(sandbox)[10]["uuid"]
    with serving(replace(WEEK, force={missing: ["errors"]})) as sandbox:
        first = run_tap(config_of(sandbox), None, *only_cdr(run_tap))
        second = run_tap(config_of(sandbox), first.state, *only_cdr(run_tap))
        uuids = {call.uuid for call in sandbox.calls}
    assert [entry["uuid"] for entry in first.bookmark["pending"]] == [missing]
    assert second.uuids == [missing]
    assert {*first.uuids, missing} == uuids


def test_a_state_of_the_log_that_is_none_is_refused(run_tap: Runner) -> None:
    with serving(WEEK) as sandbox:
        logs: list[Any] = [[], {"hours": [5]}, {"hours": {"x": {}}}, {"first_day": 5}]
        for log in logs:
            run = run_tap(config_of(sandbox), {"bookmarks": {"cdr": {"log": log}}})
            assert run.status == 1
            (error,) = run.errors
            assert error.startswith("The state of the stream cdr cannot be used")
        assert sandbox.requests == []
