"""The calls of the log, hour by hour: fetched again only where something has changed."""

from __future__ import annotations

import json
import logging
from contextlib import closing
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tap_vcclive.api.client import Client
from tap_vcclive.call_log.hours import CallsByHour, CallsOfHour
from tap_vcclive.calls.call import Call
from tap_vcclive.fetching.lookahead import Later
from tap_vcclive.fetching.report import Kind, Report
from tap_vcclive.states import BadStateError
from tests.call_log.logs import Site, row, settings, uuid
from tests.servers import server

if TYPE_CHECKING:
    from collections.abc import Generator

LOGGER = logging.getLogger("tests")
FIRST = date(2025, 11, 3)


def day(number: int) -> date:
    """Return one of the days, all of them long past."""
    return FIRST + timedelta(days=number)


def call(number: int, of: int, hour: int, **fields: object) -> dict[str, Any]:
    """Return the row of a call that began in an hour of a day."""
    return row(number, start_ts=f"{day(of)} {hour:02}:{number % 60:02}:00", **fields)


def nested(depth: int) -> list[Any]:
    """Return a list in a list, and so on."""
    inner: list[Any] = []
    for _ in range(depth):
        inner = [inner]
    return inner


def log_calls(site_url: str, state: dict[str, Any], days: int, **changes: object) -> CallsByHour:
    """Return the calls of the log, begun at a state."""
    of = settings(
        site_url,
        start_date=str(FIRST),
        end_date=str(day(days - 1)),
        calls_from_log=True,
        **changes,
    )
    calls = CallsByHour(of, Client(of, LOGGER), LOGGER)
    calls.begin(state)
    return calls


def through_json(state: dict[str, Any]) -> dict[str, Any]:
    """Return a state as the next run reads it."""
    loaded: dict[str, Any] = json.loads(json.dumps(state, allow_nan=False))
    return loaded


def run(
    site: Site, state: dict[str, Any] | None = None, *, done: int | None = None, **changes: object
) -> tuple[list[list[Call]], dict[str, Any]]:
    """Run until so many hours are done and one more is taken, or all of them, then save.

    Returns:
        The calls of each hour, and the state.
    """
    hours: list[list[Call]] = []
    with server(site.answer) as running:
        calls = log_calls(running.url, state or {}, len(site.rows), **changes)
        of_log = hours_of(calls)
        with closing(of_log):
            for hour in of_log:
                if hour.calls:
                    hours.append(hour.calls)
                    if len(hours) - 1 == done:
                        break
                hour.done()
        return hours, through_json(calls.save())


def hours_of(calls: CallsByHour) -> Generator[CallsOfHour, None, None]:
    """Yield the hours of the log; here their rows are waited for."""
    for hour in calls.hours(report()):
        assert not isinstance(hour, Later)
        yield hour


def report() -> Report:
    """Return a report to tell."""
    return Report(LOGGER, Kind("cdr_log", "days", "calls"), None)


def numbers(hours: list[list[Call]]) -> list[list[int]]:
    """Return the numbers of the calls of each hour."""
    return [[int(one.uuid[:8], 16) for one in calls] for calls in hours]


def site_of_two_days() -> Site:
    """Return a site with calls in three hours of a day and two of the next, in no order."""
    return Site(
        {
            day(0): [call(4, 0, 9), call(2, 0, 8), call(5, 0, 17), call(1, 0, 8), call(3, 0, 9)],
            day(1): [call(13, 1, 12), call(12, 1, 10), call(11, 1, 10)],
        }
    )


ALL = [[1, 2], [3, 4], [5], [11, 12], [13]]


def test_hours_come_in_order_and_so_do_the_calls_of_an_hour() -> None:
    hours, _ = run(site_of_two_days())
    assert numbers(hours) == ALL
    assert hours[0] == [Call(uuid(1), "2025", "11"), Call(uuid(2), "2025", "11")]


def test_the_calls_of_an_hour_come_in_order_of_their_start_and_then_of_their_uuids() -> None:
    starts = {3: "08:00:00", 1: "08:30:00", 4: "08:10:00", 2: "08:10:00"}
    rows = [row(number, start_ts=f"{FIRST} {start}") for number, start in starts.items()]
    assert numbers(run(Site({FIRST: rows}))[0]) == [[3, 2, 4, 1]]


def test_a_day_is_settled_after_its_hours() -> None:
    site = site_of_two_days()
    with server(site.answer) as running:
        calls = log_calls(running.url, {}, 2)
        read = []
        for hour in hours_of(calls):
            hour.done()
            read.append((len(hour.calls), calls.save()["last_day"]))
    first, second = str(day(0)), str(day(1))
    assert read == [
        (2, None),
        (2, None),
        (1, None),
        (0, first),
        (2, first),
        (1, first),
        (0, second),
        (0, second),  # what only shows when all days have been read
    ]


def test_where_nothing_has_changed_nothing_comes_again() -> None:
    site = site_of_two_days()
    _, state = run(site)
    for rows in site.rows.values():
        rows.reverse()
    hours, again = run(site, state)
    assert hours == []
    assert again == state
    assert state["last_day"] == str(day(1))


