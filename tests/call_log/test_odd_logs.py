"""Logs that do odd things over HTTP: what is there comes, and what did not is told."""

from __future__ import annotations

import json
import logging
import random
import sys
import threading
from contextlib import closing, contextmanager
from datetime import date, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as having
from hypothesis import strategies as st

from tap_vcclive.api.client import Client
from tap_vcclive.api.errors import (
    NoAnswerError,
    OddAnswerError,
    TooLargeError,
    TriesExhaustedError,
)
from tap_vcclive.call_log.reader import Reader
from tap_vcclive.fetching.lookahead import Later
from tap_vcclive.fetching.prefetch import Room
from tests.call_log.logs import LONG, row, settings, uuid
from tests.servers import server

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_vcclive.call_log.day import Day

FIRST = date(2026, 11, 1)
LOGGER = logging.getLogger("tests")

Answer = tuple[int, dict[str, str], bytes]


def day(number: int) -> date:
    """Return one of the days."""
    return FIRST + timedelta(days=number)


def answer_of(response: object, status: int = 200) -> Answer:
    """Return an answer with its envelope."""
    return status, {}, json.dumps({"response": response, "errors": []}).encode()


class Asked:
    """A request for a page, and how many there have been for its day, this one included."""

    def __init__(self, path: str, numbers: dict[tuple[date, int | None], int]) -> None:
        """Read it from a path."""
        url = urlsplit(path)
        options = parse_qs(url.query)
        self.day = date(*map(int, url.path.split("/")[-3:]))
        self.start, self.num = int(options["start"][0]), int(options["num"][0])
        self.project = int(options["projectid"][0]) if "projectid" in options else None
        key = (self.day, self.project)
        self.number = numbers[key] = numbers.get(key, 0) + 1


