"""A day of the log: what is called complete is complete, whatever happens while it is read."""

from __future__ import annotations

import sys
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tap_vcclive.api.errors import NoAnswerError, OddAnswerError, TriesExhaustedError
from tap_vcclive.call_log.day import Day
from tap_vcclive.call_log.pages import LARGEST_PAGE, DayOfLog, End, Page
from tap_vcclive.call_log.slices import Fetched
from tap_vcclive.call_log.tally import Tally
from tests.call_log.logs import DAY, OF, Log, read, row, uuid, uuids_in, uuids_of

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ODD: list[Any] = [None, 5, "x", [], {}, {"uuid": None}, {"uuid": 5}, {"uuid": "x"}]
ENDS = [None, NoAnswerError("/x", status=404), OddAnswerError("status 400", status=400)]
READINGS = 3
ASKINGS = 3  # of what may be nothing

sizes = st.integers(0, 25)
caps = st.sampled_from([1, 2, 3, 4, 7, 10, LARGEST_PAGE])
ends = st.sampled_from(ENDS)


def rows(number: int) -> list[Any]:
    """Return the rows of some calls."""
    return [row(one) for one in range(number)]


def calls_in(listed: list[Any]) -> int:
    """Return how many calls are listed, each counted once; rows without a call count, too."""
    return len(uuids_in(listed)) + sum("uuid" not in one for one in listed)


