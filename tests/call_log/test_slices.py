"""A slice of a day's log: whatever cannot be had of it costs no other row."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.api.errors import (
    ForbiddenError,
    OddAnswerError,
    RefusedError,
    TooLargeError,
    TriesExhaustedError,
    VCCLiveError,
)
from tap_vcclive.call_log.pages import LARGEST_PAGE, End
from tap_vcclive.call_log.slices import Fetched, Limit, Slice, slice_at
from tests.call_log.logs import OF, row

ODD = OddAnswerError("status 400", status=400)


class Server:
    """A log some of whose rows no page can hold."""

    def __init__(
        self,
        number: int,
        bad: set[int],
        fault: VCCLiveError = ODD,
        *,
        most: int = LARGEST_PAGE,
        cap: int = LARGEST_PAGE,
    ) -> None:
        """Keep what it has, and what it answers for a page with a bad row or too many rows.

        Args:
            number: How many rows there are.
            bad: Those that no page can hold.
            fault: What such a page has for an answer.
            most: How many rows a page can have and not be too large.
            cap: How many it has at most.
        """
        self.number = number
        self.bad = bad
        self.fault = fault
        self.most = most
        self.cap = cap
        self.asked: list[tuple[int, int]] = []

    def get(self, resource: str) -> object:
        """Answer."""
        options = parse_qs(urlsplit(resource).query)
        start, num = int(options["start"][0]), int(options["num"][0])
        self.asked.append((start, num))
        rows = range(start, min(start + min(num, self.cap), self.number))
        if self.bad & set(rows):
            raise self.fault
        if len(rows) > self.most:
            raise TooLargeError("too large")
        return {"rows": [row(one) for one in rows], "totalCount": self.number}


def got_of(server: Server, start: int, stop: int | None) -> Fetched:
    """Return what is got of a slice."""
    return slice_at(Slice(OF, start, stop, LARGEST_PAGE, End(), Limit()), server.get)


def numbers(got: Fetched) -> list[int]:
    """Return the numbers of the rows that have been got, as they came."""
    return [int(one["uuid"][:8], 16) for page in got.pages for one in page.rows]


@given(number=st.integers(1, 700), bad=st.integers(0, 499), is_head=st.booleans())
@settings(max_examples=100, deadline=None)
def test_one_bad_row_costs_no_other(number: int, bad: int, *, is_head: bool) -> None:
    server = Server(number, {bad})
    got = got_of(server, 0, None if is_head else min(number, LARGEST_PAGE))
    assert numbers(got) == [one for one in range(min(number, LARGEST_PAGE)) if one != bad]
    assert len(got.faults) == (bad < number)
    assert len(server.asked) <= 2 * 9 + 2


@given(st.sets(st.integers(0, 499), max_size=3))
@settings(max_examples=100, deadline=None)
def test_a_few_bad_rows_cost_a_bounded_number_of_requests(bad: set[int]) -> None:
    server = Server(LARGEST_PAGE, bad)
    got = got_of(server, 0, LARGEST_PAGE)
    assert len(server.asked) <= 61
    assert bool(got.faults) == bool(bad)
    assert set(numbers(got)).isdisjoint(bad)
    assert len(numbers(got)) >= LARGEST_PAGE - 40 * len(bad)
    assert numbers(got) == sorted(set(numbers(got)))


@pytest.mark.parametrize("cap", [1, 5, 10])
def test_one_bad_row_costs_no_other_where_pages_are_small(cap: int) -> None:
    server = Server(LARGEST_PAGE, {0}, cap=cap)
    got = got_of(server, 0, None)
    assert numbers(got) == list(range(1, LARGEST_PAGE))
    assert got.faults == (ODD,)
    assert len(server.asked) <= LARGEST_PAGE // cap + 20


@pytest.mark.parametrize("stop", [None, LARGEST_PAGE])
def test_where_nothing_can_be_had_few_requests_say_so(stop: int | None) -> None:
    server = Server(LARGEST_PAGE, set(range(LARGEST_PAGE)))
    got = got_of(server, 0, stop)
    assert got == Fetched([], (ODD,))
    assert len(server.asked) == 7


@pytest.mark.parametrize(
    "fault", [ForbiddenError("/x"), TriesExhaustedError("no answer in time")], ids=repr
)
def test_what_lies_in_no_row_is_not_looked_for_in_one(fault: VCCLiveError) -> None:
    server = Server(LARGEST_PAGE, {7}, fault)
    assert got_of(server, 0, LARGEST_PAGE) == Fetched([], (fault,))
    assert len(server.asked) == 1


def test_a_server_that_breaks_on_a_row_is_asked_for_the_others() -> None:
    fault = TriesExhaustedError("status 500", is_answer=True)
    got = got_of(Server(100, {7}, fault), 0, 100)
    assert numbers(got) == [one for one in range(100) if one != 7]
    assert got.faults == (fault,)


def test_what_ends_everything_ends_a_slice() -> None:
    with pytest.raises(RefusedError):
        got_of(Server(100, {7}, RefusedError(401, "/x")), 0, 100)


def test_a_page_that_is_too_large_is_had_in_parts() -> None:
    got = got_of(Server(500, set(), most=200), 0, 500)
    assert numbers(got) == list(range(500))
    assert (got.faults, got.is_too_large) == ((), True)
    assert not got_of(Server(500, set()), 0, 500).is_too_large


def test_pages_without_rows_below_the_total_end_a_log_after_a_few() -> None:
    limit, server = Limit(), Server(10, set())
    for start in (500, 1000, 1500, 2000):
        slice_at(Slice(OF, start, start + 500, 500, End(), limit), lambda r: {**_empty(server, r)})
    assert limit.at == 1500
    assert [start for start, _ in server.asked] == [500] * 3 + [1000] * 3 + [1500] * 3


def _empty(server: Server, resource: str) -> dict[str, object]:
    server.get(resource)
    return {"rows": [], "totalCount": 10**6}
