"""How far the log has been read: what is still to read, run after run, in a small state."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.attempts import Attempts
from tap_vcclive.days.bounds import Bounds
from tap_vcclive.days.progress import DaysProgress
from tap_vcclive.states import BadStateError

DAY = timedelta(days=1)
START = date(2026, 11, 1)
TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
ONCE = Attempts(1, NOW, NOW)
EMPTY: dict[str, Any] = {
    "first_day": None,
    "last_day": None,
    "earlier": [],
    "open_days": [],
    "given_up": [],
    "empty_days": [],
    "project_ids": None,
}
BOUNDS = Bounds(start=START, end=TODAY, today=TODAY, lookback=0, projects=None)

days = st.integers(-10, 30).map(lambda number: START + number * DAY)


def day(number: int) -> date:
    """Return a day of November."""
    return date(2026, 11, number)


def progress(
    state: dict[str, Any] | None = None,
    *,
    max_attempts: int = 3,
    now: datetime = NOW,
    **changes: Any,  # noqa: ANN401 - the fields of Bounds
) -> DaysProgress:
    """Return a progress with a state taken over."""
    new = empty(max_attempts, **changes)
    new.load(state or {}, now)
    return new


def empty(max_attempts: int = 3, **changes: Any) -> DaysProgress:  # noqa: ANN401 - the fields of Bounds
    """Return a progress with nothing taken over."""
    bounds = replace(BOUNDS, **changes)
    five_minutes = timedelta(minutes=5)
    return DaysProgress("cdr_log", bounds, max_attempts=max_attempts, retry_after=five_minutes)


def saved(of: DaysProgress) -> dict[str, Any]:
    """Return the state as the next run reads it: through JSON."""
    state: dict[str, Any] = {}
    of.save(state)
    loaded: dict[str, Any] = json.loads(json.dumps(state, allow_nan=False))
    return loaded


def numbers(of: DaysProgress) -> list[int]:
    """Return the days of November that are to read."""
    to_read = of.to_read(NOW)
    assert all((one.year, one.month) == (2026, 11) for one in to_read)
    return [one.day for one in to_read]


def read_all(of: DaysProgress) -> None:
    """Read all that is to read."""
    for one in of.to_read(NOW):
        of.complete(one, is_absent=False)


def test_the_state_has_the_documented_form() -> None:
    new = progress(projects=(7, 3), start=day(10))
    for number in (10, 11, 13, 14):
        new.complete(day(number), is_absent=False)
    new.came_out_short(day(14), NOW)
    assert saved(new) == {
        "first_day": "2026-11-13",
        "last_day": "2026-11-14",
        "earlier": [{"first_day": "2026-11-10", "last_day": "2026-11-11"}],
        "open_days": [
            {
                "day": "2026-11-14",
                "attempts": 1,
                "first_attempt": "2026-11-20T08:00:00+00:00",
                "last_attempt": "2026-11-20T08:00:00+00:00",
            }
        ],
        "given_up": [],
        "empty_days": [],
        "project_ids": [7, 3],
    }


def test_saving_leaves_other_keys_alone_and_its_own_none_behind() -> None:
    state: dict[str, Any] = {
        "replication_key_value": "x",
        "hours": {},
        "first_day": 1,
        "last_day": 2,
        "earlier": 3,
        "open_days": 4,
        "project_ids": 5,
    }
    progress().save(state)
    assert state == {"replication_key_value": "x", "hours": {}, **EMPTY}


def test_a_saved_state_does_not_change_with_what_comes_later() -> None:
    new = progress()
    new.complete(day(1), is_absent=False)
    new.came_out_short(day(2), NOW)
    state: dict[str, Any] = {}
    new.save(state)
    before = json.dumps(state)
    new.came_out_short(day(2), NOW)
    new.came_out_short(day(4), NOW)
    new.complete(day(7), is_absent=False)
    assert json.dumps(state) == before


def test_the_first_run_reads_everything_and_the_next_one_goes_on_at_the_last_day() -> None:
    new = progress()
    assert numbers(new) == list(range(1, 21))
    read_all(new)
    assert saved(new)["last_day"] == "2026-11-19"
    assert numbers(progress(saved(new))) == [19, 20]
    assert numbers(progress(saved(new), lookback=3)) == [16, 17, 18, 19, 20]
    tomorrow = day(21)
    assert numbers(progress(saved(new), today=tomorrow, end=tomorrow)) == [19, 20, 21]


def test_an_interrupted_run_goes_on_where_it_stood() -> None:
    new = progress()
    for number in range(1, 8):
        new.complete(day(number), is_absent=False)
    assert numbers(progress(saved(new), lookback=1)) == list(range(6, 21))


@given(
    st.lists(days, max_size=15),
    st.lists(days, max_size=4),
    st.tuples(days, days, days),
    st.integers(0, 12),
)
@settings(max_examples=300, deadline=None)
def test_what_is_to_read_is_what_is_not_read_or_open_or_looked_back_to(
    complete: list[date], short: list[date], bounds: tuple[date, date, date], lookback: int
) -> None:
    start, end, today = bounds
    end = min(end, today)
    new = progress(start=start, end=end, today=today, lookback=lookback, max_attempts=9)
    for one in complete:
        new.complete(one, is_absent=False)
    for one in short:
        new.came_out_short(one, NOW)
    open_days = {one for one in short if one < today}
    read = {one for one in complete if one < today} | open_days
    again_from = max(read) - lookback * DAY if read else date.max
    wanted = {start + number * DAY for number in range((end - start).days + 1)} - read
    # What has been read is looked back to wherever the start is now.
    wanted |= {one for one in read if again_from <= one <= end}
    late = sorted(one for one in open_days if one <= end)
    assert new.to_read(NOW) == sorted(wanted.difference(late)) + late


@given(
    st.lists(days, max_size=15),
    st.lists(days, max_size=3),
    st.none() | st.lists(st.integers(0, 9), unique=True, min_size=1, max_size=3).map(tuple),
)
@settings(max_examples=200, deadline=None)
def test_a_state_is_taken_over_as_it_was_saved(
    complete: list[date], short: list[date], projects: tuple[int, ...] | None
) -> None:
    new = progress(projects=projects, max_attempts=9)
    for one in complete:
        new.complete(one, is_absent=False)
    for one in short:
        new.came_out_short(one, NOW)
    following = empty(9, projects=projects)
    assert following.load(saved(new), NOW)
    assert saved(following) == saved(new)
    assert following.to_read(NOW) == new.to_read(NOW)


def test_a_start_moved_back_reads_the_days_before_only() -> None:
    new = progress(start=day(10))
    read_all(new)
    back = progress(saved(new), start=day(5))
    assert numbers(back) == [5, 6, 7, 8, 9, 19, 20]
    # Interrupted, it goes on there; done, there is one span again.
    back.complete(day(5), is_absent=False)
    again = progress(saved(back), start=day(5))
    assert saved(again)["earlier"] == [{"first_day": "2026-11-05", "last_day": "2026-11-05"}]
    assert numbers(again) == [6, 7, 8, 9, 19, 20]
    read_all(again)
    assert saved(again) == {**EMPTY, "first_day": "2026-11-05", "last_day": "2026-11-19"}


def test_a_start_moved_past_the_last_day_leaves_a_gap_that_is_not_forgotten() -> None:
    new = progress(end=day(5))
    read_all(new)
    forward = progress(saved(new), start=day(10), end=day(12))
    assert numbers(forward) == [5, 10, 11, 12]  # a look-back is owed, whatever the start
    assert forward.gap() == (day(6), day(9))
    read_all(forward)
    state = saved(forward)
    assert state["earlier"] == [{"first_day": "2026-11-01", "last_day": "2026-11-05"}]
    assert (state["first_day"], state["last_day"]) == ("2026-11-10", "2026-11-12")
    assert numbers(progress(state)) == [6, 7, 8, 9, *range(12, 21)]


def test_days_outside_of_what_is_wanted_are_not_read_and_not_forgotten() -> None:
    new = progress()
    new.came_out_short(day(2), NOW)
    new.came_out_short(day(18), NOW)
    state = saved(new)
    narrow = progress(state, start=day(5), end=day(7), lookback=15)
    assert numbers(narrow) == [5, 6, 7, 2]  # what is open is read wherever the start is now
    assert [entry["day"] for entry in saved(narrow)["open_days"]] == ["2026-11-02", "2026-11-18"]
    assert numbers(progress(state, start=day(9), end=day(8))) == [2]


def test_today_is_never_counted_as_read() -> None:
    new = progress()
    for number in (19, 20, 21):
        new.complete(day(number), is_absent=False)
    assert saved(new)["last_day"] == "2026-11-19"
    assert not new.came_out_short(TODAY, NOW)
    assert saved(new) == {**EMPTY, "first_day": "2026-11-19", "last_day": "2026-11-19"}
    assert numbers(progress(saved(new), start=day(19))) == [19, 20]


def test_a_day_that_was_read_as_today_is_read_again_tomorrow() -> None:
    new = progress(start=TODAY)
    read_all(new)
    tomorrow = day(21)
    assert numbers(progress(saved(new), start=TODAY, today=tomorrow, end=tomorrow)) == [20, 21]


@pytest.mark.parametrize("last", ["2026-11-20", "2026-11-21", "2030-01-01", "9000-12-31"])
def test_a_state_from_the_future_keeps_no_day_from_being_read(last: str) -> None:
    new = progress({"first_day": "2026-11-01", "last_day": last})
    assert numbers(new) == [19, 20]
    assert saved(new)["last_day"] == "2026-11-19"
    assert numbers(progress({"first_day": last, "last_day": last})) == list(range(1, 21))
    assert new.gap() is None


@pytest.mark.parametrize("last", ["0001-01-01", "0001-01-02"])
def test_a_look_back_beyond_the_first_of_all_days_is_no_error(last: str) -> None:
    new = progress({"first_day": "0001-01-01", "last_day": last}, lookback=3650)
    assert [one for one in new.to_read(NOW) if one >= START] == [day(n) for n in range(1, 21)]


def test_a_day_is_given_up_after_so_many_attempts_and_seven_days() -> None:
    state, now = {"first_day": "2026-11-01", "last_day": "2026-11-18"}, NOW
    for attempt in range(1, 9):
        new = progress(state, max_attempts=3, start=day(4), now=now)
        assert not new.came_out_short(day(5), now)
        assert new.open_days == {day(5): Attempts(attempt, NOW, now)}
        state, now = saved(new), now + timedelta(hours=20)
    new = progress(state, max_attempts=3, start=day(4), now=NOW + timedelta(days=7))
    assert new.came_out_short(day(5), NOW + timedelta(days=7))
    assert (new.open_days, new.given_up) == ({}, {day(5): day(4)})
    after = progress(saved(new), start=day(4))
    assert 5 not in numbers(after)
    assert saved(after)["given_up"] == [{"day": "2026-11-05", "start_date": "2026-11-04"}]
    # It is said once; a look-back that reaches it changes nothing but when it comes out whole.
    assert not after.came_out_short(day(5), NOW)
    after.complete(day(5), is_absent=False)
    assert (after.given_up, day(5) in after.days) == ({}, True)


def test_attempts_that_follow_each_other_at_once_are_one() -> None:
    new = progress(max_attempts=1)
    for seconds in (0, 30, 200, 299):
        assert not new.came_out_short(day(5), NOW + timedelta(seconds=seconds))
    assert new.open_days[day(5)].count == 1
    new.came_out_short(day(5), NOW + timedelta(seconds=600))
    assert new.open_days[day(5)].count == 2


def test_a_start_moved_to_a_day_that_was_given_up_has_it_read_again() -> None:
    given_up = {"day": "2026-11-05", "start_date": "2026-11-04"}
    state = {"first_day": "2026-11-01", "last_day": "2026-11-18", "given_up": [given_up]}
    for start in (day(1), day(4), day(6)):
        assert 5 not in numbers(progress(state, start=start))
    again = progress(state, start=day(5))
    assert numbers(again) == [18, 19, 20, 5]
    assert (again.open_days, again.given_up) == ({day(5): Attempts(0, NOW, NOW)}, {})
    # One that was given up while the start was there is not asked for for ever.
    state["given_up"] = [{"day": "2026-11-05", "start_date": "2026-11-05"}]
    assert 5 not in numbers(progress(state, start=day(5)))
    elsewhere = saved(progress(state, start=day(2)))
    assert 5 in numbers(progress(elsewhere, start=day(5)))


def test_open_days_come_in_turns_after_what_is_new() -> None:
    state: dict[str, Any] = {
        "first_day": "2026-11-01",
        "last_day": "2026-11-17",
        "open_days": [
            {"day": f"2026-11-{number:02}", "attempts": 2, "last_attempt": f"2026-11-19T0{hour}:00"}
            for number, hour in ((3, 5), (7, 1), (9, 3), (17, 7))
        ],
    }
    assert numbers(progress(state)) == [18, 19, 20, 7, 9, 3, 17]


def test_the_longer_a_day_is_open_the_less_often_it_is_read() -> None:
    def minutes_until_due(age: timedelta) -> float:
        attempts = Attempts(9, NOW - age, NOW)
        return (attempts.due_at(timedelta()) - NOW) / timedelta(minutes=1)

    ages = [timedelta(minutes=5), timedelta(minutes=100), timedelta(hours=20), timedelta(days=6)]
    assert [minutes_until_due(age) for age in ages] == [0.25, 5, 60, 60]
    state = {"first_day": "2026-11-01", "last_day": "2026-11-18"}
    entry = {"day": "2026-11-05", "attempts": 3, "first_attempt": "2026-11-15T00:00:00+00:00"}
    for last, is_read in (("2026-11-20T07:01:00", False), ("2026-11-20T06:59:00", True)):
        open_days = [entry | {"last_attempt": last}]
        assert (5 in numbers(progress(state | {"open_days": open_days}))) == is_read
    # A clock that was set back holds nothing back for ever.
    open_days = [entry | {"last_attempt": "2027-01-01T00:00:00"}]
    assert 5 in numbers(progress(state | {"open_days": open_days}))


def test_an_open_day_of_an_older_version_has_seven_days_from_now() -> None:
    state = {"first_day": "2026-11-01", "last_day": "2026-11-18"}
    new = progress(state | {"open_days": [{"day": "2026-11-05", "attempts": 19}]}, max_attempts=20)
    assert new.open_days == {day(5): Attempts(19, NOW, NOW)}
    assert not new.came_out_short(day(5), NOW + timedelta(minutes=5))


def test_a_day_that_has_had_rows_is_remembered_as_long_as_it_is_looked_back_to() -> None:
    new = progress(lookback=1, projects=(3, 5))
    for number in range(1, 20):
        for project, calls in ((3, 7), (5, 0 if number in {5, 18} else 2)):
            assert not new.has_had_rows(day(number), project)
            new.note_rows(day(number), project, calls)
        new.complete(day(number), is_absent=False)
    state = saved(new)
    # For a month at least: the look-back can be made longer.
    assert state["empty_days"] == [
        {"day": f"2026-11-{number:02}", "project_id": 5} for number in (5, 18)
    ]
    after = progress(state, lookback=1, projects=(3, 5))
    assert [after.has_had_rows(day(18), project) for project in (3, 5)] == [True, False]
    # Once there is a call, there has been one; and that it says none again changes nothing.
    after.note_rows(day(18), 5, 1)
    assert after.has_had_rows(day(18), 5)
    after.note_rows(day(18), 5, 0)
    assert after.has_had_rows(day(18), 5)
    # A state of an older version does not know.
    del state["empty_days"]
    assert not progress(state, lookback=1, projects=(3, 5)).has_had_rows(day(18), 3)


def test_what_had_calls_for_all_projects_together_may_have_had_none_of_one() -> None:
    for_all = progress()
    read_all(for_all)
    assert progress(saved(for_all)).has_had_rows(day(19), None)
    of_one = progress(saved(for_all), projects=(5,))
    assert not of_one.has_had_rows(day(19), 5)
    of_one.note_rows(day(19), 5, 0)
    of_one.complete(day(19), is_absent=False)
    assert not progress(saved(of_one), projects=(5,)).has_had_rows(day(19), 5)


def test_an_open_day_without_calls_so_far_is_remembered() -> None:
    new = progress()
    new.note_rows(day(5), None, 0)
    new.came_out_short(day(5), NOW)
    new.complete(day(18), is_absent=False)
    assert saved(new)["empty_days"] == [{"day": "2026-11-05", "project_id": None}]


def merged(old: Any, new: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return two states as Meltano merges them: key by key, lists and values replaced."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}
    return new


def test_a_state_merged_over_an_older_one_says_what_the_newer_says() -> None:
    older = progress(projects=(5,), start=day(10))
    read_all(older)
    older.came_out_short(day(12), NOW)
    newer = progress(saved(older), start=day(1))
    read_all(newer)
    assert merged(saved(older), saved(newer)) == saved(newer)
    # Days that were read for one project have not been read for two.
    earlier = {"earlier": [{"first_day": "2026-11-02", "last_day": "2026-11-02"}]}
    both = progress(saved(older) | earlier, projects=(5, 11), start=day(15))
    read_all(both)
    state = merged(saved(older) | earlier, saved(both))
    assert 2 in numbers(progress(state, projects=(5, 11)))


def test_an_open_day_that_comes_out_whole_is_open_no_more() -> None:
    new = progress()
    new.came_out_short(day(5), NOW)
    new.complete(day(5), is_absent=False)
    assert new.open_days == {}


@pytest.mark.parametrize("known_first", [True, False])
def test_days_that_are_not_there_count_once_another_day_is_there(known_first: bool) -> None:  # noqa: FBT001 - a parameter of the test
    new = progress()
    absent = [2, 3, 5] if known_first else [1, 2, 3]
    there = 1 if known_first else 5
    new.came_out_short(day(3), NOW)
    if known_first:
        new.complete(day(there), is_absent=False)
    for number in absent:
        new.complete(day(number), is_absent=True)
    if not known_first:
        assert new.open_days == {day(3): ONCE}
        assert [one.first.day for one in new.days.spans] == [3]
        new.complete(day(there), is_absent=False)
    assert new.open_days == {}
    assert [one for one in range(1, 10) if day(one) in new.days] == sorted([*absent, there])


def test_where_no_day_is_there_nothing_counts_as_read() -> None:
    new = progress()
    for number in range(1, 21):
        new.complete(day(number), is_absent=True)
    assert saved(new) == EMPTY
    assert numbers(new) == list(range(1, 21))


def test_today_is_not_read_for_being_absent() -> None:
    new = progress()
    new.complete(day(20), is_absent=True)
    new.complete(day(19), is_absent=False)
    assert saved(new)["last_day"] == "2026-11-19"


@pytest.mark.parametrize(
    ("read_for", "wanted", "covered"),
    [
        (None, None, True),
        (None, (1,), True),
        ((1, 2), (1,), True),
        ((1, 2), (2, 1), True),
        ((1,), (1, 2), False),
        ((1,), (2,), False),
        ((1, 2), None, False),
    ],
)
def test_a_state_is_of_use_for_projects_that_it_has_been_read_for(
    read_for: tuple[int, ...] | None, wanted: tuple[int, ...] | None, *, covered: bool
) -> None:
    new = progress(projects=read_for)
    read_all(new)
    new.came_out_short(day(7), NOW)
    following = empty(projects=wanted)
    assert following.load(saved(new), NOW) == covered
    assert numbers(following) == ([19, 20, 7] if covered else list(range(1, 21)))
    assert following.open_days == ({day(7): ONCE} if covered else {})
    # What it says from now on is about the projects that are wanted now.
    read_all(following)
    state = saved(following)
    assert state["project_ids"] == (list(wanted) if wanted else None)


def test_the_state_is_small_however_many_days_are_read() -> None:
    start = date(1900, 1, 1)
    new = progress(start=start)
    read_all(new)
    assert len(json.dumps(saved(new))) < 200
    assert len(progress(saved(new), start=start).to_read(NOW)) == 2


NOT_ENTRIES: list[Any] = [None, 5, "x", [], {}]
NOT_NUMBERS: list[Any] = [None, "many", [], {}, *map(float, ("inf", "-inf", "nan"))]
BAD_DAYS: list[Any] = [None, 5, "", "soon", [], {}, "2026-13-01", "9999-12-31"]
BAD_TIMES: list[Any] = [5, "", "soon", [], {}, "2026-13-01T00:00:00", "9999-12-31T00:00:00"]
BROKEN: list[dict[str, Any]] = [
    *({"first_day": value} for value in BAD_DAYS),
    *({"last_day": value} for value in BAD_DAYS),
    {"first_day": "2026-11-11"},
    {"earlier": 5},
    {"earlier": "x"},
    {"earlier": {"first_day": "2026-11-01"}},
    *({"earlier": [entry]} for entry in NOT_ENTRIES),
    *({"earlier": [{"first_day": value, "last_day": "2026-11-02"}]} for value in BAD_DAYS),
    {"earlier": [{"first_day": "2026-11-03", "last_day": "2026-11-02"}]},
    {"open_days": 5},
    {"open_days": "x"},
    {"open_days": {"2026-11-01": 1}},
    *({"open_days": [entry]} for entry in [*NOT_ENTRIES, {"day": "2026-11-01"}]),
    {"open_days": [{"attempts": 1}]},
    *({"open_days": [{"day": value, "attempts": 1}]} for value in BAD_DAYS),
    *({"open_days": [{"day": "2026-11-01", "attempts": value}]} for value in NOT_NUMBERS),
    *({"open_days": [{"day": "2026-11-01", "attempts": 1, "last_attempt": v}]} for v in BAD_TIMES),
    *({"given_up": [entry]} for entry in NOT_ENTRIES),
    {"given_up": [{"day": "2026-11-01", "start_date": "soon"}]},
    *({"empty_days": [entry]} for entry in NOT_ENTRIES),
    {"empty_days": [{"day": "2026-11-01", "project_id": "5"}]},
    {"project_ids": 5},
    {"project_ids": [[1]]},
    {"project_ids": True},
]


@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_a_broken_state_is_refused_as_a_whole(broken: dict[str, Any]) -> None:
    good = {
        "first_day": "2026-11-05",
        "last_day": "2026-11-10",
        "earlier": [{"first_day": "2026-11-01", "last_day": "2026-11-02"}],
        "open_days": [{"day": "2026-11-05", "attempts": 1}],
    }
    assert progress(good).open_days == {day(5): ONCE}
    new = empty()
    with pytest.raises(BadStateError) as caught:
        new.load(good | broken, NOW)
    assert "cdr_log" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert saved(new) == saved(progress())  # nothing of it is left behind


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates().map(str),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["day", "attempts", "first_day", "last_day"]), inner, max_size=4
        )
    ),
    max_leaves=6,
)
state_days = st.dates(date(2026, 10, 1), date(2026, 12, 1)).map(str) | json_values
attempts = st.integers(0, 5) | json_values
state_spans = st.fixed_dictionaries({}, optional={"first_day": state_days, "last_day": state_days})
open_days_of_states = st.lists(
    st.fixed_dictionaries({}, optional={"day": state_days, "attempts": attempts}), max_size=3
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "first_day": state_days,
            "last_day": state_days,
            "earlier": json_values | st.lists(state_spans, max_size=3),
            "open_days": json_values | open_days_of_states,
            "project_ids": json_values | st.lists(st.integers(0, 9), max_size=3),
        },
    )
)
@settings(max_examples=300, deadline=None)
def test_any_state_is_taken_over_or_refused(state: dict[str, Any]) -> None:
    new = empty(lookback=3650)
    try:
        new.load(state, NOW)
    except BadStateError:
        return
    to_read = new.to_read(NOW)
    assert len(to_read) == len(set(to_read))
    assert all(one <= TODAY for one in to_read)
    assert TODAY in to_read
    following = progress(saved(new), lookback=3650)
    assert saved(following) == saved(new)
    assert following.to_read(NOW) == to_read
    new.came_out_short(START, NOW)
    read_all(new)
