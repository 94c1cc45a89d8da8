"""Days that have been read: whatever comes in whatever order, the spans are those of the set."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.days.spans import DaysRead, Span, day_in, days_between

FIRST = date(2026, 10, 20)
DAY = timedelta(days=1)
MANY = 30

days = st.integers(0, MANY).map(lambda number: FIRST + number * DAY)
spans = st.tuples(days, days).map(lambda ends: Span(*sorted(ends)))


def days_of(span: Span) -> set[date]:
    """Return the days of a span."""
    return {span.first + number * DAY for number in range((span.last - span.first).days + 1)}


def assert_are(read: DaysRead, model: set[date]) -> None:
    """Compare with a set of days."""
    around = [FIRST + number * DAY for number in range(-2, MANY + 3)]
    assert {day for day in around if day in read} == model
    assert read.last == max(model, default=None)
    assert set().union(*map(days_of, read.spans)) == model
    # Neither one in the other nor side by side, the oldest first.
    for one, following in pairwise(read.spans):
        assert one.last + DAY < following.first
    assert all(span.first <= span.last for span in read.spans)


@given(st.lists(spans, max_size=6), st.lists(days, max_size=12), days)
@settings(max_examples=200, deadline=None)
def test_spans_and_days_in_any_order_are_the_set_of_their_days(
    some: list[Span], added: list[date], before: date
) -> None:
    read, model = DaysRead(some), set().union(*map(days_of, some))
    assert_are(read, model)
    for day in added:
        read.add(day)
        model.add(day)
        assert_are(read, model)
    assert_are(read.before(before), {day for day in model if day < before})
    assert_are(read, model)  # as it was


@given(st.lists(days, unique=True), st.randoms())
@settings(deadline=None)
def test_the_order_of_the_days_is_no_matter(added: list[date], random: Any) -> None:  # noqa: ANN401 - Random or one of hypothesis
    one, other = DaysRead(), DaysRead()
    for day in added:
        one.add(day)
    for day in random.sample(added, len(added)):
        other.add(day)
    assert one.spans == other.spans


@given(st.lists(days, max_size=12))
@settings(deadline=None)
def test_what_is_added_to_a_copy_is_not_added_to_the_other(added: list[date]) -> None:
    read = DaysRead([Span(FIRST, FIRST + 5 * DAY)])
    copy = DaysRead(read.spans)
    for day in added:
        copy.add(day)
    assert read.spans == [Span(FIRST, FIRST + 5 * DAY)]


@given(spans)
def test_a_span_goes_through_the_state_and_back(span: Span) -> None:
    state = json.loads(json.dumps(span.to_state()))
    assert state == {"first_day": str(span.first), "last_day": str(span.last)}
    assert Span.from_state(state) == span
    assert Span.from_state({"other": 1, **state}) == span


@pytest.mark.parametrize(
    "entry",
    [
        None,
        5,
        "2026-11-05",
        [],
        ["first_day", "last_day"],
        {},
        {"first_day": "2026-11-05"},
        {"last_day": "2026-11-05"},
        {"first_day": None, "last_day": None},
        {"first_day": "2026-11-05", "last_day": 20261105},
        {"first_day": "2026-11-05", "last_day": ["2026-11-05"]},
        {"first_day": "2026-11-05", "last_day": "2026-11-04"},
        {"first_day": "2026-11-31", "last_day": "2026-12-01"},
    ],
    ids=str,
)
def test_what_is_no_span_is_refused(entry: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Span.from_state(entry)


@pytest.mark.parametrize(
    "text",
    [
        None,
        5,
        20261105,
        True,
        [],
        {},
        date(2026, 11, 5),
        "",
        "soon",
        "2026-11",
        "2026-11-31",
        "2026-13-01",
        "2026-11-05T00:00:00",
        " 2026-11-05",
        "9001-01-01",
        "9999-12-31",
        "10000-01-01",
        "-2026-11-05",
    ],
    ids=str,
)
def test_what_is_no_day_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        day_in(text)


@given(st.dates(max_value=date(9000, 12, 31)))
def test_a_day_as_it_stands_in_the_state_is_taken(day: date) -> None:
    assert day_in(day.isoformat()) == day


@given(days, days)
def test_the_days_between_are_those_from_the_first_to_the_last(first: date, last: date) -> None:
    between = list(days_between(first, last))
    if first > last:
        assert between == []
        return
    assert (between[0], between[-1]) == (first, last)
    assert all(following - one == DAY for one, following in pairwise(between))
