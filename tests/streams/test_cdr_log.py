"""The stream cdr_log, run by its command against the sandbox."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from tests.runs import Run, Runner, aged, config_for, log_config_for
from tests.servers import server
from vcclive_sandbox.server import Faults, Options, Variants, serving

if TYPE_CHECKING:
    from vcclive_sandbox.server import RunningSandbox

MONDAY = date(2024, 3, 4)
WEEK = Options(first_day=MONDAY, days=7, calls_per_day=60)
DAY = Options(first_day=MONDAY, days=1, calls_per_day=60)
# Two pages and a half.
BUSY_DAY = Options(first_day=MONDAY, days=1, calls_per_day=60, page_cap=25)


def uuids_of(sandbox: RunningSandbox) -> list[str]:
    """Return the uuids of all calls of a sandbox, in order."""
    return [call.uuid for call in sandbox.calls]


def days_of(run: Run) -> list[str]:
    """Return the days of a run's records, in the order in which they first come up."""
    return list(dict.fromkeys(record["start_ts"][:10] for record in run.records))


def asked_days(sandbox: RunningSandbox, since: int = 0) -> list[str]:
    """Return the days of the log that were asked for, each once, in order."""
    paths = [request.path for request in sandbox.requests[since:]]
    return sorted({path.removeprefix("/cdrs/").replace("/", "-") for path in paths})


def open_days_of(run: Run) -> dict[str, int]:
    """Return the days that a run has left open, with their attempts."""
    return {entry["day"]: entry["attempts"] for entry in run.log_bookmark["open_days"]}


def days_from(first: date, count: int) -> list[str]:
    """Return so many days in a row."""
    return [(first + timedelta(days=number)).isoformat() for number in range(count)]


def test_every_call_of_the_days_arrives_once_day_by_day(run_tap: Runner) -> None:
    with serving(replace(WEEK, calls_per_day=700, latency_ms=5)) as sandbox:
        run = run_tap(log_config_for(sandbox))
        assert sorted(run.uuids) == sorted(uuids_of(sandbox))
        assert 1 < sandbox.max_in_flight <= 8
        # Two pages from Monday to Friday, one each on Saturday and Sunday.
        assert len(sandbox.requests) == 12
    assert days_of(run) == days_from(MONDAY, 7)
    assert {m["stream"] for m in run.messages if m["type"] == "RECORD"} == {"cdr_log"}
    assert run.status == 0


def test_the_options_of_a_page_are_few_and_always_in_the_same_order(run_tap: Runner) -> None:
    with serving(replace(BUSY_DAY, page_cap=25)) as sandbox:
        run_tap(log_config_for(sandbox))
        run_tap(log_config_for(sandbox, project_ids=[3]))
        queries = [request.query for request in sandbox.requests]
        assert {request.path for request in sandbox.requests} == {"/cdrs/2024/03/04"}
    # Each page begins with the last row of the one before.
    assert sorted(queries[:3]) == ["start=0&num=500", "start=24&num=500", "start=48&num=500"]
    assert queries[3] == "projectid=3&start=0&num=500"


def test_the_records_are_those_of_the_stream_cdr(run_tap: Runner) -> None:
    with serving(DAY) as sandbox:
        from_log = run_tap(log_config_for(sandbox))
        one_by_one = run_tap(config_for(sandbox))
    assert from_log.records == one_by_one.records
    log_schema, schema = (
        next(m for m in run.messages if m["type"] == "SCHEMA" and m["stream"] == stream)
        for run, stream in ((from_log, "cdr_log"), (one_by_one, "cdr"))
    )
    assert log_schema == schema | {"stream": "cdr_log"}


def test_the_state_says_which_days_have_been_read(run_tap: Runner) -> None:
    with serving(WEEK) as sandbox:
        run = run_tap(log_config_for(sandbox))
    assert run.log_bookmark == {
        "replication_key": "start_ts_utc",
        "replication_key_value": max(record["start_ts_utc"] for record in run.records),
        "first_day": "2024-03-04",
        "last_day": "2024-03-10",
        "earlier": [],
        "open_days": [],
        "given_up": [],
        "empty_days": [],
        "project_ids": None,
        "customer": "sandbox",
    }