@pytest.mark.parametrize("of", [0, 1])
def test_a_late_call_brings_its_hour_again_and_no_other(of: int) -> None:
    site = site_of_two_days()
    _, state = run(site)
    site.rows[day(of)].append(call(59, of, [9, 12][of]))
    hours, state = run(site, state)
    assert numbers(hours) == [[[3, 4, 59]], [[13, 59]]][of]
    assert run(site, state)[0] == []


def test_a_late_call_in_an_hour_of_its_own_comes_alone() -> None:
    site = site_of_two_days()
    _, state = run(site)
    site.rows[day(0)].append(call(59, 0, 23))
    assert numbers(run(site, state)[0]) == [[59]]


@pytest.mark.parametrize(
    "fields", [{"talktime": 5}, {"talktime": "5"}, {"note": None}, {"tags": [1, {"a": 1.5}]}]
)
def test_a_changed_field_brings_the_hour_again(fields: dict[str, object]) -> None:
    site = site_of_two_days()
    _, state = run(site)
    site.rows[day(1)][1].update(fields)
    hours, state = run(site, state)
    assert numbers(hours) == [[11, 12]]
    assert run(site, state)[0] == []
    # The order of the fields is no change.
    site.rows[day(1)][1] = dict(reversed(site.rows[day(1)][1].items()))
    assert run(site, state)[0] == []


def test_a_call_that_moves_to_another_hour_is_asked_for_there() -> None:
    site = site_of_two_days()
    _, state = run(site)
    site.rows[day(0)][2] = call(5, 0, 8)
    assert numbers(run(site, state)[0]) == [[1, 2, 5]]


@pytest.mark.parametrize("done", range(5))
def test_an_interrupted_run_goes_on_at_the_hour_that_was_not_done(done: int) -> None:
    site = site_of_two_days()
    hours, state = run(site, done=done)
    assert numbers(hours) == ALL[: done + 1]
    assert (state["last_day"] is not None) == (done >= 3)
    following, state = run(site, state)
    assert numbers(following) == ALL[done:]
    assert run(site, state)[0] == []


def test_an_hour_that_is_not_done_comes_again_though_others_are() -> None:
    site = site_of_two_days()
    with server(site.answer) as running:
        calls = log_calls(running.url, {}, 2)
        for number, hour in enumerate(hours_of(calls)):
            if number != 1:
                hour.done()
        state = through_json(calls.save())
    assert numbers(run(site, state)[0]) == [[3, 4]]


def test_days_beyond_the_look_back_are_not_asked_for_again() -> None:
    site = Site({day(of): [call(of, of, 8)] for of in range(6)})
    _, state = run(site, lookback_days=1)
    site.asked.clear()
    for of in range(6):
        site.rows[day(of)].append(call(30 + of, of, 9))
    hours, _ = run(site, state, lookback_days=1)
    assert {of for of, _, _ in site.asked} == {day(4), day(5)}
    assert numbers(hours) == [[34], [35]]


@pytest.mark.parametrize("lookback", [0, 1, 3])
def test_the_state_stays_small_over_many_days(lookback: int) -> None:
    site = Site({day(of): [call(hour, of, hour) for hour in (8, 9)] for of in range(40)})
    for of, rows in site.rows.items():
        rows[:] = [{**one, "uuid": uuid((of - FIRST).days * 100 + n)} for n, one in enumerate(rows)]
    with server(site.answer) as running:
        calls = log_calls(running.url, {}, 40, lookback_days=lookback)
        sizes, lengths = [], []
        for hour in hours_of(calls):
            hour.done()
            sizes.append(calls.size)
            lengths.append(len(json.dumps(calls.save())))
    # Two hours of each day that is read again, and of the one at hand.
    assert max(sizes) == 2 * (lookback + 2)
    assert calls.size == 2 * (lookback + 1)
    assert max(lengths) < 300 + 120 * (lookback + 2)


def test_hours_of_a_day_that_stays_open_are_kept_and_what_was_lacking_comes_later() -> None:
    site = Site({day(of): [call(of, of, 8)] for of in range(4)})
    site.statuses = {(day(1), 0): 405}
    _, state = run(site, lookback_days=0)
    assert [entry["day"] for entry in state["open_days"]] == [str(day(1))]
    site.statuses = {}
    hours, state = run(site, state, lookback_days=0)
    assert numbers(hours) == [[1]]
    assert state["open_days"] == []
    assert [entry["day"] for entry in state["hours"]] == [str(day(3))]


def test_hours_done_of_a_day_that_came_out_short_do_not_come_again() -> None:
    site = Site({day(of): [call(of, of, 8), call(30 + of, of, 9)] for of in range(4)})
    site.total = lambda rows: len(rows) + (rows[0] == call(1, 1, 8) and len(rows) == 2)
    _, state = run(site, lookback_days=0)
    assert [entry["day"] for entry in state["open_days"]] == [str(day(1))]
    site.rows[day(1)].append(call(59, 1, 9))
    hours, state = run(site, state, lookback_days=0)
    assert numbers(hours) == [[31, 59]]
    assert state["open_days"] == []


