"""States: of which account they are, what always stands in them, and what a merge makes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import pytest

from tests.runs import Run, Runner, aged, config_for, entries, log_config_for
from vcclive_sandbox.server import Options, serving

WEEK: Final = Options(first_day=date(2024, 3, 4), days=7, calls_per_day=60)
SMALL: Final = replace(WEEK, days=2, calls_per_day=20)
LOG_KEYS: Final = {
    "first_day", "last_day", "earlier", "open_days", "given_up", "empty_days", "project_ids",
}  # fmt: skip
LIST_KEYS: Final = {"position", "bad_rows", "last_line", "pending", "missing"}


def merged(old: Any, new: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return what `meltano run --state-strategy=merge` keeps: the new state over the old one."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}
    return new


def without(state: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return a state as a version wrote it that did not know some keys, wherever they stand."""

    def older(value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, list):
            return [older(one) for one in value]
        if isinstance(value, dict):
            return {key: older(one) for key, one in value.items() if key not in keys}
        return value

    return older(state)  # type: ignore[no-any-return] # an object, as the state is one


def days_asked(sandbox_requests: list[Any]) -> set[str]:
    """Return the days of the log that were asked for."""
    return {r.path.removeprefix("/cdrs/") for r in sandbox_requests if "/cdrs/" in r.path}


@pytest.mark.parametrize("stream", ["cdr", "cdr_log"])
def test_the_state_of_another_account_is_refused_with_the_way_out(
    run_tap: Runner, stream: str
) -> None:
    with serving(replace(SMALL, customer="acme")) as sandbox:
        config = log_config_for(sandbox, calls=entries(sandbox))
        state = run_tap(config).state
        bookmarks = {stream: state["bookmarks"][stream]}
    with serving(replace(SMALL, customer="other")) as sandbox:
        run = run_tap(
            {**config, "customer": "other", "api_url": sandbox.api_url}, {"bookmarks": bookmarks}
        )
        assert sandbox.requests == []
    assert run.status == 1
    assert run.messages == []  # whoever has handed it in still has it
    (error,) = run.errors
    assert error.startswith(f"The state of the stream {stream} cannot be used: it is of another")
    assert "--state-id-suffix" in error


def test_the_state_names_its_account_however_that_is_written_and_holds_each_key(
    run_tap: Runner,
) -> None:
    with serving(SMALL) as sandbox:
        config = log_config_for(sandbox, calls=entries(sandbox), calls_from_log=True)
        first = run_tap(config)
        bookmarks = first.state["bookmarks"]
        assert {bookmark["customer"] for bookmark in bookmarks.values()} == {"sandbox"}
        assert LIST_KEYS | {"log"} <= bookmarks["cdr"].keys()
        assert bookmarks["cdr"]["log"].keys() == LOG_KEYS | {"hours"}
        assert bookmarks["cdr_log"].keys() >= LOG_KEYS
        for bookmark in bookmarks.values():
            bookmark["customer"] = "Sandbox"
        second = run_tap(config, first.state)
    assert second.status == 0


def test_a_state_without_an_account_is_of_an_older_version_and_taken_over(run_tap: Runner) -> None:
    options = replace(WEEK, never_rate=0.05)
    with serving(options) as sandbox:
        config = log_config_for(sandbox, calls=entries(sandbox), calls_from_log=True)
        new = run_tap({**config, "end_date": "2024-03-08"})
        old = without(
            new.state, "customer", "given_up", "empty_days", "first_attempt", "failed", "earlier"
        )
        log = old["bookmarks"]["cdr"]["log"]
        log["hours"] = {one["day"]: one["hours"] for one in log["hours"]}
        del log["project_ids"]
        since = len(sandbox.requests)
        run = run_tap(config, old)
        asked = sandbox.requests[since:]
    assert run.status == 0
    assert days_asked(asked) == {f"2024/03/{day:02}" for day in (7, 8, 9, 10)}
    # Of the calls, those of the new days and the pending ones.
    pending = {entry["uuid"] for entry in new.bookmark["pending"]}
    assert pending
    singles = {request.path[-36:] for request in asked if "/cdr/" in request.path}
    late = {call.uuid for call in sandbox.calls if call.day >= date(2024, 3, 9)}
    assert singles <= late | pending
    assert {bookmark["customer"] for bookmark in run.state["bookmarks"].values()} == {"sandbox"}
    assert {entry["attempts"] for entry in run.bookmark["pending"]} == {2}