def test_a_state_is_written_after_each_day_and_never_speaks_of_a_record_not_before_it(
    run_tap: Runner,
) -> None:
    with serving(WEEK) as sandbox:
        run = run_tap(log_config_for(sandbox))
        by_day: dict[str, set[str]] = {}
        for call in sandbox.calls:
            by_day.setdefault(call.day.isoformat(), set()).add(call.uuid)
    written: set[str] = set()
    last_days = []
    for message in run.messages:
        if message["type"] == "RECORD":
            written.add(message["record"]["uuid"])
        elif message["type"] == "STATE":
            last = message["value"]["bookmarks"]["cdr_log"]["last_day"]
            assert set().union(*(uuids for day, uuids in by_day.items() if day <= last)) <= written
            last_days.append(last)
    assert sorted(set(last_days)) == last_days[: len(set(last_days))] == days_from(MONDAY, 7)


def test_any_state_of_a_run_is_one_that_another_run_goes_on_from(run_tap: Runner) -> None:
    with serving(WEEK) as sandbox:
        config = log_config_for(sandbox, lookback_days=0)
        whole = run_tap(config)
        middle = next(
            s for s in whole.states if s["bookmarks"]["cdr_log"].get("last_day") == "2024-03-07"
        )
        since = len(sandbox.requests)
        rest = run_tap(config, middle)
        assert asked_days(sandbox, since) == days_from(date(2024, 3, 7), 4)
        assert rest.uuids == [c.uuid for c in sandbox.calls if c.day >= date(2024, 3, 7)]
    assert rest.state == whole.state


@pytest.mark.parametrize("lookback", [0, 1, 3, 30])
def test_the_next_run_starts_at_the_last_day_less_the_look_back(
    run_tap: Runner, lookback: int
) -> None:
    with serving(WEEK) as sandbox:
        config = log_config_for(sandbox, lookback_days=lookback)
        first = run_tap(config | {"end_date": "2024-03-08"})
        since = len(sandbox.requests)
        second = run_tap(config, first.state)
        begin = max(date(2024, 3, 8) - timedelta(days=lookback), MONDAY)
        assert asked_days(sandbox, since) == days_from(begin, (date(2024, 3, 10) - begin).days + 1)
    assert second.log_bookmark["last_day"] == "2024-03-10"


def test_the_bookmark_never_moves_back(run_tap: Runner) -> None:
    with serving(WEEK) as sandbox:
        whole = run_tap(log_config_for(sandbox))
        earlier = run_tap(log_config_for(sandbox, end_date="2024-03-05"), whole.state)
        assert earlier.records == []
        again = run_tap(log_config_for(sandbox, lookback_days=7), whole.state)
        assert sorted(again.uuids) == sorted(uuids_of(sandbox))
    assert earlier.log_bookmark == again.log_bookmark == whole.log_bookmark
    values = {s["bookmarks"]["cdr_log"]["replication_key_value"] for s in again.states}
    assert values == {whole.log_bookmark["replication_key_value"]}


def test_a_start_date_that_is_moved_back_has_the_days_before_read_too(run_tap: Runner) -> None:
    with serving(WEEK) as sandbox:
        config = log_config_for(sandbox, lookback_days=0)
        late = run_tap(config | {"start_date": "2024-03-08"})
        since = len(sandbox.requests)
        early = run_tap(config, late.state)
        assert asked_days(sandbox, since) == [*days_from(MONDAY, 4), "2024-03-10"]
        # Interrupted in the days before: the next run goes on there.
        earlier = [{"first_day": "2024-03-04", "last_day": "2024-03-05"}]
        middle = next(
            s for s in early.states if s["bookmarks"]["cdr_log"].get("earlier") == earlier
        )
        since = len(sandbox.requests)
        rest = run_tap(config, middle)
        assert asked_days(sandbox, since) == ["2024-03-06", "2024-03-07", "2024-03-10"]
    assert early.log_bookmark["first_day"] == rest.log_bookmark["first_day"] == "2024-03-04"
    assert early.log_bookmark["earlier"] == []
    assert early.log_bookmark == rest.log_bookmark


