"""Days of the log from a server: in order, fetched ahead within bounds, each page once."""

from __future__ import annotations

import logging
import random
import threading
import time
from contextlib import closing, contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from tap_vcclive.api.client import Client
from tap_vcclive.api.errors import RefusedError, TriesExhaustedError
from tap_vcclive.call_log.reader import Reader
from tap_vcclive.fetching.lookahead import Later
from tap_vcclive.fetching.prefetch import Room
from tests.call_log.logs import LONG, Site, row, settings, uuid, uuids_of
from tests.servers import server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_vcclive.call_log.day import Day

FIRST = date(2026, 11, 1)
WORKERS = 4
# Fetched ahead at the most: first pages of days to come, and pages of the days at hand.
AHEAD = 2 * (WORKERS + 4) + 2


@pytest.fixture(autouse=True)
def _no_worker_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert_no_worker_is_left(before)


def assert_no_worker_is_left(before: set[threading.Thread]) -> None:
    """Wait for the workers that have been started since to end."""
    for thread in set(threading.enumerate()) - before:
        if thread.name.startswith("fetch-"):  # the server's own threads end when they like
            thread.join(LONG)
            assert not thread.is_alive()


def day(number: int) -> date:
    """Return one of the days."""
    return FIRST + timedelta(days=number)


def site_of(*sizes: int, cap: int = 500) -> Site:
    """Return a site whose days have so many calls each, none of them the same."""
    return Site(
        {
            day(one): [row(one * 10_000 + number) for number in range(size)]
            for one, size in enumerate(sizes)
        },
        cap,
    )


@contextmanager
def reading(
    site: Site, workers: int = WORKERS, projects: list[int] | None = None
) -> Iterator[Reader]:
    """Run a server and return a reader of it; open all gates in the end."""
    with server(site.answer) as running:
        client = Client(settings(running.url, max_concurrency=workers), logging.getLogger("tests"))
        try:
            yield Reader(client, projects, workers)
        finally:
            site.gate.set()


def read(site: Site, workers: int = WORKERS) -> list[tuple[Day, list[str]]]:
    """Return all days of a site once they have been read, with the calls handed out."""
    with reading(site, workers) as reader, closing(reader.days(list(site.rows))) as days:
        return [(one, uuids_of(one)) for one in days]


def handed_out_by(one: Day) -> Iterator[str]:
    """Yield the uuids of the calls that a day hands out, as they come."""
    for handed_out in one.rows():
        assert not isinstance(handed_out, Later)
        yield handed_out[0]


def listed(site: Site) -> list[tuple[date, list[str]]]:
    """Return the uuids of the calls of each day."""
    return [(one, [row["uuid"] for row in rows]) for one, rows in site.rows.items()]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("workers", [1, 3, 8])