def test_a_state_that_is_merged_key_by_key_is_the_new_one(run_tap: Runner) -> None:
    options = replace(WEEK, never_rate=0.02, hidden_rate=0.02)
    with serving(options) as sandbox:
        config = log_config_for(sandbox, calls=entries(sandbox)[:100], calls_from_log=True)
        first = run_tap({**config, "end_date": "2024-03-07", "project_ids": [5]})
    with serving(WEEK) as sandbox:
        config = {**config, "api_url": sandbox.api_url, "lookback_days": 0}
        second = run_tap(config, first.state)
    assert merged(first.state, second.state) == second.state
    assert first.bookmark["pending"]
    assert first.bookmark["log"]["hours"]


def test_projects_that_are_not_asked_for_any_more_do_not_come_back_by_a_merge(
    run_tap: Runner,
) -> None:
    with serving(WEEK) as sandbox:
        config = log_config_for(sandbox)
        some = run_tap({**config, "project_ids": [5]})
        everything = run_tap(config, some.state)
        since = len(sandbox.requests)
        again = run_tap(config, merged(some.state, everything.state))
        assert days_asked(sandbox.requests[since:]) == {"2024/03/09", "2024/03/10"}
    assert "for other projects only" in everything.log
    assert "for other projects only" not in again.log


def test_days_that_were_read_for_other_projects_do_not_come_back_by_a_merge(
    run_tap: Runner,
) -> None:
    def run(state: dict[str, Any] | None, start: str, *projects: int) -> Run:
        """Run for some projects from a day on, with a state that is merged."""
        return run_tap({**config, "start_date": start, "project_ids": list(projects)}, state)

    with serving(WEEK) as sandbox:
        config = log_config_for(sandbox, lookback_days=0)
        first = run_tap({**config, "end_date": "2024-03-04", "project_ids": [5]})
        second = run(first.state, "2024-03-07", 5)
        state = merged(first.state, second.state)
        assert state["bookmarks"]["cdr_log"]["earlier"] != []
        third = run(state, "2024-03-07", 5, 14)
        fourth = run(merged(state, third.state), "2024-03-04", 5, 14)
        wanted = {c.uuid for c in sandbox.calls if c.cdr()["projectid"] in {5, 14}}
    assert {*third.uuids, *fourth.uuids} == wanted


def test_look_back_that_is_owed_is_not_forgotten_when_start_date_moves_forward(
    run_tap: Runner,
) -> None:
    """A backfill month by month, and a rolling start_date after some days without a run."""
    late = replace(WEEK, late_rate=0.2)  # registered once they were asked for
    with serving(late) as sandbox:
        config = log_config_for(sandbox, lookback_days=0)
        first = run_tap({**config, "end_date": "2024-03-05"})
        month = {"start_date": "2024-03-06", "end_date": "2024-03-07"}
        second = run_tap({**config, **month}, first.state)
        of_the_5th = {call.uuid for call in sandbox.calls if call.day == date(2024, 3, 5)}
        rolling = run_tap({**config, "start_date": "2024-03-10"}, second.state)
    assert not of_the_5th <= set(first.uuids)
    assert of_the_5th <= {*first.uuids, *second.uuids}
    assert "WARNING" not in second.log
    assert (
        "The days from 2024-03-08 to 2024-03-09 have not been read and are not asked for: "
        "start_date 2024-03-10 lies after them"
    ) in rolling.log


def test_of_too_many_calls_given_up_the_oldest_leave_the_state_with_a_line(run_tap: Runner) -> None:
    uuids = [f"{number:08x}-85de-4ec1-8625-e6eaf5c96b1e" for number in range(10_002)]
    with serving(replace(SMALL, never_rate=1)) as sandbox:
        config = config_for(sandbox, calls=entries(sandbox)[:1], max_attempts=1)
        pending = aged(run_tap(config).state, timedelta(hours=25))
        pending["bookmarks"]["cdr"]["missing"] = uuids
        run = run_tap(config, pending)
        (call, *_) = sandbox.calls
    assert run.bookmark["missing"] == [*uuids[3:], call.uuid]
    assert run.status == 1
    assert "2 calls that were given up long ago leave the state: too many are missing" in run.log
    assert f"Call {uuids[2]}, given up long ago, leaves the state" in run.log