def test_days_between_a_start_date_moved_forward_and_back_again_are_not_forgotten(
    run_tap: Runner,
) -> None:
    with serving(WEEK) as sandbox:
        config = log_config_for(sandbox, lookback_days=0)
        first = run_tap(config | {"end_date": "2024-03-05"})
        forward = run_tap(config | {"start_date": "2024-03-09"}, first.state)
        back = run_tap(config, forward.state)
        assert {*first.uuids, *forward.uuids, *back.uuids} == set(uuids_of(sandbox))
    assert days_of(back) == ["2024-03-06", "2024-03-07", "2024-03-08", "2024-03-10"]
    assert back.log_bookmark["first_day"] == "2024-03-04"


def test_projects_are_asked_for_one_by_one(run_tap: Runner) -> None:
    with serving(WEEK) as sandbox:
        run = run_tap(log_config_for(sandbox, project_ids=[14, 5]))
        wanted = {c.uuid for c in sandbox.calls if c.cdr()["projectid"] in {5, 14}}
        assert len(sandbox.requests) == 14
        assert set(run.uuids) == wanted
        assert run.log_bookmark["project_ids"] == [14, 5]

        since = len(sandbox.requests)
        fewer = run_tap(log_config_for(sandbox, project_ids=[5]), run.state)
        assert asked_days(sandbox, since) == ["2024-03-09", "2024-03-10"]
        more = run_tap(log_config_for(sandbox), fewer.state)
        assert set(more.uuids) == set(uuids_of(sandbox))
    assert "for other projects only" in more.log
    assert more.log_bookmark["project_ids"] is None


VARIANTS = {
    "totals as text": {"variants": Variants(totals="text")},
    "no totals": {"variants": Variants(totals="missing")},
    "no totals, an error past the end": {
        "variants": Variants(totals="missing", past_end="error")
    },
    "an error past the end": {"variants": Variants(past_end="error")},
    "newest first": {"variants": Variants(log_order="newest")},
    "moving rows": {"variants": Variants(log_order="moving")},
    "days of UTC": {"variants": Variants(log_day="utc")},
    "rows of the day before": {"variants": Variants(log_day="overlap")},
    "repeated rows that count": {"variants": Variants(repeats="counted")},
    "repeated rows that do not count": {"variants": Variants(repeats="uncounted")},
    "numbers as text": {"variants": Variants(numbers="text")},
    "pages of 7": {"page_cap": 7},
    "pages of 1": {"page_cap": 1, "days": 1},
    "all at once": {
        "variants": Variants(
            totals="text", past_end="error", log_order="moving", log_day="overlap",
            empty_day="404", numbers="text", repeats="uncounted",
        ),
    },
}  # fmt: skip


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS)
def test_each_variant_of_the_log_gives_the_same_calls(
    run_tap: Runner, changes: dict[str, Any]
) -> None:
    options = replace(WEEK, days=3, calls_per_day=200, page_cap=60)
    with serving(replace(options, **changes)) as sandbox:
        # With days of UTC the first hour of the first day lies in the log of the day before.
        config = log_config_for(sandbox, start_date="2024-03-03", end_date="2024-03-08")
        run = run_tap(config)
        calls = {call.uuid: call for call in sandbox.calls}
    assert sorted(run.uuids) == sorted(calls)
    assert all(r["talktime"] == calls[r["uuid"]].cdr()["talktime"] for r in run.records)
    assert run.log_bookmark["last_day"] == "2024-03-08"
    assert run.log_bookmark["open_days"] == []
    assert run.errors == []


def test_where_nobody_can_tell_whether_calls_lack_the_day_stays_open(run_tap: Runner) -> None:
    """Rows move, and the total counts repeated ones: all calls arrive, and that cannot be shown."""
    variants = Variants(log_order="moving", repeats="counted")
    with serving(replace(BUSY_DAY, variants=variants)) as sandbox:
        run = run_tap(log_config_for(sandbox))
        assert sorted(run.uuids) == sorted(uuids_of(sandbox))
    assert open_days_of(run) == {"2024-03-04": 1}


def test_a_log_without_totals_is_read_to_its_end_with_a_warning(run_tap: Runner) -> None:
    with serving(replace(WEEK, variants=Variants(totals="missing"))) as sandbox:
        run = run_tap(log_config_for(sandbox))
        assert len(sandbox.requests) == 14  # a page and an empty one a day
    assert run.log.count("The log has no totals") == 1