class OddLog:
    """A log that a function answers for."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        """Keep the function."""
        self.of = answer
        self.asked: list[Asked] = []
        self._numbers: dict[tuple[date, int | None], int] = {}
        self._lock = threading.Lock()

    def answer(self, path: str) -> Answer:
        """Answer a request."""
        with self._lock:
            asked = Asked(path, self._numbers)
            self.asked.append(asked)
            return self.of(asked)

    def get(self, resource: str, admit: Callable[[int], None] = lambda _: None) -> object:
        """Answer in the place of a client."""
        status, _, body = self.answer(resource)
        admit(len(body))
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TriesExhaustedError(f"{resource}: status {status}", is_answer=True)
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise TooLargeError(f"{resource}: too large")
        if status == HTTPStatus.NOT_FOUND:
            raise NoAnswerError(resource, status=status)
        if status != HTTPStatus.OK:
            raise OddAnswerError(f"{resource}: status {status}", status=status)
        return json.loads(body)["response"]

    @contextmanager
    def days(self, days: int = 1, workers: int = 4, **options: Any) -> Iterator[Iterator[Day]]:  # noqa: ANN401 - those of Reader
        """Yield the days as they are read."""
        with server(self.answer) as running:
            of = settings(running.url, max_concurrency=workers)
            projects = options.pop("projects", None)
            reader = Reader(Client(of, LOGGER), projects, workers, **options)
            with closing(reader.days([day(number) for number in range(days)])) as reading:
                yield reading

    def read(self, days: int = 1, workers: int = 4, **options: Any) -> list[tuple[Day, list[str]]]:  # noqa: ANN401 - those of Reader
        """Return all days once they have been read, with the calls handed out."""
        with self.days(days, workers, **options) as reading:
            return [
                (one, [got[0] for got in one.rows() if got is not Later.LATER]) for one in reading
            ]


def page_of(
    rows: list[dict[str, Any]], asked: Asked, cap: int = 500, total: object = None
) -> Answer:
    """Return the page that was asked for."""
    page = rows[asked.start : asked.start + min(asked.num, cap)]
    return answer_of({"rows": page, "totalCount": len(rows) if total is None else total})


def rows_of(size: int, first: int = 0) -> list[dict[str, Any]]:
    """Return the rows of some calls."""
    return [row(first + number) for number in range(size)]


def uuids(size: int, first: int = 0) -> list[str]:
    """Return the uuids of some calls."""
    return [uuid(first + number) for number in range(size)]


@pytest.mark.parametrize("workers", [1, 8])
def test_totals_of_two_servers_that_take_turns_keep_no_day_open(workers: int) -> None:
    rows = rows_of(1401)
    log = OddLog(lambda asked: page_of(rows, asked, total=1400 + asked.number % 2))
    ((one, handed_out),) = log.read(workers=workers)
    assert handed_out == uuids(1401)
    assert (one.is_complete, one.count, one.total) == (True, 1401, 1401)


@pytest.mark.parametrize("seed", range(3))
def test_a_log_in_no_order_is_read_for_as_long_as_there_is_news(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    rows = rows_of(1500)

    def shuffled(asked: Asked) -> Answer:
        return page_of(chance.sample(rows, len(rows)), asked)

    # One request at a time, so that the chance is the same each time.
    ((one, handed_out),) = OddLog(shuffled).read(workers=1)
    # Three readings would have 1,460 of them. Where one is never met, the day stays open.
    assert len(handed_out) == len(set(handed_out)) >= 1490
    assert one.is_complete == (len(handed_out) == 1500)


def test_a_call_that_goes_while_another_comes_hides_none_at_the_seam() -> None:
    rows = rows_of(1000)

    def moving(asked: Asked) -> Answer:
        if asked.number == 2:
            rows[:] = [*rows[1:], row(5000)]
        return page_of(rows, asked)

    ((one, handed_out),) = OddLog(moving).read(workers=1)
    assert set(handed_out) == {*uuids(1000), uuid(5000)}
    assert (one.is_complete, one.total) == (True, 1000)


def test_where_the_numbers_agree_by_chance_the_seam_shows_that_rows_have_moved() -> None:
    """Two calls go and one comes, all before the second page: as many have been seen as before."""
    rows = rows_of(1000)

    def moving(asked: Asked) -> Answer:
        if asked.number == 2:
            rows[:] = [row(5000), *rows[2:]]
        return page_of(rows, asked)

    ((one, handed_out),) = OddLog(moving).read(workers=1)
    assert uuid(5000) in handed_out
    assert (one.is_complete, one.total) == (True, 999)


def test_a_page_that_is_too_large_is_had_in_parts_and_those_after_it_as_well() -> None:
    """Of 40 rows, about 15 can be had at once."""
    rows = [{**one, "note": "x" * 500_000} for one in rows_of(40)]
    log = OddLog(lambda asked: page_of(rows, asked, cap=30))
    ((one, handed_out), (following, also)) = log.read(days=2, workers=2)
    assert (handed_out, one.is_complete, one.faults) == (uuids(40), True, [])
    assert (following.is_complete, len(set(also))) == (True, 0)
    # Both days list the same calls near midnight: handed out once, counted twice.
    assert following.count == 40
    assert len(log.asked) < 60


@pytest.mark.parametrize("size", [1, 2, 1200])
def test_a_day_whose_rows_are_all_too_large_costs_itself_only(size: int) -> None:
    large, small = rows_of(size), rows_of(600, 5000)

    def answer(asked: Asked) -> Answer:
        if asked.day != day(0):
            return page_of(small, asked)
        return page_of(large, asked) if asked.start >= size else answer_of(None, 413)

    log = OddLog(answer)
    ((one, handed_out), *others) = read_from(log, 4, workers=1)
    assert (handed_out, one.is_complete) == ([], False)
    assert "too large" in str(one.faults[0])
    assert [handed_out for _, handed_out in others] == [uuids(600, 5000), [], []]
    assert all(following.is_complete for following, _ in others)
    # Of the days behind it no row has a request of its own.
    assert len(log.asked) < 20 + 3 * 62


@pytest.mark.parametrize("workers", [1, 8])
@pytest.mark.parametrize("is_refused", [True, False])
def test_a_page_that_always_fails_hides_no_other(workers: int, *, is_refused: bool) -> None:
    rows = rows_of(3000)
    odd = answer_of({"rows": "none"}) if not is_refused else answer_of(None, 400)

    def broken(asked: Asked) -> Answer:
        holds = asked.start <= 700 < min(asked.start + asked.num, 3000)
        return odd if holds else page_of(rows, asked)

    ((one, handed_out),) = OddLog(broken).read(workers=workers)
    assert set(handed_out) == set(uuids(3000)) - {uuid(700)}
    assert not one.is_complete
    assert len(one.faults) == 1
    assert "start=700&num=1:" in str(one.faults[0])


def test_a_call_of_two_days_comes_again_where_the_days_differ() -> None:
    first, second = row(7, talktime=1), row(7, talktime=2)

    def both(asked: Asked) -> Answer:
        return page_of([[first], [second], [second]][(asked.day - FIRST).days], asked)

    got = OddLog(both).read(days=3)
    assert [handed_out for _, handed_out in got] == [uuids(1, 7), uuids(1, 7), []]
    assert all(one.is_complete for one, _ in got)


def test_absence_is_said_project_by_project() -> None:
    def absent(asked: Asked) -> Answer:
        if asked.project == 5:
            return answer_of(None, 404)
        return page_of(rows_of(20), asked)

    ((one, handed_out),) = OddLog(absent).read(projects=[3, 5])
    assert handed_out == uuids(20)
    assert [(part.project, part.rows, part.nothing) for part in one.parts] == [
        (3, 20, None),
        (5, 0, "404"),
    ]
    assert (one.is_complete, one.is_absent) == (True, False)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("how", ["404", "204", "an empty body", "null", "[]", "{}", "false"])
def test_a_project_that_says_nothing_once_or_twice_loses_no_call(how: str, times: int) -> None:
    nothing: dict[str, Answer] = {
        "404": answer_of(None, 404),
        "204": (204, {}, b""),
        "an empty body": (200, {}, b""),
    }

    def absent(asked: Asked) -> Answer:
        if asked.project == 5 and asked.number <= times:
            return nothing.get(how) or answer_of(json.loads(how))
        return page_of(rows_of(20, 100 * (asked.project or 0)), asked)

    ((one, handed_out),) = OddLog(absent).read(projects=[3, 5])
    assert handed_out == [*uuids(20, 300), *uuids(20, 500)]
    assert (one.is_complete, one.count, one.total) == (True, 40, 40)
    assert not one.is_absent


@pytest.mark.parametrize(
    "errors", [[""], [{"errorcode": 500, "errormessage": "x", "message": ""}], ["no calls"], [None]]
)
def test_errors_are_never_a_day_without_calls(errors: list[object]) -> None:
    body = json.dumps({"response": None, "errors": errors}).encode()
    ((one, handed_out),) = OddLog(lambda _: (200, {}, body)).read()
    assert (handed_out, one.is_complete, one.is_absent) == ([], False, False)
    assert len(one.faults) == 1


def test_rows_whose_uuid_is_spelt_otherwise_are_read() -> None:
    rows: list[dict[str, Any]] = [
        {"uuid": uuid(0).replace("-", "")},
        {"uuid": "{" + uuid(1).upper() + "}"},
        {"UUID": uuid(2)},
        {"uuid": f"urn:uuid:{uuid(3)}"},
    ]
    ((one, handed_out),) = OddLog(lambda asked: page_of(rows, asked)).read()
    assert (handed_out, one.is_complete, one.odd) == (uuids(4), True, 0)
    rows.append({"uuid": None})
    ((one, handed_out),) = OddLog(lambda asked: page_of(rows, asked)).read()
    assert (handed_out, one.is_complete, one.odd) == (uuids(4), False, 1)


def test_stop_is_heard_while_a_page_of_a_further_reading_hangs() -> None:
    """A day of exactly one full page is looked behind; that page comes no more."""
    gate = threading.Event()
    rows = rows_of(500)
    hangs = threading.Event()

    def answer(path: str) -> Answer:
        asked = Asked(path, {})
        if asked.start:
            hangs.set()
            gate.wait(LONG)
        return page_of(rows, asked)

    with server(answer) as running:
        reader = Reader(Client(settings(running.url), LOGGER), None, 1)
        with closing(reader.days([day(0)])) as days:
            one = next(days)
            taking = threading.Thread(target=lambda: list(one.rows()))
            taking.start()
            assert hangs.wait(LONG)
            reader.stop()
            taking.join(LONG)
            assert not taking.is_alive()
            assert not gate.is_set()
        gate.set()
    assert (one.count, one.is_complete, one.faults) == (500, False, [])


def read_from(
    log: OddLog, days: int, workers: int, room: Room | None = None
) -> list[tuple[Day, list[str]]]:
    """Return days read without a server; with a room, rows are waited for here."""
    reader = Reader(cast("Client", log), None, workers, room)
    read = []
    with closing(reader.days([day(number) for number in range(days)])) as reading:
        for one in reading:
            handed_out = []
            seen = room.arrivals if room else 0
            for got in one.rows():
                if not isinstance(got, Later):
                    handed_out.append(got[0])
                elif room:
                    room.wait(seen)
                seen = room.arrivals if room else 0
            read.append((one, handed_out))
    return read


class Mix:
    """Days of any size, with pages of any size, of which some have a fault for good.

    Attributes:
        rows: The rows of each day.
        bad: Days and rows that no page can hold.
    """

    @override
    def __repr__(self) -> str:
        """Return what the mix is of."""
        return self._what

    def __init__(
        self, sizes: list[int], caps: list[int], bad: set[tuple[int, int]], statuses: list[int]
    ) -> None:
        """Take the mix."""
        self.rows = {day(n): rows_of(size, 10_000 * n) for n, size in enumerate(sizes)}
        self.bad = {(day(n), at) for n, at in bad if n < len(sizes) and at < sizes[n]}
        self._what = f"Mix(sizes={sizes}, caps={caps}, bad={bad}, statuses={statuses})"
        self._caps = caps
        self._statuses = statuses

    def answer(self, asked: Asked) -> Answer:
        """Answer a request."""
        cap = self._caps[asked.start % len(self._caps)]
        rows = self.rows[asked.day]
        stop = min(asked.start + min(asked.num, cap), len(rows))
        if any((asked.day, at) in self.bad for at in range(asked.start, stop)):
            return answer_of(None, self._statuses[asked.start % len(self._statuses)])
        return page_of(rows, asked, cap)

    def good(self, of: date) -> list[str]:
        """Return the uuids of the calls of a day that can be had."""
        rows = enumerate(self.rows[of])
        return [one["uuid"] for at, one in rows if (of, at) not in self.bad]


mixes = st.builds(
    Mix,
    sizes=st.lists(st.integers(0, 90), min_size=1, max_size=6),
    caps=st.lists(st.sampled_from([1, 7, 20, 25, 40, 500]), min_size=1, max_size=3),
    bad=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 89)), max_size=2),
    statuses=st.lists(st.sampled_from([400, 405, 500]), min_size=1, max_size=2),
)


@given(
    mix=mixes,
    workers=st.sampled_from([1, 2, 5]),
    most=st.sampled_from([None, 1, 5_000, 50_000]),
)
@having(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_the_mix_every_call_that_can_be_had_comes_once(
    mix: Mix, workers: int, most: int | None
) -> None:
    room = None if most is None else Room(most)
    for one, handed_out in read_from(OddLog(mix.answer), len(mix.rows), workers, room):
        assert len(handed_out) == len(set(handed_out))
        assert set(handed_out) == set(mix.good(one.day))
        is_met = any(of == one.day for of, _ in mix.bad)
        assert (one.is_complete, bool(one.faults)) == (not is_met, is_met)