@pytest.mark.parametrize(
    ("start_ts", "year", "month"),
    [
        ("2025-11-03 08:00:00", "2025", "11"),
        ("2025-11-03T08:00:00", "2025", "11"),
        ("2025-10-31 23:59:59", "2025", "10"),  # of a log whose days are not quite local ones
        ("2026-01-01 00:00:00", "2026", "01"),
        ("0000-00-00 00:00:00", "2025", "11"),
        ("2025-13-03 08:00:00", "2025", "11"),
        ("20251003080000", "2025", "11"),
        ("2025-10", "2025", "11"),
        ("", "2025", "11"),
        (None, "2025", "11"),
        (20251003, "2025", "11"),
        (["2025-10-03 08:00:00"], "2025", "11"),
    ],
    ids=str,
)
def test_the_month_of_a_call_is_that_of_its_start_or_else_of_the_day(
    start_ts: object, year: str, month: str
) -> None:
    site = Site({FIRST: [{"uuid": uuid(1).upper(), "start_ts": start_ts}]})
    hours, state = run(site)
    assert hours == [[Call(uuid(1), year, month)]]
    assert run(site, state)[0] == []


def test_a_day_has_no_more_hours_in_the_state_than_there_are_in_a_day() -> None:
    starts = (datetime(1900, 1, 1) + timedelta(hours=number) for number in range(300))  # noqa: DTZ001 - local
    strange = [row(number, start_ts=f"{start}") for number, start in enumerate(starts)]
    site = Site({FIRST: [*strange, call(301, 0, 8), call(302, 0, 9)]})
    hours, state = run(site)
    assert [len(calls) for calls in hours] == [300, 1, 1]
    assert len(state["hours"][0]["hours"]) == 3
    assert run(site, state)[0] == []


@pytest.mark.parametrize("depth", [1, 50])
def test_a_start_that_is_no_text_is_none(depth: int) -> None:
    site = Site({FIRST: [row(1, start_ts=nested(depth)), call(2, 0, 8)]})
    assert numbers(run(site)[0]) == [[1], [2]]


def test_a_row_that_is_nested_too_deep_to_be_written_is_a_call_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def too_deep(*_: object, **__: object) -> str:
        raise RecursionError

    site = site_of_two_days()
    monkeypatch.setattr("tap_vcclive.call_log.hours.json", SimpleNamespace(dumps=too_deep))
    hours, state = run(site)
    assert numbers(hours) == ALL
    assert run(site, state)[0] == []


def test_a_call_without_a_start_has_the_month_of_its_day() -> None:
    assert run(Site({FIRST: [row(1)]}))[0] == [[Call(uuid(1), "2025", "11")]]


def test_a_log_without_calls_has_no_hours() -> None:
    hours, state = run(Site({day(0): [], day(1): []}))
    assert hours == []
    assert state == {
        "first_day": str(day(0)),
        "last_day": str(day(1)),
        "earlier": [],
        "open_days": [],
        "given_up": [],
        "empty_days": [{"day": str(day(of)), "project_id": None} for of in range(2)],
        "project_ids": None,
        "hours": [],
    }


def test_the_hours_of_an_older_version_are_taken_over() -> None:
    site = site_of_two_days()
    _, state = run(site)
    state["hours"] = {entry["day"]: entry["hours"] for entry in state["hours"]}
    assert run(site, state)[0] == []


def test_a_saved_state_does_not_change_with_what_comes_later() -> None:
    with server(site_of_two_days().answer) as running:
        calls = log_calls(running.url, {}, 2)
        hours = hours_of(calls)
        next(hours).done()
        state = calls.save()
        before = json.dumps(state)
        for hour in hours:
            hour.done()
        assert json.dumps(state) == before


def test_stop_ends_the_hours() -> None:
    site = Site({day(of): [call(of, of, 8)] for of in range(30)})
    with server(site.answer) as running:
        calls = log_calls(running.url, {}, 30)
        taken = 0
        for hour in hours_of(calls):
            hour.done()
            taken += len(hour.calls)
            if taken == 3:
                calls.stop()
        state = through_json(calls.save())
    assert 3 <= taken <= 4
    following, _ = run(site, state)
    assert [number for (number,) in numbers(following)][-1] == 29
    assert len(following) >= 30 - taken


@pytest.mark.parametrize(
    "broken",
    [
        None,
        5,
        "log",
        [],
        {"hours": 5},
        {"hours": [{"day": str(FIRST)}]},
        {"hours": [{"hours": {}}]},
        {"hours": {"soon": {}}},
        {"hours": {"9999-12-31": {}}},
        {"hours": {str(FIRST): None}},
        {"hours": {str(FIRST): 5}},
        {"hours": {str(FIRST): "x"}},
        {"first_day": "soon", "last_day": "later"},
        {"open_days": 5},
    ],
    ids=str,
)
def test_a_broken_state_is_refused(broken: Any) -> None:  # noqa: ANN401 - states are edited by hand
    with pytest.raises(BadStateError, match="stream cdr ") as caught:
        log_calls("http://127.0.0.1:1", broken, 2)
    assert "\n" not in str(caught.value)