def test_a_call_that_is_listed_on_two_days_arrives_once(run_tap: Runner) -> None:
    options = replace(WEEK, days=2, calls_per_day=2000, variants=Variants(log_day="overlap"))
    with serving(options) as sandbox:
        run = run_tap(log_config_for(sandbox))
        late = [c for c in sandbox.calls if c.cdr()["start_ts"].startswith("2024-03-04 23")]  # type: ignore[union-attr] # a text
        assert late, "no call in the last hour: take more calls"
        assert sorted(run.uuids) == sorted(uuids_of(sandbox))


def today_in(zone: str) -> date:
    """Return the day that it is in a zone."""
    return datetime.now(ZoneInfo(zone)).date()


@pytest.mark.parametrize(("order", "growing"), [("oldest", 20), ("newest", 60), ("moving", 60)])
def test_a_day_that_grows_is_read_to_what_it_has_and_again_by_the_next_run(
    run_tap: Runner,
    order: Any,  # noqa: ANN401 - one of the sandbox's literals
    growing: int,
) -> None:
    today = today_in("Europe/Budapest")
    options = Options(
        first_day=today - timedelta(days=1), days=2, calls_per_day=300, page_cap=40,
        growing=growing, variants=Variants(log_order=order),
    )  # fmt: skip
    with serving(options) as sandbox:
        config = log_config_for(sandbox, end_date=None)
        first = run_tap(config)
        assert first.log_bookmark["last_day"] == (today - timedelta(days=1)).isoformat()
        assert first.log_bookmark["open_days"] == []
        runs = [first]
        while len(runs[-1].uuids) < len(sandbox.calls):
            assert len(runs) < 6
            runs.append(run_tap(config, runs[-1].state))
        assert sorted(runs[-1].uuids) == sorted(uuids_of(sandbox))
    assert len(runs) > 1
    assert len(first.uuids) == len(set(first.uuids))
    # Oldest first, what has come by the last page is all that there is then.
    assert ("grows while it is read" in first.log) == (order != "oldest")
    assert {run.status for run in runs} == {0}
    assert "WARNING" not in first.log


def test_a_day_that_grows_a_little_is_read_again_in_the_same_run(run_tap: Runner) -> None:
    today = today_in("Europe/Budapest")
    options = Options(first_day=today, days=1, calls_per_day=300, page_cap=40, growing=3)
    with serving(options) as sandbox:
        run = run_tap(log_config_for(sandbox, end_date=None))
        assert sorted(run.uuids) == sorted(uuids_of(sandbox))
        assert len(run.uuids) == len(set(run.uuids))


def test_a_day_that_comes_out_short_is_reported_and_stays_open_until_it_is_whole(
    run_tap: Runner,
) -> None:
    hiding = replace(WEEK, hidden_rate=0.02)
    with serving(hiding) as sandbox:
        config = log_config_for(sandbox)
        first = run_tap(config)
        hidden = {c.day.isoformat() for c in sandbox.calls if c.uuid not in set(first.uuids)}
        assert 0 < len(hidden) < 7
        second = run_tap(config, first.state)
    assert first.status == second.status == 1
    assert first.errors == [f"cdr_log: left {len(hidden)} days of the log open"]
    assert open_days_of(first) == dict.fromkeys(sorted(hidden), 1)
    assert open_days_of(second) == dict.fromkeys(sorted(hidden), 2)
    assert first.log_bookmark["last_day"] == "2024-03-10"
    for day in hidden:
        total = [c.day.isoformat() for c in sandbox.calls].count(day)
        lines = [line for line in first.log.splitlines() if f"the log of {day} " in line]
        assert len(lines) == 1
        assert "num=500: no rows; the log of" in lines[0]
        loaded = [record["start_ts"][:10] for record in first.records].count(day)
        assert f" stays open: {loaded} of {total} calls" in lines[0]

    with serving(WEEK) as sandbox:
        healed = run_tap(log_config_for(sandbox), second.state)
        assert asked_days(sandbox) == sorted({*hidden, "2024-03-09", "2024-03-10"})
        assert {*first.uuids, *healed.uuids} == set(uuids_of(sandbox))
    assert healed.log_bookmark["open_days"] == []
    assert healed.status == 0