def test_days_and_rows_come_in_order_and_each_page_is_asked_for_once(
    seed: int, workers: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    site = site_of(*(chance.choice([0, 1, 9, 10, 11, 37]) for _ in range(12)), cap=10)
    site.latency = lambda: chance.choice([0, 0, 0.001, 0.01])
    got = read(site, workers)
    assert [(one.day, uuids) for one, uuids in got] == listed(site)
    assert all(one.is_complete and not one.faults for one, _ in got)
    assert site.most <= workers
    pages = [
        (one, start, 500)
        for one, rows in site.rows.items()
        for start in range(0, max(len(rows), 1), 10)
    ]
    assert sorted(site.asked) == sorted(pages)


def test_no_days_are_no_requests() -> None:
    site = site_of()
    assert read(site) == []
    assert site.asked == []


def test_nothing_is_asked_for_before_the_first_day_is_taken() -> None:
    site = site_of(1)
    with reading(site) as reader:
        days = reader.days([day(0)])
        assert site.asked == []
        days.close()
    assert site.asked == []


def test_as_many_requests_are_in_flight_as_there_are_workers_and_no_more() -> None:
    site = site_of(*[20] * 12, cap=10)
    site.shut = {(one, start) for one in site.rows for start in (0, 10)}
    with reading(site) as reader, closing(reader.days(list(site.rows))) as days:
        got: list[int] = []
        taking = threading.Thread(target=lambda: got.extend(len(list(one.rows())) for one in days))
        taking.start()
        site.wait_until_asked(WORKERS)
        time.sleep(0.05)  # one too many would have come by now
        assert len(site.asked) == WORKERS
        site.gate.set()
        taking.join(LONG)
    assert got == [20] * 12
    assert site.most == WORKERS


def test_pages_to_come_are_fetched_before_rows_are_taken_but_not_too_many() -> None:
    site = site_of(*[30] * 40, cap=10)
    with reading(site) as reader, closing(reader.days(list(site.rows))) as days:
        taken = 0
        for one in days:
            rows = one.rows()
            next(rows)
            site.wait_until_asked(min(taken + WORKERS, 100))  # though nobody took the rows yet
            taken += sum(1 for _ in rows) // 10 + 1
            time.sleep(0.002)
            assert len(site.asked) <= taken + AHEAD
            if one.day == day(20):
                time.sleep(0.1)
                assert len(site.asked) <= taken + AHEAD
    assert len(site.asked) == 120


def test_a_slow_page_holds_back_those_behind_it_which_are_fetched_meanwhile() -> None:
    site = site_of(30, 30, cap=10)
    site.shut = {(day(0), 10)}
    got: list[str] = []
    with reading(site) as reader, closing(reader.days(list(site.rows))) as days:
        taking = threading.Thread(
            target=lambda: got.extend(one for each in days for one in handed_out_by(each))
        )
        taking.start()
        site.wait_until_asked(6)  # all that there are
        assert len(got) <= 10
        site.gate.set()
        taking.join(LONG)
    assert got == [uuid(number) for number in (*range(30), *range(10_000, 10_030))]


def test_what_has_come_is_handed_out_while_later_days_are_slow() -> None:
    site = site_of(*[10] * 8, cap=10)
    site.shut = {(day(number), 0) for number in range(2, 8)}
    with reading(site) as reader, closing(reader.days(list(site.rows))) as days:
        for number in range(2):
            assert len(uuids_of(next(days))) == 10
            assert not site.gate.is_set(), number


def test_somebody_else_can_wait_for_rows_that_have_not_come() -> None:
    site = site_of(20, 5, cap=10)
    site.shut = {(day(0), 10)}
    room = Room()
    with server(site.answer) as running:
        client = Client(settings(running.url), logging.getLogger("tests"))
        with closing(Reader(client, None, 2, room).days(list(site.rows))) as days:
            got: list[str] = []
            seen = room.arrivals
            for one in next(days).rows():
                if not isinstance(one, Later):
                    got.append(one[0])
                    continue
                room.wait(seen)
                seen = room.arrivals
                if len(got) == 10:
                    site.gate.set()
            assert got == [uuid(number) for number in range(20)]


def test_a_first_page_cut_short_does_not_make_a_request_of_each_row() -> None:
    site = site_of(3000)
    site.caps = {0: 1}
    ((one, uuids),) = read(site)
    assert one.is_complete
    assert uuids == [uuid(number) for number in range(3000)]
    assert len(site.asked) <= 2 * (2 * WORKERS + 4) + 8


def test_pages_share_a_row_that_shows_whether_rows_have_moved() -> None:
    site = site_of(1200)
    ((one, uuids),) = read(site)
    assert one.is_complete
    assert len(uuids) == 1200
    assert sorted(start for _, start, _ in site.asked) == [0, 499, 998]


def test_short_pages_in_the_middle_skip_nothing() -> None:
    site = site_of(40, 25, cap=10)
    site.caps = {10: 3, 13: 1, 14: 4, 30: 9}
    got = read(site)
    assert [(one.day, uuids) for one, uuids in got] == listed(site)
    assert all(one.is_complete for one, _ in got)
    starts = sorted(start for one, start, _ in site.asked if one == day(0))
    assert starts == [0, 10, 13, 14, 18, 20, 30, 39]


def test_a_short_first_page_skips_nothing() -> None:
    site = site_of(40, cap=10)
    site.caps = {0: 3}
    ((one, uuids),) = read(site)
    assert one.is_complete
    assert uuids == [uuid(number) for number in range(40)]


@pytest.mark.parametrize(
    ("hidden", "size", "short"), [(1, 40, {}), (10, 40, {}), (1, 41, {0: 3}), (1, 41, {0: 6})]
)
def test_a_day_whose_calls_are_hidden_comes_out_short(
    hidden: int, size: int, short: dict[int, int]
) -> None:
    site = site_of(size, cap=10)
    site.caps = short
    site.total = lambda rows: len(rows) + hidden
    ((one, uuids),) = read(site)
    assert uuids == [uuid(number) for number in range(size)]
    assert (one.is_complete, one.count, one.total) == (False, size, size + hidden)


@pytest.mark.parametrize("size", [0, 1, 10, 35])
def test_a_total_beyond_all_bounds_does_not_make_requests_without_end(size: int) -> None:
    site = site_of(size, 5, cap=10)
    site.total = lambda _: 10**12
    (one, uuids), (other, _) = read(site)
    assert len(uuids) == size
    assert (one.is_complete, other.is_complete) == (False, False)
    pages = -(-size // 10) + 1
    # Three readings of each day; each asks for what is ahead before it knows of the end.
    assert len(site.asked) <= 3 * (pages + 2 + 2 * WORKERS + 4) * 2


def test_a_page_with_a_fault_costs_its_day_only() -> None:
    site = site_of(30, 30, 30, cap=10)
    site.statuses = {(day(1), start): 500 for start in range(10, 20)}
    (first, _), (broken, uuids), (last, _) = read(site)
    assert first.is_complete
    assert last.is_complete
    assert [type(fault) for fault in broken.faults] == [TriesExhaustedError]
    assert not broken.is_complete
    # All of its other rows have come.
    assert uuids == [uuid(10_000 + number) for number in range(30) if not 10 <= number < 20]


@pytest.mark.parametrize(("at", "before"), [((0, 0), 0), ((1, 0), 30), ((1, 20), 50)])
def test_a_fault_that_ends_everything_comes_after_the_rows_before_it(
    at: tuple[int, int], before: int
) -> None:
    site = site_of(30, 30, 30, cap=10)
    site.statuses = {(day(at[0]), at[1]): 401}
    got: list[str] = []
    with reading(site) as reader, closing(reader.days(list(site.rows))) as days:
        rows = (handed_out for one in days for handed_out in handed_out_by(one))
        with pytest.raises(RefusedError):
            got.extend(rows)  # what comes before the error stays in it
    assert got == [row for _, uuids in listed(site) for row in uuids][:before]


def test_a_further_reading_begins_at_other_rows() -> None:
    site = site_of(29, cap=10)
    site.rows[day(0)].append(row(0))  # a call that is listed twice, and counted twice
    ((one, _),) = read(site, workers=1)
    assert one.is_complete
    assert (day(0), 0, 5) in site.asked
    assert {(day(0), start, 500) for start in (5, 15)} <= set(site.asked)


@pytest.mark.parametrize("workers", [1, WORKERS])
def test_a_further_reading_is_not_held_up_by_days_fetched_ahead(workers: int) -> None:
    """By then as much is at hand of the days to come as may be."""
    site = site_of(29, *[5] * 40, cap=10)
    site.rows[day(0)].append(row(0))
    with reading(site, workers) as reader, closing(reader.days(list(site.rows))) as days:
        one = next(days)
        rows = one.rows()
        next(rows)
        site.wait_until_asked(2 * workers + 4)
        for _ in rows:
            pass
        assert one.is_complete
    assert {5, 15, 25} <= {start for of, start, _ in site.asked if of == day(0)}


def test_projects_are_asked_for_one_by_one() -> None:
    site = site_of(15, cap=10)
    with server(site.answer) as running:
        client = Client(settings(running.url), logging.getLogger("tests"))
        with closing(Reader(client, [7, 3], 1).days([day(0)])) as days:
            (handed_out,) = [uuids_of(one) for one in days]
        paths = [path for _, path, _ in running.seen]
    assert len(handed_out) == 15  # the same ones twice, as this server does not tell projects apart
    assert sorted(path.partition("?")[2] for path in paths) == [
        "projectid=3&start=0&num=500",
        "projectid=3&start=10&num=500",
        "projectid=7&start=0&num=500",
        "projectid=7&start=10&num=500",
    ]


def test_a_call_that_two_days_list_is_handed_out_once() -> None:
    site = site_of(10, 10, 10)
    site.rows[day(1)].append(row(3))
    site.rows[day(2)].append(row(3))
    got = read(site)
    assert [len(uuids) for _, uuids in got] == [10, 10, 10]
    assert [(one.count, one.is_complete) for one, _ in got] == [(10, True), (11, True), (11, True)]


@pytest.mark.parametrize("shut", [[(1, 0)], [(0, 10)], [(0, 20), (1, 0), (2, 0)]])
def test_stop_ends_a_wait_and_the_day_is_not_complete(shut: list[tuple[int, int]]) -> None:
    site = site_of(30, 30, 30, cap=10)
    site.shut = {(day(one), start) for one, start in shut}
    seen: list[Day] = []
    with reading(site, workers=1) as reader, closing(reader.days(list(site.rows))) as days:

        def take() -> None:
            for one in days:
                seen.append(one)
                for _ in one.rows():
                    pass

        taking = threading.Thread(target=take)
        taking.start()
        with site.changed:
            assert site.changed.wait_for(
                lambda: any((one, start) in site.shut for one, start, _ in site.asked), LONG
            )
        reader.stop()
        taking.join(LONG)
        assert not taking.is_alive()
        assert not site.gate.is_set()
    assert reader.stopped
    assert [one.is_complete for one in seen][-1:] in ([], [False])


def test_stop_between_two_rows_ends_the_day_soon() -> None:
    site = site_of(500, 30, cap=10)
    with reading(site) as reader, closing(reader.days(list(site.rows))) as days:
        one = next(days)
        number = 0
        for number, _ in enumerate(one.rows(), 1):
            if number == 25:
                reader.stop()
        assert 25 <= number <= 40
        assert not one.is_complete
        assert list(days) == []
    assert len(site.asked) <= 3 + AHEAD


def test_stop_ends_further_readings() -> None:
    site = site_of(39, cap=10)
    site.rows[day(0)].append(row(0))
    site.shut = {(day(0), 15)}  # of the second reading, whose pages begin elsewhere
    with reading(site, workers=1) as reader, closing(reader.days([day(0)])) as days:
        one = next(days)
        taking = threading.Thread(target=lambda: list(one.rows()))
        taking.start()
        with site.changed:
            assert site.changed.wait_for(lambda: (day(0), 15, 500) in site.asked, LONG)
        reader.stop()
        taking.join(LONG)
        assert not taking.is_alive()
    assert (one.is_complete, one.faults) == (False, [])


def test_stop_before_the_first_day_asks_for_nothing() -> None:
    site = site_of(5)
    with reading(site) as reader:
        reader.stop()
        assert list(reader.days([day(0)])) == []
    assert site.asked == []


@pytest.mark.parametrize("rows", [None, 0, 15])
def test_closing_early_asks_for_no_more_and_leaves_no_worker(rows: int | None) -> None:
    site = site_of(*[30] * 30, cap=10)
    site.latency = lambda: 0.005
    before = set(threading.enumerate())
    with reading(site) as reader:
        days = reader.days(list(site.rows))
        if rows is not None:
            taken = next(days).rows()
            for _ in range(rows):
                next(taken)
            site.wait_until_asked(3)
        days.close()
        asked = len(site.asked)
        assert_no_worker_is_left(before)
        assert len(site.asked) <= asked + 2 * WORKERS  # those that were under way
