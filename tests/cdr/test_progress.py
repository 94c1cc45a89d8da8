"""Position, pending and missing: through JSON and back, attempt by attempt, whatever the clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from tap_vcclive.call_list.position import Position
from tap_vcclive.calls.call import Call
from tap_vcclive.cdr.progress import MOST_MISSING, Progress
from tap_vcclive.states import BadStateError

NOW = datetime(2026, 11, 22, 17, 8, tzinfo=UTC)
RETRY = timedelta(minutes=5)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
EMPTY = Position().hexdigest()


def call(number: int) -> Call:
    """Return an invented call."""
    return Call(f"{number:08x}-85de-4ec1-8625-e6eaf5c96b1e", "2026", "11")


def progress(max_attempts: int = 3, state: dict[str, Any] | None = None) -> Progress:
    """Return a progress, with a state taken over."""
    new = Progress(retry_after=RETRY, max_attempts=max_attempts)
    new.load(state or {})
    return new


def saved(of: Progress) -> dict[str, Any]:
    """Return the state as the next run reads it: through JSON."""
    state: dict[str, Any] = {}
    of.save(state)
    loaded: dict[str, Any] = json.loads(json.dumps(state, allow_nan=False))
    return loaded


def pending_in(of: Progress) -> dict[str, int]:
    """Return the attempts of each pending call."""
    return {entry["uuid"]: entry["attempts"] for entry in saved(of)["pending"]}


def asked(of: Progress, number: int, now: datetime = NOW) -> bool:
    """Ask for a call without success; return whether it is given up with that."""
    of.not_loaded(call(number), now)
    return of.give_up(call(number)) is not None


def entry(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - states are edited by hand
    """Return a pending call of a state."""
    return {
        **call(1)._asdict(),
        "or_month_before": False,
        "attempts": 1,
        "first_attempt": "2026-11-22T17:08:00+00:00",
        "last_attempt": "2026-11-22T17:08:00+00:00",
        "failed": False,
        **changes,
    }


def test_the_state_has_the_documented_form() -> None:
    new = progress(max_attempts=2)
    new.done.add(call(1))
    new.not_loaded(call(2), NOW + timedelta(microseconds=999_999))
    asked(new, 3)
    asked(new, 3, NOW + DAY)
    assert saved(new) == {
        "position": {"calls": 1, "digest": new.done.hexdigest()},
        "bad_rows": [],
        "last_line": None,
        "pending": [
            {
                "uuid": call(2).uuid,
                "year": "2026",
                "month": "11",
                "or_month_before": False,
                "attempts": 1,
                "first_attempt": "2026-11-22T17:08:00+00:00",
                "last_attempt": "2026-11-22T17:08:00+00:00",
                "failed": False,
            }
        ],
        "missing": [call(3).uuid],
    }


def test_saving_leaves_the_bookmark_alone() -> None:
    state = {"replication_key": "start_ts_utc", "replication_key_value": "x", "position": None}
    progress().save(state)
    assert state["replication_key"] == "start_ts_utc"
    assert state["replication_key_value"] == "x"


def test_a_saved_state_does_not_change_with_what_comes_later() -> None:
    new = progress()
    new.not_loaded(call(1), NOW)
    state: dict[str, Any] = {}
    new.save(state)
    before = json.dumps(state)
    new.not_loaded(call(1), NOW + RETRY)
    new.not_loaded(call(2), NOW)
    new.done.add(call(3))
    assert json.dumps(state) == before


def test_the_first_run_begins_with_nothing() -> None:
    new = Progress(retry_after=RETRY, max_attempts=3)
    calls, digest, gaps, last_line = new.load({})
    assert (list(gaps), last_line) == ([], None)
    assert (calls, digest) == (0, EMPTY)
    assert saved(new) == {
        "position": {"calls": 0, "digest": EMPTY},
        "bad_rows": [],
        "last_line": None,
        "pending": [],
        "missing": [],
    }


def test_the_position_is_handed_back_to_be_checked() -> None:
    state = {"position": {"calls": 250_000, "digest": "f" * 64}, "pending": [], "missing": []}
    assert Progress(retry_after=RETRY, max_attempts=3).load(state)[:2] == (250_000, "f" * 64)


def test_the_state_of_a_million_loaded_calls_is_that_of_ten() -> None:
    new = progress()
    sizes = set()
    for number in range(100, 1000):
        new.not_loaded(call(number), NOW)
        new.loaded(call(number))
        new.done.add(call(number))
        if new.done.calls >= 100:
            sizes.add(len(json.dumps(saved(new))))
    assert len(sizes) == 1
    assert sizes.pop() < 200


def test_a_call_is_given_up_after_so_many_attempts_and_a_day() -> None:
    new = progress(max_attempts=3)
    times = [NOW, NOW + RETRY, NOW + DAY]
    assert [asked(new, 1, now) for now in times] == [False, False, True]
    assert pending_in(new) == {}
    assert saved(new)["missing"] == [call(1).uuid]
    assert new.due(NOW + 100 * DAY) == []


@pytest.mark.parametrize("times", [[NOW, NOW + 2 * DAY], [NOW + i * RETRY for i in range(280)]])
def test_a_call_is_given_up_neither_before_its_attempts_nor_before_a_day(
    times: list[datetime],
) -> None:
    new = progress(max_attempts=3)
    assert not any(asked(new, 1, now) for now in times)
    assert pending_in(new) == {call(1).uuid: len(times)}


def test_a_call_with_one_attempt_is_given_up_with_the_next_one_after_a_day() -> None:
    new = progress(max_attempts=1)
    assert not asked(new, 1)
    assert not asked(new, 1, NOW + DAY - SECOND)
    assert asked(new, 1, NOW + DAY)
    assert pending_in(new) == {}


def test_attempts_are_counted_over_runs_and_a_lower_limit_holds_at_once() -> None:
    new = progress(max_attempts=20)
    for i in range(5):
        new.not_loaded(call(1), NOW + i * RETRY)
    again = progress(max_attempts=20, state=saved(new))
    assert not asked(again, 1, NOW + DAY)
    assert pending_in(again) == {call(1).uuid: 6}
    lower = progress(max_attempts=3, state=saved(new))
    assert pending_in(lower) == {call(1).uuid: 5}
    assert asked(lower, 1, NOW + DAY)


def test_an_attempt_while_nothing_is_answered_does_not_count_until_something_is() -> None:
    new = progress(max_attempts=1)
    new.not_loaded(call(1), NOW, failed=True, counts=False)
    new.not_loaded(call(1), NOW + DAY, failed=True, counts=False)
    assert new.give_up(call(1)) is None
    assert pending_in(new) == {call(1).uuid: 0}
    new.count_attempt(call(1))
    assert new.give_up(call(1)) == []


def test_a_call_given_up_that_is_asked_for_again_starts_anew() -> None:
    new = progress(max_attempts=2)
    asked(new, 1)
    assert asked(new, 1, NOW + DAY)
    assert not asked(new, 1, NOW + DAY)
    assert pending_in(new) == {call(1).uuid: 1}
    assert saved(new)["missing"] == []


def test_a_loaded_call_is_neither_pending_nor_missing() -> None:
    new = progress(max_attempts=2)
    for number, attempts in ((1, 1), (2, 2), (3, 1)):
        for attempt in range(attempts):
            asked(new, number, NOW + attempt * DAY)
    assert saved(new)["missing"] == [call(2).uuid]
    for number in (1, 2, 4):
        new.loaded(call(number))
    assert pending_in(new) == {call(3).uuid: 1}
    assert saved(new)["missing"] == []


def test_a_call_can_be_pending_under_several_months() -> None:
    # A list that does not know the month of a call can name it under each that it may be.
    one, other = call(1), call(1)._replace(month="12")
    new = progress(max_attempts=20)
    new.not_loaded(one, NOW)
    new.not_loaded(other, NOW)
    assert progress(state=saved(new)).due(NOW + RETRY) == [one, other]
    new.loaded(other)
    assert new.due(NOW + RETRY) == []


def test_a_call_that_is_given_up_under_one_month_is_still_asked_for_under_the_other() -> None:
    one, other = call(1), call(1)._replace(month="12")
    new = progress(max_attempts=2)
    new.not_loaded(one, NOW)
    new.not_loaded(one, NOW + DAY)
    new.not_loaded(other, NOW + DAY)
    assert new.give_up(one) == []
    assert new.due(NOW + DAY + RETRY) == [other]
    new.loaded(other)
    assert saved(new)["missing"] == []


def test_a_call_that_has_just_been_loaded_is_not_pending_under_another_month() -> None:
    new = progress()
    new.loaded(call(1))
    new.not_loaded(call(1)._replace(month="12"), NOW)
    assert saved(new)["pending"] == []
    assert new.give_up(call(1)._replace(month="12")) is None


def test_of_too_many_calls_given_up_the_oldest_leave_the_state_by_name() -> None:
    uuids = [call(number).uuid for number in range(MOST_MISSING)]
    new = progress(max_attempts=1, state={"missing": uuids})
    new.not_loaded(call(MOST_MISSING), NOW)
    new.not_loaded(call(MOST_MISSING), NOW + DAY)
    assert new.give_up(call(MOST_MISSING)) == [uuids[0]]
    assert saved(new)["missing"] == [*uuids[1:], call(MOST_MISSING).uuid]
    # One of an older version, which had no bound.
    many = progress(state={"missing": [*uuids, "x"]})
    assert saved(many)["missing"] == [*uuids[1:], "x"]


def test_a_call_that_failed_is_remembered_as_such() -> None:
    new = progress(max_attempts=20)
    new.not_loaded(call(1), NOW, failed=True, counts=False)
    (entry,) = progress(state=saved(new)).pending.values()
    assert (entry.failed, entry.attempts.count) == (True, 0)


def test_calls_that_failed_are_due_last_and_in_turns() -> None:
    new = progress()
    for number in range(4):
        new.not_loaded(call(number), NOW + number * SECOND, failed=number != 3)
    new.not_loaded(call(0), NOW + RETRY, failed=True)
    assert new.due(NOW + DAY) == [call(3), call(1), call(2), call(0)]


def test_the_state_of_an_older_version_is_taken_over() -> None:
    old = {key: value for key, value in entry().items() if key not in {"first_attempt", "failed"}}
    new = progress(state={"pending": [old]})
    assert saved(new)["pending"] == [entry()]


def test_a_pending_call_is_due_once_its_time_has_come_in_the_order_they_came_up() -> None:
    new = progress()
    new.not_loaded(call(2), NOW)
    new.not_loaded(call(1), NOW + SECOND)
    assert new.due(NOW + RETRY - SECOND) == []
    assert new.due(NOW + RETRY) == [call(2)]
    assert new.due(NOW + RETRY + SECOND) == [call(2), call(1)]
    assert progress(state=saved(new)).due(NOW + 2 * RETRY) == [call(2), call(1)]


def test_each_attempt_puts_the_next_one_off() -> None:
    new = progress()
    new.not_loaded(call(1), NOW)
    new.not_loaded(call(1), NOW + RETRY)
    assert new.due(NOW + 2 * RETRY - SECOND) == []
    assert new.due(NOW + 2 * RETRY) == [call(1)]


def test_without_a_wait_every_run_asks() -> None:
    new = Progress(retry_after=timedelta(0), max_attempts=3)
    new.not_loaded(call(1), NOW)
    assert new.due(NOW) == [call(1)]


def test_a_clock_set_back_holds_no_call() -> None:
    new = progress()
    new.not_loaded(call(1), NOW)
    assert new.due(NOW - timedelta(days=400)) == [call(1)]


def test_the_longer_it_lasts_the_less_often_a_call_is_asked_for_at_last_once_an_hour() -> None:
    new = progress()
    new.not_loaded(call(1), NOW)
    for after, interval in ((10, 30), (20, 60), (48, 60)):
        last = NOW + timedelta(hours=after)
        new.not_loaded(call(1), last)
        assert new.next_due() == last + timedelta(minutes=interval)
        assert new.due(last + timedelta(minutes=interval) - SECOND) == []
        assert new.due(last + timedelta(minutes=interval)) == [call(1)]


def test_the_next_attempt_is_that_of_the_call_asked_first() -> None:
    new = progress()
    assert new.next_due() is None
    new.not_loaded(call(1), NOW + SECOND)
    new.not_loaded(call(2), NOW)
    assert new.next_due() == NOW + RETRY
    new.loaded(call(2))
    assert new.next_due() == NOW + SECOND + RETRY


BAD_VALUES: dict[str, list[Any]] = {
    "uuid": [None, 5, "", "36301234567", []],
    "year": ["26", 26, "x", [], {}, 2026.5],
    "month": ["13", 0, "x", []],
    "attempts": [None, "many", [], {}, float("inf"), float("nan"), -1],
    "first_attempt": ["", "soon", 5, [], "2026-13-01T00:00:00+00:00"],
    "last_attempt": ["", "soon", 5, [], "2026-13-01T00:00:00+00:00"],
}
BROKEN: list[dict[str, Any]] = [
    *({name: value} for name in ("position", "pending", "missing") for value in (0, "", False)),
    {"pending": {}},
    {"pending": {"a": 1}},
    {"pending": "none"},
    {"pending": 5},
    {"pending": [None]},
    {"pending": ["x"]},
    {"pending": [[]]},
    {"pending": [{}]},
    *(
        {"pending": [entry(**{name: value})]}
        for name, values in BAD_VALUES.items()
        for value in values
    ),
    *(
        {"pending": [{key: value for key, value in entry().items() if key != name}]}
        for name in ("uuid", "year", "month", "attempts")
    ),
    {"pending": [entry(since="2026-11-22T17:08:00+00:00")]},
    {"missing": {}},
    {"missing": {"a": 1}},
    {"position": {}},
    {"missing": "none"},
    {"missing": [5]},
    {"missing": [None]},
    {"position": 5},
    {"position": "x"},
    {"position": [1, 2]},
    *(
        {"position": position}
        for position in (
            {"calls": 1},
            {"digest": "x"},
            {"calls": -1, "digest": "x"},
            {"calls": "1", "digest": "x"},
            {"calls": 1.5, "digest": "x"},
            {"calls": True, "digest": "x"},
            {"calls": None, "digest": "x"},
            {"calls": 1, "digest": None},
            {"calls": 1, "digest": 5},
        )
    ),
]


@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_a_broken_state_is_refused_as_a_whole(broken: dict[str, Any]) -> None:
    good = {
        "position": {"calls": 1, "digest": "x"},
        "pending": [entry()],
        "missing": [call(2).uuid],
    }
    new = Progress(retry_after=RETRY, max_attempts=3)
    with pytest.raises(BadStateError) as caught:
        new.load(good | broken)
    assert "36301234567" not in str(caught.value)
    assert "\n" not in str(caught.value)
    # Nothing of it is left behind.
    assert saved(new) == saved(progress())


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-22T17:08:00Z",
        "2026-11-22T17:08:00",
        "2026-11-22T18:08:00+01:00",
        "2026-11-22T17:08:00.5+00:00",
        "9999-12-31T23:59:59+00:00",
        "0001-01-01T00:00:00+00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_any_time_of_an_attempt_is_refused_or_can_be_worked_with(time: str) -> None:
    new = Progress(retry_after=RETRY, max_attempts=3)
    try:
        new.load({"pending": [entry(last_attempt=time)]})
    except BadStateError:
        return
    new.next_due()
    assert new.due(NOW + 2 * RETRY) == [call(1)]
    assert saved(progress(state=saved(new))) == saved(new)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["uuid", "calls", "digest"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "position": json_values,
            "pending": json_values
            | st.lists(
                st.fixed_dictionaries(
                    {name: json_values | st.just(entry()[name]) for name in entry()}
                ),
                max_size=2,
            ),
            "missing": json_values,
        },
    )
)
@settings(max_examples=300, deadline=None)
def test_any_state_is_taken_over_or_refused(state: dict[str, Any]) -> None:
    new = Progress(retry_after=RETRY, max_attempts=3)
    try:
        new.load(state)
    except BadStateError:
        return
    new.due(NOW)
    new.next_due()
    assert saved(progress(state=saved(new)))["pending"] == saved(new)["pending"]


numbers = st.integers(0, 4)


class Asked(NamedTuple):
    """What a pending call has behind it: attempts, and when the first and the last of them were."""

    attempts: int
    first: datetime
    last: datetime

    def due_at(self) -> datetime:
        """Return when it is asked for again: later and later, at most an hour after the last."""
        return self.last + max(RETRY, min((self.last - self.first) / 20, 12 * RETRY))


class Runs(RuleBasedStateMachine):
    """Runs over a handful of calls beside the plainest bookkeeping of them."""

    @initialize(max_attempts=st.integers(1, 4))
    def begin(self, max_attempts: int) -> None:
        """Begin with nothing done, and no clock that goes wrong."""
        self.max_attempts = max_attempts
        self.now = NOW
        self.tested = progress(max_attempts)
        self.done: list[Call] = []
        self.pending: dict[Call, Asked] = {}
        self.missing: set[str] = set()
        self.loaded_in_this_run: set[Call] = set()

    @rule(number=numbers)
    def a_call_is_loaded(self, number: int) -> None:
        """Load a call, pending or not."""
        self.tested.loaded(call(number))
        self.pending.pop(call(number), None)
        self.missing.discard(call(number).uuid)
        self.loaded_in_this_run.add(call(number))

    @rule(number=numbers, failed=st.booleans())
    def a_call_is_not_registered(self, number: int, *, failed: bool) -> None:
        """Ask for a call without success, with an answer or without."""
        one = call(number)
        self.tested.not_loaded(one, self.now, failed=failed, counts=not failed)
        if failed:
            self.tested.count_attempt(one)
        given_up = self.tested.give_up(one)
        if one in self.loaded_in_this_run - self.pending.keys():
            assert given_up is None
            return
        before = self.pending.pop(one, Asked(0, self.now, self.now))
        asked = Asked(before.attempts + 1, min(before.first, self.now), self.now)
        if asked.attempts >= self.max_attempts and asked.last - asked.first >= DAY:
            assert given_up == []
            self.missing.add(one.uuid)
        else:
            assert given_up is None
            self.pending[one] = asked
            self.missing.discard(one.uuid)

    @rule(number=numbers)
    def the_list_moves_on(self, number: int) -> None:
        """Finish the next call of the list."""
        self.tested.done.add(call(number))
        self.done.append(call(number))

    @rule(seconds=st.integers(-7200, 7200) | st.sampled_from([-100_000, 40_000, 100_000]))
    def time_passes(self, seconds: int) -> None:
        """Move the clock, back as well."""
        self.now += timedelta(seconds=seconds)

    @rule()
    def the_next_run_begins(self) -> None:
        """Save the state and take it over, with the list's own digest."""
        state = saved(self.tested)
        following = Progress(retry_after=RETRY, max_attempts=self.max_attempts)
        assert following.load(state)[:2] == (len(self.done), self.tested.done.hexdigest())
        for one in self.done:
            following.done.add(one)
        assert saved(following) == state
        self.tested = following
        self.loaded_in_this_run = set()

    @invariant()
    def pending_and_missing_are_as_they_should_be(self) -> None:
        """Compare with the plain bookkeeping."""
        state = saved(self.tested)
        assert state["position"]["calls"] == len(self.done)
        assert pending_in(self.tested) == {c.uuid: a.attempts for c, a in self.pending.items()}
        assert sorted(state["missing"]) == sorted(self.missing)
        assert not self.missing & set(pending_in(self.tested))
        due = {c for c, a in self.pending.items() if self.now >= a.due_at() or a.last > self.now}
        assert set(self.tested.due(self.now)) == due
        first = min((asked.due_at() for asked in self.pending.values()), default=None)
        assert self.tested.next_due() == first


Runs.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
test_any_sequence_of_runs_keeps_the_books = Runs.TestCase