def test_a_day_that_stays_short_is_given_up_after_max_attempts_and_a_week_and_keeps_its_name(
    run_tap: Runner,
) -> None:
    with serving(replace(WEEK, hidden_rate=0.02)) as sandbox:
        config = log_config_for(sandbox, max_attempts=3)
        runs = [run_tap(config)]
        day = max(open_days_of(runs[0]))
        for days in (1, 1, 6):
            runs.append(run_tap(config, aged(runs[-1].state, timedelta(days=days))))
        gone = run_tap(config, runs[-1].state)
    attempts = [open_days_of(run).get(day) for run in runs]
    assert attempts == [1, 2, 3, None]
    named = [error for error in runs[3].errors if f"The log of {day} " in error]
    assert len(named) == 1
    assert f"{day} is given up after 3 attempts and more than seven days: " in named[0]
    assert "of the log given up" in runs[3].errors[-1]
    assert {"day": day, "start_date": "2024-03-04"} in runs[3].log_bookmark["given_up"]
    assert [run.status for run in runs] == [1, 1, 1, 1]
    # It is not read again of itself, each run says so, and naming it brings it back.
    assert gone.status == 0
    assert f"of the log given up, the first is {min(open_days_of(runs[0]))}: to have" in gone.log
    with serving(WEEK) as sandbox:
        config = log_config_for(sandbox, start_date=day)
        back = run_tap(config, gone.state)
        assert day in asked_days(sandbox)
        assert {c.uuid for c in sandbox.calls if c.day.isoformat() == day} <= set(back.uuids)
    assert day not in [entry["day"] for entry in back.log_bookmark["given_up"]]


def test_the_state_is_the_same_size_for_a_week_and_for_a_year(run_tap: Runner) -> None:
    with serving(replace(WEEK, days=366, calls_per_day=1)) as sandbox:
        week = run_tap(log_config_for(sandbox, end_date="2024-03-10"))
        year = run_tap(log_config_for(sandbox))
    assert len(year.uuids) == 366
    assert len(json.dumps(year.state)) == len(json.dumps(week.state))


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Budapest", date(2024, 3, 31)),
        ("Europe/Budapest", date(2024, 10, 27)),
        ("Europe/Budapest", date(2024, 2, 29)),
        ("Europe/Budapest", date(2023, 12, 31)),
        ("America/Bogota", date(2024, 3, 4)),
        ("America/New_York", date(2024, 11, 3)),
        ("Pacific/Auckland", date(2024, 4, 7)),
    ],
    ids=str,
)
def test_days_are_those_of_the_call_centre(run_tap: Runner, zone: str, day: date) -> None:
    options = Options(first_day=day - timedelta(days=1), days=3, calls_per_day=400, timezone=zone)
    with serving(options) as sandbox:
        run = run_tap(config_for(sandbox, timezone=zone, start_date=str(day), end_date=str(day)))
        calls = [call for call in sandbox.calls if call.day == day]
    assert run.uuids == [call.uuid for call in calls]
    starts = {r["uuid"]: r["start_ts_utc"] for r in run.records}
    # A uuid of version 1 tells which of two repeated hours it was; another one cannot.
    assert all(
        starts[call.uuid] == call.start.isoformat(timespec="seconds")
        for call in calls if call.version == 1
    )  # fmt: skip
    assert run.log_bookmark["last_day"] == str(day)


def test_today_is_today_at_the_call_centre(run_tap: Runner) -> None:
    zones = ("Pacific/Kiritimati", "Pacific/Pago_Pago")  # never the same day
    for zone in zones:
        with serving(Options(first_day=MONDAY, days=1, calls_per_day=1)) as sandbox:
            start = today_in(zone) - timedelta(days=1)
            run = run_tap(config_for(sandbox, timezone=zone, start_date=str(start)))
            assert asked_days(sandbox) == days_from(start, 2)
        assert run.log_bookmark["last_day"] == str(start)


@pytest.mark.parametrize("empty", ["rows", "404", "null", "204"])
def test_days_without_calls_are_days_like_others(
    run_tap: Runner,
    empty: Any,  # noqa: ANN401 - one of the sandbox's literals
) -> None:
    with serving(replace(DAY, variants=Variants(empty_day=empty))) as sandbox:
        run = run_tap(
            config_for(sandbox, start_date="2024-02-26", end_date="2024-03-10", max_concurrency=3)
        )
        # What is not said plainly is asked for three times.
        assert len(sandbox.requests) == (14 if empty == "rows" else 1 + 3 * 13)
        assert run.uuids == uuids_of(sandbox)
    assert run.status == 0
    assert run.log_bookmark["first_day"] == "2024-02-26"
    assert run.log_bookmark["last_day"] == "2024-03-10"
    assert run.log_bookmark["open_days"] == []
    # Ten of them and how many there were: never a line for each day of years.
    assert run.log.count("VCC Live has no log of 2024-") == (0 if empty == "rows" else 10)