def most_requests(number: int, cap: int) -> int:
    """Return how many requests a day takes at the most.

    Each reading asks for each page once, for one more where pages begin elsewhere, and for what
    lies past the end of each part of it, several times.
    """
    return READINGS * (-(-number // cap) + 3 * ASKINGS)


def assert_handed_out_once(log: Log, day: Day, handed_out: list[str]) -> None:
    """Check what holds whatever a log does."""
    assert len(handed_out) == len(set(handed_out))
    assert set(handed_out) == day.seen <= uuids_in(log.rows)


@given(sizes, caps, ends, st.sampled_from([len, lambda listed: str(len(listed)), lambda _: None]))
@settings(max_examples=100, deadline=None)
def test_a_quiet_day_is_read_whole_in_one_go(
    number: int, cap: int, end: Exception | None, total: Callable[[list[Any]], object]
) -> None:
    log = Log(rows(number), cap, total, end=end)
    day, handed_out = read(log)
    assert handed_out == [uuid(one) for one in range(number)]
    says = None if total([]) is None and number else number
    assert (day.count, day.total, day.odd) == (number, says, 0)
    assert (day.is_complete, day.faults) == (True, [])
    # Only without a total nothing says plainly that there is no call.
    assert day.is_absent == (total([]) is None and not number)
    # Each page once; without a total, what lies past the end as well.
    starts = list(range(0, max(number, 1), cap))
    if total([]) is None:
        is_full = number > cap and not number % cap
        starts += [number] * (ASKINGS - (not number) if end or is_full or not number else 1)
    assert [start for start, _ in log.asked] == starts


def test_nothing_is_asked_for_before_the_rows_are_taken() -> None:
    log = Log(rows(3))
    day = Day(DAY, log.first(), log)
    taken = day.rows()
    assert (log.asked, day.is_complete) == ([], False)
    assert next(iter(taken)) == (uuid(0), row(0))
    assert not day.is_complete


def test_a_row_comes_as_it_was_sent_under_its_uuid_in_small_letters() -> None:
    sent = {"uuid": f" {uuid(0xAB).upper()} ", "talktime": "5", "other": None}
    log = Log([sent])
    (one,) = Day(DAY, log.first(), log).rows()
    assert one == (uuid(0xAB), sent)
    assert one[1] is sent


@given(
    st.lists(st.sampled_from(["", "", "", "front", "end", "both"]), max_size=20), sizes, caps, ends
)
@settings(max_examples=200, deadline=None)
def test_a_day_that_grows_is_complete_only_when_no_call_is_lacking(
    growth: list[str], number: int, cap: int, end: Exception | None
) -> None:
    def grow(log: Log) -> None:
        asked = len(log.asked)
        where = growth[asked - 1] if asked <= len(growth) else ""
        front = [row(1000 + asked)] if where in {"front", "both"} else []
        log.rows = front + log.rows + ([row(2000 + asked)] if where in {"end", "both"} else [])

    log = Log(rows(number), cap, before=grow, end=end)
    always = uuids_in(log.rows)
    day, handed_out = read(log)
    assert_handed_out_once(log, day, handed_out)
    if day.is_complete:
        assert always <= set(handed_out)
    assert len(log.asked) <= most_requests(len(log.rows), cap)


@pytest.mark.parametrize("at_end", [True, False])
@pytest.mark.parametrize("cap", [4, 10])
def test_a_day_that_grows_once_is_complete_in_the_end(cap: int, at_end: bool) -> None:  # noqa: FBT001 - a parameter of the test
    def grow(log: Log) -> None:
        if len(log.asked) == 1:
            log.rows = [*log.rows, row(99)] if at_end else [row(99), *log.rows]

    log = Log(rows(20), cap, before=grow)
    day, handed_out = read(log)
    assert day.is_complete
    assert set(handed_out) == uuids_in(log.rows)
    assert (day.count, day.total) == (21, 21)


@given(sizes, st.sampled_from([10, 12, LARGEST_PAGE]), st.sampled_from([1, -1]))
@settings(max_examples=100, deadline=None)
def test_a_log_whose_rows_move_with_each_request_is_read_whole(
    number: int, cap: int, step: int
) -> None:
    def move(log: Log) -> None:
        log.rows = log.rows[step:] + log.rows[:step]

    log = Log(rows(number), cap, before=move)
    day, handed_out = read(log)
    assert_handed_out_once(log, day, handed_out)
    if day.is_complete:
        assert set(handed_out) == uuids_in(log.rows)
    assert day.is_complete or number > cap
    assert len(log.asked) <= most_requests(number, cap)


@given(st.lists(st.integers(0, 23), max_size=8), sizes, st.sampled_from([10, 12]))
@settings(max_examples=100, deadline=None)
def test_neighbours_that_change_places_are_all_seen(
    places: list[int], number: int, cap: int
) -> None:
    def swap(log: Log) -> None:
        at = places[(len(log.asked) - 1) % len(places)] if places else 0
        log.rows[at : at + 2] = reversed(log.rows[at : at + 2])

    log = Log(rows(number), cap, before=swap)
    day, handed_out = read(log)
    assert_handed_out_once(log, day, handed_out)
    if day.is_complete:
        assert set(handed_out) == uuids_in(log.rows)


def test_a_call_that_slips_from_one_page_to_the_next_lies_in_the_middle_of_one_then() -> None:
    """Two calls that share a place take turns there, on either side of a page's end."""

    def take_turns(log: Log) -> None:
        log.rows[9], log.rows[10] = (row(10), row(9)) if len(log.asked) % 2 else (row(9), row(10))

    log = Log(rows(20), 10, before=take_turns)
    day, handed_out = read(log)
    assert day.is_complete
    assert set(handed_out) == uuids_in(log.rows)
    second = log.asked.index((0, 5))  # half a page first
    assert [start for start, _ in log.asked[second:]] == [0, 5, 15]


@given(st.data(), st.integers(1, 25), st.sampled_from([3, 4, 7, 10, LARGEST_PAGE]))
@settings(max_examples=200, deadline=None)
def test_calls_listed_twice_are_handed_out_once_and_the_day_is_complete(
    data: st.DataObject, number: int, cap: int
) -> None:
    listed = rows(number)
    repeats = data.draw(st.lists(st.integers(0, number - 1), max_size=min(cap - 1, number // 2)))
    for one in repeats:
        listed.insert(data.draw(st.integers(0, len(listed))), row(one))
    total = data.draw(st.sampled_from([len, calls_in]))
    log = Log(listed, cap, total)
    day, handed_out = read(log)
    assert_handed_out_once(log, day, handed_out)
    assert day.is_complete
    assert set(handed_out) == uuids_in(listed)
    assert len(log.asked) <= most_requests(len(listed), cap)


@given(st.data(), sizes, caps, ends)
@settings(max_examples=100, deadline=None)
def test_rows_that_name_no_call_are_counted_and_keep_the_day_open(
    data: st.DataObject, number: int, cap: int, end: Exception | None
) -> None:
    listed = rows(number)
    odd = data.draw(st.lists(st.sampled_from(ODD), max_size=4))
    for one in odd:
        listed.insert(data.draw(st.integers(0, len(listed))), one)
    log = Log(listed, cap, end=end)
    day, handed_out = read(log)
    assert set(handed_out) == {uuid(one) for one in range(number)}
    assert (day.is_complete, day.count, day.odd) == (not odd, number, len(odd))
    assert day.total == number + len(odd)
    assert len(log.asked) == max(-(-len(listed) // cap), 1)  # another reading shows no more


class OrderByPage(Log):
    """A log whose rows are in an order of their own for each page, as unsorted queries have it."""

    by = 0

    @override
    def get(self, resource: str) -> object:
        start = int(parse_qs(urlsplit(resource).query)["start"][0])
        rows, moved = self.rows, self.by * (start // self.cap) % len(self.rows)
        self.rows = rows[moved:] + rows[:moved]
        try:
            return super().get(resource)
        finally:
            self.rows = rows


@given(st.integers(1, 25), caps, st.integers(0, 9))
@example(number=10, cap=5, by=3)
@settings(max_examples=300, deadline=None)
def test_calls_that_come_twice_do_not_stand_for_one_that_no_page_shows(
    number: int, cap: int, by: int
) -> None:
    log = OrderByPage(rows(number), cap)
    log.by = by
    day, handed_out = read(log)
    assert day.is_complete == (len(handed_out) == number)


def test_a_row_without_a_call_that_is_seen_twice_stands_for_no_other() -> None:
    """A row that names no call moves over the end of a page, and a call the other way."""

    def move(log: Log) -> None:
        if len(log.asked) == 1:
            log.rows = [row(0), row(1), {}, row(2)]

    log = Log([{}, row(0), row(1), row(2)], 2, before=move)
    day, handed_out = read(log)
    assert not day.is_complete or set(handed_out) == uuids_in(log.rows)


@given(st.integers(1, 25), caps, st.integers(1, 40) | st.just(10**12), ends)
@settings(max_examples=100, deadline=None)
def test_a_day_whose_calls_are_hidden_comes_out_short_with_both_numbers(
    number: int, cap: int, hidden: int, end: Exception | None
) -> None:
    total = min(number + hidden, 10**12)
    log = Log(rows(number), cap, lambda _: total, end=end)
    day, handed_out = read(log)
    assert set(handed_out) == uuids_in(log.rows)
    assert not day.is_complete
    assert (day.count, day.total) == (number, total)
    assert len(log.asked) <= most_requests(number, cap)


def test_a_day_without_rows_that_has_a_total_is_short() -> None:
    day, handed_out = read(Log([], total=lambda _: "7"))
    assert handed_out == []
    assert (day.is_complete, day.count, day.total) == (False, 0, 7)
    # It does not say that there is nothing.
    assert (day.is_absent, [part.nothing for part in day.parts]) == (False, [None])
    (fault,) = day.faults
    assert str(fault) == f"{OF.resource(0, 500)}: no rows"


def test_a_total_that_is_seen_to_be_too_small_does_not_hide_calls() -> None:
    log = Log(rows(25), 10, lambda _: 12)
    day, handed_out = read(log)
    assert not day.is_complete or set(handed_out) == uuids_in(log.rows)


def test_a_total_that_is_too_small_for_the_only_page_is_no_matter() -> None:
    day, handed_out = read(Log(rows(10), total=lambda _: 6))
    assert len(handed_out) == 10
    assert (day.is_complete, day.count, day.total) == (True, 10, 6)


def test_the_largest_total_of_a_reading_counts() -> None:
    """Of two servers that take turns, one can be a call behind."""
    tally = Tally()
    assert len(list(tally.take(Page(0, rows(4), 7)))) == 4
    assert (tally.calls, tally.lacks, tally.is_complete) == (4, True, False)
    assert len(list(tally.take(Page(4, [row(4), row(5)], 6)))) == 2
    assert (tally.calls, tally.total, tally.is_complete) == (6, 7, False)
    list(tally.take(Page(6, [row(6)])))  # a page without a total changes nothing
    assert (tally.calls, tally.total, tally.rows, tally.is_complete) == (7, 7, 7, True)


def test_a_total_that_changes_makes_what_other_readings_have_counted_count_no_more() -> None:
    tally = Tally()
    list(tally.take(Page(0, [row(0), row(1), row(2)], 4)))
    tally.read_again()
    list(tally.take(Page(0, [row(0), row(1), row(3)], 4)))
    assert (tally.calls, tally.is_complete) == (4, True)
    tally.read_again()
    list(tally.take(Page(0, [row(0), row(1), row(3)], 5)))
    assert (tally.calls, tally.total, tally.is_complete) == (3, 5, False)


def test_a_call_that_goes_while_another_comes_is_no_matter_of_the_total() -> None:
    """Page 1 is read, one of its calls leaves the day, and a late one is listed at the end."""
    size = LARGEST_PAGE
    tally = Tally()
    list(tally.take(Page(0, rows(size), 2 * size)))
    after = [*rows(2 * size)[1:], row(9999)]
    list(tally.take(Page(size - 1, after[size - 1 : -1], 2 * size)))
    list(tally.take(Page(2 * size - 2, after[-2:], 2 * size)))
    assert not tally.is_complete
    tally.read_again()
    list(tally.take(Page(0, after[:size], 2 * size)))
    list(tally.take(Page(size - 1, after[size - 1 : -1], 2 * size)))
    list(tally.take(Page(2 * size - 2, after[-2:], 2 * size)))
    assert tally.is_complete


def test_the_same_calls_in_two_readings_are_complete_only_with_all_rows() -> None:
    tally = Tally()
    list(tally.take(Page(0, [row(0), row(1), row(1)], 3)))
    assert not tally.is_complete
    tally.read_again()
    list(tally.take(Page(0, [row(0), row(1)], 3)))
    assert not tally.is_complete
    list(tally.take(Page(2, [row(1)], 3)))
    assert tally.is_complete


def test_a_reading_that_sees_a_new_call_does_not_show_that_there_are_no_others() -> None:
    tally = Tally()
    list(tally.take(Page(0, [row(0), row(1), row(2), row(2), row(1)], 5)))
    tally.read_again()
    list(tally.take(Page(0, [row(0), row(1), row(2), row(3), row(3)], 5)))
    assert (tally.calls, tally.rows, tally.is_complete) == (4, 5, False)
    tally.read_again()
    list(tally.take(Page(0, [row(0), row(1), row(2), row(3), row(3)], 5)))
    assert tally.is_complete


@given(st.integers(2, 25), st.sampled_from([1, 2, 4, 10]), st.sampled_from([None, 60]))
@settings(max_examples=100, deadline=None)
def test_a_log_that_ignores_the_offset_is_not_asked_for_ever(
    number: int, cap: int, says: int | None
) -> None:
    log = Log(rows(number), cap, lambda _: says, ignores_start=True)
    day, handed_out = read(log)
    assert len(handed_out) == len(day.seen) == min(number, cap)
    assert len(log.asked) <= most_requests(says or number, min(number, cap))


def test_a_log_that_ignores_the_offset_is_never_complete() -> None:
    log = Log(rows(20), 10, ignores_start=True)
    day, handed_out = read(log)
    assert len(handed_out) == 10
    assert not day.is_complete


@given(st.integers(1, 25), caps, st.data())
@settings(max_examples=100, deadline=None)
def test_a_page_without_an_answer_costs_its_own_rows_and_leaves_the_day_incomplete(
    number: int, cap: int, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, (number - 1) // cap))
    fault = TriesExhaustedError("x")
    log = Log(rows(number), cap, faults={at: fault})
    day, handed_out = read(log)
    assert day.faults == [fault]
    assert not day.is_complete
    assert set(handed_out) <= {uuid(one) for one in range(number)}
    assert handed_out[: at * cap] == [uuid(one) for one in range(min(at * cap, number))]


def test_a_fault_of_a_further_reading_is_one_of_the_day() -> None:
    def slip(log: Log) -> None:
        if len(log.asked) == 1:
            log.rows = [*log.rows[1:], row(99)]

    fault = TriesExhaustedError("x")
    log = Log(rows(10), 5, before=slip, faults={3: fault})
    log.rows.append(row(0))
    day, _ = read(log)
    assert (day.faults, day.is_complete) == ([fault], False)


@given(st.integers(1, 60), st.sampled_from([3, 7, LARGEST_PAGE]), st.sets(st.integers(0, 59)))
@settings(max_examples=100, deadline=None)
def test_rows_that_no_page_can_show_cost_no_other(number: int, cap: int, bad: set[int]) -> None:
    class Bad(Log):
        """A log that has no answer for a page with a bad row."""

        @override
        def get(self, resource: str) -> object:
            options = parse_qs(urlsplit(resource).query)
            start, num = int(options["start"][0]), int(options["num"][0])
            if bad & set(range(start, min(start + min(num, self.cap), number))):
                self.asked.append((start, num))
                raise OddAnswerError("odd", status=400, says="row 7 is broken")
            return super().get(resource)

    few = len(bad) <= 1
    log = Bad(rows(number), cap)
    day, handed_out = read(log)
    if few:
        assert set(handed_out) == {uuid(one) for one in range(number) if one not in bad}
    is_met = bool(bad & set(range(number)))
    assert day.is_complete == (not is_met)
    assert bool(day.faults) == is_met


def test_a_page_that_comes_without_rows_in_the_same_place_twice_is_missed() -> None:
    """Pages are asked for side by side, so that those behind it have come."""
    tally = Tally()
    for _ in range(3):
        for start in range(10):
            of_page = [] if start == 3 else [row(start)]
            list(tally.take(Page(start, of_page, total=10)))
        assert not tally.is_complete
        tally.read_again()


def test_a_day_that_is_not_there_is_absent() -> None:
    absent = NoAnswerError("/x", status=404)
    day, handed_out = read(Log([], faults={0: absent}))
    assert handed_out == []
    # Once is a fault like any other.
    assert (day.is_absent, day.is_complete, day.count, day.total) == (False, True, 0, 0)
    log = Log([], faults=dict.fromkeys(range(ASKINGS), absent))
    day, handed_out = read(log)
    assert (day.is_absent, day.is_complete, day.count, day.total) == (True, True, 0, 0)
    assert [part.nothing for part in day.parts] == ["404"]
    day, _ = read(Log([]))
    assert (day.is_absent, day.is_complete, day.count, day.total) == (False, True, 0, 0)


@given(sizes, caps, st.sets(st.integers(0, 30), max_size=10))
@settings(max_examples=100, deadline=None)
def test_calls_of_the_day_before_are_not_handed_out_again_and_count_all_the_same(
    number: int, cap: int, before: set[int]
) -> None:
    log = Log(rows(number), cap)
    day, handed_out = read(log, [row(one) for one in before])
    assert handed_out == [uuid(one) for one in range(number) if one not in before]
    assert day.seen == {uuid(one) for one in range(number)}
    assert (day.is_complete, day.count, day.total) == (True, number, number)
    assert len(log.asked) == max(-(-number // cap), 1)


def test_a_call_of_the_day_before_that_has_changed_is_handed_out_again() -> None:
    _, handed_out = read(Log([row(0, talktime=5), row(1)]), [row(0, talktime=4), row(1)])
    assert handed_out == [uuid(0)]


def test_calls_near_midnight_are_kept_for_the_next_day() -> None:
    starts = ["2026-11-05 00:00:01", "2026-11-05 12:00:00", "2026-11-05 23:59:59", "soon", None]
    day, _ = read(Log([row(number, start_ts=start) for number, start in enumerate(starts)]))
    assert list(day.edge) == [uuid(number) for number in (0, 2, 3, 4)]


def test_a_run_told_to_stop_reads_no_more_and_the_day_is_not_complete() -> None:
    listed = [*rows(9), row(0)]
    log = Log(listed, 5, lambda _: 10)
    day = Day(DAY, log.first(), log)
    for number, _ in enumerate(day.rows()):
        log.stopped = number == 8
    assert not day.is_complete
    assert len(log.asked) == 2  # those of the first reading, and no other one


def test_projects_are_read_one_after_the_other_and_counted_together() -> None:
    logs = [Log(rows(5), 4), Log([row(9), row(9), row(9)]), Log(rows(2))]
    of_projects = [DayOfLog(DAY, number) for number in range(3)]

    class Logs(Log):
        @override
        def page(
            self, of: DayOfLog, start: int, end: End, num: int = LARGEST_PAGE
        ) -> Iterator[Fetched]:
            return logs[of.project or 0].page(of, start, end, num)

        @override
        def pages(self, of: DayOfLog, total: int, size: int, first: int) -> Iterator[Fetched]:
            return logs[of.project or 0].pages(of, total, size, first)

    first = [(of, got) for of in of_projects for _, got in logs[of.project or 0].first()]
    day = Day(DAY, first, Logs([]))
    assert uuids_of(day) == [uuid(one) for one in (0, 1, 2, 3, 4, 9)]
    assert (day.count, day.odd, day.total, day.is_complete) == (8, 0, 10, False)
    assert [(part.project, part.rows) for part in day.parts] == [(0, 5), (1, 1), (2, 2)]
    # Only what came out short is read again.
    assert [len(log.asked) for log in logs] == [2, len(logs[1].asked), 1]
    assert len(logs[1].asked) > 2


def test_one_project_that_is_not_there_makes_no_day_absent() -> None:
    first = [
        (OF, iter([Fetched([Page(0, [], nothing="404")])])),
        (DayOfLog(DAY, 7), iter([Fetched([Page(0, [row(1)], 1)])])),
    ]
    day = Day(DAY, first, Log([]))
    assert len(list(day.rows())) == 1
    assert (day.is_absent, day.is_complete, day.total) == (False, True, 1)
    assert [part.nothing for part in day.parts] == ["404", None]


def test_a_log_in_no_order_is_read_until_a_reading_finds_nothing_new() -> None:
    chance = Random(3)  # noqa: S311 - no secret

    def shuffle(log: Log) -> None:
        chance.shuffle(log.rows)

    log = Log(rows(40), 10, before=shuffle)
    day, handed_out = read(log)
    assert_handed_out_once(log, day, handed_out)
    assert len(handed_out) == 40
    assert READINGS * 4 < len(log.asked) <= 12 * 5


def test_a_log_without_totals_ends_where_nothing_comes_three_times() -> None:
    """After a full page an error can be one of the moment."""
    absent = NoAnswerError("/x", status=404)
    listed = rows(LARGEST_PAGE + 1)
    for times, seen in ((1, len(listed)), (2, len(listed)), (ASKINGS, LARGEST_PAGE)):
        log = Log(listed, total=lambda _: None, faults={1 + n: absent for n in range(times)})
        day, handed_out = read(log)
        assert len(handed_out) == seen
        assert day.is_complete


@pytest.mark.parametrize("times", [1, 2])
def test_in_a_log_without_totals_no_rows_behind_full_pages_are_no_end_at_once(times: int) -> None:
    """Pages can be smaller than the largest ones that were ever seen."""

    class Hiccup(Log):
        @override
        def get(self, resource: str) -> object:
            answer = super().get(resource)
            return {"rows": []} if 2 <= len(self.asked) - 1 < 2 + times else answer

    log = Hiccup(rows(50), 10, lambda _: None)
    day, handed_out = read(log)
    assert (len(handed_out), day.is_complete) == (50, True)


def test_errors_in_a_log_without_totals_leave_the_day_open() -> None:
    errors = NoAnswerError("/x", says="500: try later")
    listed = rows(LARGEST_PAGE + 300)
    log = Log(listed, total=lambda _: None, faults=dict.fromkeys(range(1, 99), errors))
    day, handed_out = read(log)
    assert len(handed_out) == LARGEST_PAGE
    assert not day.is_complete
    assert "try later" in str(day.faults[0])
    # Of a moment only, they cost nothing.
    day, handed_out = read(Log(listed, total=lambda _: None, faults={1: errors}))
    assert (len(handed_out), day.is_complete) == (len(listed), True)