def test_a_blank_answer_does_not_pass_for_a_day_without_calls(run_tap: Runner) -> None:
    force = {"/cdrs/2024/03/05?start=0&num=500": ["blank"]}
    with serving(replace(WEEK, force=force)) as sandbox:
        run = run_tap(log_config_for(sandbox))
        assert sorted(run.uuids) == sorted(uuids_of(sandbox))
    assert run.errors == []


def test_when_no_day_has_an_answer_of_use_the_run_fails(run_tap: Runner) -> None:
    """A night in which VCC Live answers each day with the same error is not a good night."""
    with serving(replace(WEEK, faults=Faults({"errors": 1.0}))) as sandbox:
        run = run_tap(log_config_for(sandbox, start_date="2024-03-09"))
    assert run.status == 1
    (error,) = run.errors
    assert error.startswith("VCC Live has nothing under /cdrs/2024/03/09?start=0&num=500: Some")


def test_when_no_day_at_all_is_known_none_counts_as_read(run_tap: Runner) -> None:
    with serving(replace(DAY, variants=Variants(empty_day="404"))) as sandbox:
        config = config_for(sandbox, start_date="2024-02-26", end_date="2024-03-02")
        wrong = run_tap(config | {"api_url": f"{sandbox.api_url}/wrong"})
        assert wrong.status == 1
        assert "is api_url right?" in wrong.errors[0]
        right = run_tap(config | {"end_date": "2024-03-04"}, wrong.state)
    assert wrong.log_bookmark["last_day"] is None
    assert right.uuids != []
    assert right.log_bookmark["first_day"] == "2024-02-26"


def test_with_faults_every_call_arrives_once(run_tap: Runner) -> None:
    rates = dict.fromkeys(["429", "500", "502", "503", "drop", "half", "json", "html"], 0.02)
    faults = Faults(rates=rates, retry_after_seconds=0)
    options = replace(WEEK, days=14, calls_per_day=100, page_cap=20, faults=faults)
    with serving(options) as sandbox:
        run = run_tap(log_config_for(sandbox))
        assert any(request.status != 200 for request in sandbox.requests)
        assert sorted(run.uuids) == sorted(uuids_of(sandbox))
    assert run.log_bookmark["open_days"] == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("500*", "status 500, Internal error"), ("errors*", "Something went wrong"),
     ("html*", "no JSON"), ("bare*", "an answer without the envelope"),
     ("400*", "status 400, Something went wrong"), ("403*", "may not read this resource"),
     ("drop*", "the connection to 127.0.0.1 was ")],
)  # fmt: skip
def test_a_day_that_always_fails_stays_open_and_the_others_are_read(
    run_tap: Runner, fault: str, reason: str
) -> None:
    with serving(replace(WEEK, force={"/cdrs/2024/03/06": [fault]})) as sandbox:
        run = run_tap(log_config_for(sandbox, max_tries=2))
        others = [c.uuid for c in sandbox.calls if c.day != date(2024, 3, 6)]
    assert run.status == 1
    assert run.errors == ["cdr_log: left 1 day of the log open"]
    (line,) = [line for line in run.log.splitlines() if "the log of 2024-03-06 stays open" in line]
    assert reason in line
    assert run.uuids == others
    assert open_days_of(run) == {"2024-03-06": 1}
    assert run.log_bookmark["last_day"] == "2024-03-10"
    with serving(WEEK) as sandbox:
        again = run_tap(log_config_for(sandbox), run.state)
        assert {*run.uuids, *again.uuids} == set(uuids_of(sandbox))
    assert again.log_bookmark["open_days"] == []
    assert again.status == 0


def test_a_day_that_leads_to_another_server_ends_the_run(run_tap: Runner) -> None:
    with serving(replace(WEEK, force={"/cdrs/2024/03/06": ["redirect*"]})) as sandbox:
        run = run_tap(log_config_for(sandbox))
    assert run.status == 1
    assert len(run.errors) == 1


@pytest.mark.parametrize("fault", ["500*", "errors*", "html*", "bare*", "400*", "bad-byte*"])
def test_a_page_that_cannot_be_had_is_read_in_smaller_parts(run_tap: Runner, fault: str) -> None:
    """What fails may lie in one row, and the answer of that size is all that fails."""
    force = {f"?start={start}&num=500": [fault] for start in (0, 24)}
    with serving(replace(BUSY_DAY, force=force)) as sandbox:
        run = run_tap(log_config_for(sandbox, max_tries=1))
        assert sorted(run.uuids) == sorted(uuids_of(sandbox))
    assert len(run.uuids) == 60
    assert run.log_bookmark["open_days"] == []
    assert run.status == 0


def test_a_page_in_the_middle_without_an_answer_loses_no_other_page(run_tap: Runner) -> None:
    force = {"?start=24&num=500": ["502*"]}
    with serving(replace(BUSY_DAY, force=force)) as sandbox:
        run = run_tap(log_config_for(sandbox, max_tries=1))
        calls = uuids_of(sandbox)
    assert run.status == 1
    assert run.uuids == calls[:25] + calls[48:]
    assert open_days_of(run) == {"2024-03-04": 1}
    assert "/cdrs/2024/03/04?start=24&num=500: status 502, after 1 try; the log of" in run.log


def test_a_server_that_answers_nothing_ends_the_run_and_leaves_the_state_as_it_was(
    run_tap: Runner,
) -> None:
    with serving(WEEK) as sandbox:
        before = run_tap(log_config_for(sandbox, end_date="2024-03-06"))
    with serving(replace(WEEK, faults=Faults(rates={"500": 1.0}))) as sandbox:
        run = run_tap(log_config_for(sandbox, max_tries=1), before.state)
    assert run.status == 1
    assert run.records == []
    assert run.state == before.state
    (error,) = run.errors
    assert error.startswith("VCC Live does not answer /cdrs/2024/03/")
    assert "Traceback" not in run.log


def test_days_of_nights_in_which_nothing_is_answered_are_never_given_up(run_tap: Runner) -> None:
    """As when a licence has expired: every answer is of no use, for longer than attempts last."""
    with serving(WEEK) as sandbox:
        config = log_config_for(sandbox, max_attempts=1, lookback_days=1)
        state = run_tap({**config, "end_date": "2024-03-06"}).state
    with serving(replace(WEEK, faults=Faults(rates={"errors": 1.0}))) as sandbox:
        for _ in range(3):
            night = run_tap({**config, "api_url": sandbox.api_url}, state)
            assert night.status == 1
            assert night.state == state
    with serving(WEEK) as sandbox:
        after = run_tap({**config, "api_url": sandbox.api_url}, state)
        assert asked_days(sandbox)[0] == "2024-03-05"
        assert set(uuids_of(sandbox)) - set(after.uuids) == {
            call.uuid for call in sandbox.calls if call.day < date(2024, 3, 5)
        }
    assert after.log_bookmark["open_days"] == []


def test_a_day_that_is_looked_back_to_and_has_no_answer_is_read_again(run_tap: Runner) -> None:
    """The server answers from the second day of a run on: the first one is not forgotten."""
    with serving(WEEK) as sandbox:
        before = run_tap(log_config_for(sandbox, end_date="2024-03-06"))
    with serving(replace(WEEK, force={"/cdrs/2024/03/05": ["errors*"]})) as sandbox:
        run = run_tap(log_config_for(sandbox, lookback_days=1), before.state)
    assert run.status == 1
    assert open_days_of(run) == {"2024-03-05": 1}


def test_a_server_that_fails_from_some_day_on_ends_the_run_and_loses_no_day(
    run_tap: Runner,
) -> None:
    options = replace(WEEK, days=40, calls_per_day=10)
    force = {f"/cdrs/2024/03/{day}?start=0&num=500": ["502*"] for day in range(14, 32)}
    with serving(replace(options, force=force)) as sandbox:
        first = run_tap(log_config_for(sandbox, max_tries=1))
    assert first.status == 1
    with serving(options) as sandbox:
        second = run_tap(log_config_for(sandbox), first.state)
        assert {*first.uuids, *second.uuids} == set(uuids_of(sandbox))
    assert second.status == 0


def test_a_wrong_key_ends_the_run_at_once(run_tap: Runner) -> None:
    with serving(Options(api_key="another", first_day=MONDAY, days=30)) as sandbox:
        run = run_tap(log_config_for(sandbox, api_key="sandbox-key", max_concurrency=2))
        assert len(sandbox.requests) <= 4
    assert run.status == 1
    (error,) = run.errors
    for cause in ("the API key is wrong", "not registered with the key", "may not read"):
        assert cause in error


def test_a_key_that_may_not_read_the_log_ends_the_stream_with_one_line(run_tap: Runner) -> None:
    with serving(Options(forbidden="/cdrs/", first_day=MONDAY, days=400)) as sandbox:
        run = run_tap(log_config_for(sandbox, max_concurrency=2))
        assert len(sandbox.requests) < 150  # not of all days
    assert run.status == 1
    (error,) = run.errors
    for cause in ("may not read this resource", "not registered with the key", "asked for next"):
        assert cause in error
    assert "WARNING" not in run.log
    assert run.log_bookmark["last_day"] is None


@pytest.mark.parametrize(
    "response",
    [
        b'{"response": {"rows": [null, 5, "x", [], {}, {"uuid": "36301234567"}], "totalCount": 6}}',
        b'{"response": [{"uuid": 7}]}',
    ],
)
def test_rows_that_are_no_calls_are_counted_and_leave_their_days_open(
    run_tap: Runner, response: bytes
) -> None:
    with server(lambda _: (200, {}, response)) as running:
        run = run_tap(
            {
                "customer": "acme", "api_key": "k", "api_url": running.url,
                "start_date": "2024-03-04", "end_date": "2024-03-05",
            }
        )  # fmt: skip
    assert run.status == 1
    assert run.records == []
    assert "without the uuid of a call; the log of 2024-03-04 stays open" in run.log
    assert "36301234567" not in run.log
    assert run.log_bookmark["last_day"] == "2024-03-05"
    assert open_days_of(run) == {"2024-03-04": 1, "2024-03-05": 1}


@pytest.mark.parametrize(
    "bookmark",
    [
        {"first_day": "2024-03-04"},
        {"first_day": "2024-03-04", "last_day": "2024-03-01"},
        {"first_day": "2024-03-04", "last_day": 5},
        {"first_day": "yesterday", "last_day": "2024-03-04"},
        {"open_days": ["2024-03-04"]},
        {"open_days": "2024-03-04"},
        {"earlier": [{}]},
        {"project_ids": 5},
    ],
    ids=str,
)
def test_a_state_that_is_none_of_the_tap_is_refused_before_anything_is_requested(
    run_tap: Runner, bookmark: dict[str, Any]
) -> None:
    with serving(DAY) as sandbox:
        state = {"bookmarks": {"cdr_log": bookmark}}
        run = run_tap(log_config_for(sandbox), state)
        assert sandbox.requests == []
    assert run.status == 1
    assert run.states in ([], [state])
    (error,) = run.errors
    assert error.startswith("The state of the stream cdr_log cannot be used")


def test_without_a_start_date_there_is_one_line_and_the_schema_only(run_tap: Runner) -> None:
    with serving(DAY) as sandbox:
        run = run_tap(config_for(sandbox))
        assert not [r for r in sandbox.requests if r.path.startswith("/cdrs/")]
    assert [m["type"] for m in run.messages if m.get("stream") == "cdr_log"] == ["SCHEMA"]
    assert run.log.count("cdr_log: nothing to do, as start_date is not set") == 1


def test_a_start_date_in_the_future_reads_nothing(run_tap: Runner) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    with serving(DAY) as sandbox:
        run = run_tap(config_for(sandbox, start_date=tomorrow.isoformat()))
        assert sandbox.requests == []
    assert run.status == 0
    assert "no day to read" in run.log


def test_meltanos_dates_are_understood(run_tap: Runner) -> None:
    with serving(DAY) as sandbox:
        run = run_tap(
            config_for(
                sandbox, start_date="2024-03-04T09:30:00.123456", end_date="2024-03-04T22:59:00Z"
            )
        )
        assert asked_days(sandbox) == ["2024-03-04"]
    assert len(run.uuids) == 60
