"""A log of one's own to read from: rows in pages, whatever happens to them between two requests."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tap_vcclive.call_log.day import Day
from tap_vcclive.call_log.pages import LARGEST_PAGE, DayOfLog, End
from tap_vcclive.call_log.slices import Fetched, Limit, Slice, slice_at
from tap_vcclive.fetching.lookahead import Later
from tap_vcclive.settings.checks import problems_of
from tap_vcclive.settings.declarations import SETTINGS
from tap_vcclive.settings.typed import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONG = 10.0
DAY = date(2026, 11, 5)
OF = DayOfLog(DAY, None)


def uuid(number: int) -> str:
    """Return the uuid of an invented call."""
    return f"{number:08x}-85de-4ec1-8625-e6eaf5c96b1e"


def row(number: int, **fields: object) -> dict[str, Any]:
    """Return the row of an invented call."""
    return {"uuid": uuid(number), **fields}


def uuids_in(rows: list[Any]) -> set[str]:
    """Return the uuids of the calls that rows name."""
    return {one["uuid"] for one in rows if isinstance(one, dict) and "uuid" in one}


@dataclass
class Log:
    """One day's log, asked for page by page; it stands in for a client, and for a reader's pages.

    Attributes:
        rows: Its rows.
        cap: How many rows a page has at most.
        total: What it says how many there are; None where it has no total.
        before: Called before each request but the first, with the log: what happens meanwhile.
        faults: What requests get instead of an answer, by their number.
        ignores_start: Whether each page is the first one.
        end: What is answered past the end.
        asked: Offset and number of rows of each request.
        stopped: Whether the run was told to stop.
    """

    rows: list[Any]
    cap: int = LARGEST_PAGE
    total: Callable[[list[Any]], object] = len
    before: Callable[[Log], None] = lambda _: None
    faults: dict[int, Exception] = field(default_factory=dict)
    ignores_start: bool = False
    end: Exception | None = None
    asked: list[tuple[int, int]] = field(default_factory=list)
    stopped: bool = False

    def get(self, resource: str) -> object:
        """Answer as the log of any day, like a client."""
        options = parse_qs(urlsplit(resource).query)
        start, num = int(options["start"][0]), int(options["num"][0])
        if self.asked:
            self.before(self)
        self.asked.append((start, num))
        if len(self.asked) - 1 in self.faults:
            raise self.faults[len(self.asked) - 1]
        first = 0 if self.ignores_start else start
        rows = self.rows[first : first + min(num, self.cap)]
        if start and not rows and self.end:
            raise self.end
        total = self.total(self.rows)
        return {"rows": rows} if total is None else {"rows": rows, "totalCount": total}

    def page(
        self, of: DayOfLog, start: int, end: End, num: int = LARGEST_PAGE
    ) -> Iterator[Fetched]:
        """Yield what is got of the page at an offset."""
        yield slice_at(Slice(of, start, None, num, end, Limit()), self.get)

    def pages(self, of: DayOfLog, total: int, size: int, first: int) -> Iterator[Fetched]:
        """Yield all pages up to a total, one after the other, the first of another size."""
        num = LARGEST_PAGE if first == size else first
        got = slice_at(Slice(of, 0, first, num, End(), Limit()), self.get)
        yield got
        yield from self._rest(of, got, total)

    def first(self) -> Iterator[tuple[DayOfLog, Iterator[Fetched]]]:
        """Yield what a first reading gets, with the day."""
        yield OF, self._first()

    def _first(self) -> Iterator[Fetched]:
        (got,) = self.page(OF, 0, End())
        yield got
        total = got.pages[0].total if got.pages else None
        yield from self._rest(OF, got, total or 0)

    def _rest(self, of: DayOfLog, got: Fetched, total: int) -> Iterator[Fetched]:
        start = 0
        while got.pages and got.pages[-1].rows:
            start += sum(len(page.rows) for page in got.pages)
            if start >= total:
                return
            (got,) = self.page(of, start, End())
            yield got


def read(log: Log, before: list[dict[str, Any]] | None = None) -> tuple[Day, list[str]]:
    """Return a day of a log once it has been read, and the uuids it has handed out.

    Args:
        log: The log.
        before: Rows that the day before has handed out, near midnight.
    """
    day = Day(DAY, log.first(), log, {one["uuid"]: one for one in before or []})
    return day, uuids_of(day)


def uuids_of(day: Day) -> list[str]:
    """Return the uuids that a day hands out."""
    return [one[0] for one in day.rows() if not isinstance(one, Later)]


def settings(api_url: str, **changes: object) -> Settings:
    """Return settings for a server."""
    values: dict[str, Any] = {
        "customer": "acme",
        "api_key": "s3cret",
        "api_url": api_url,
        "start_date": "2026-11-01",
        "max_concurrency": 4,
        "max_tries": 1,
        **changes,
    }
    assert problems_of(values, SETTINGS.to_dict()) == []  # fills in the defaults
    return Settings.of(values)


class Site:
    """What a server answers that has a log for each of some days; see `tests.servers.server`.

    Attributes:
        asked: Day, offset and number of rows of each request, as they came in.
        most: How many requests were in flight at the same time.
        shut: Days and offsets whose answers wait until `gate` is set.
        caps: How many rows the pages at some offsets have at most.
        statuses: What some pages answer.
    """

    def __init__(self, rows: dict[date, list[dict[str, Any]]], cap: int = LARGEST_PAGE) -> None:
        """Keep the rows of each day and how many of them a page has."""
        self.rows = rows
        self.cap = cap
        self.total: Callable[[list[Any]], object] = len
        self.caps: dict[int, int] = {}
        self.statuses: dict[tuple[date, int], int] = {}
        self.latency: Callable[[], float] = lambda: 0.0
        self.asked: list[tuple[date, int, int]] = []
        self.changed = threading.Condition()
        self.gate = threading.Event()
        self.shut: set[tuple[date, int]] = set()
        self.most = self._busy = 0

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Answer a request."""
        url = urlsplit(path)
        options = parse_qs(url.query)
        day = date(*map(int, url.path.split("/")[-3:]))
        start, num = int(options["start"][0]), int(options["num"][0])
        with self.changed:
            self.asked.append((day, start, num))
            self._busy += 1
            self.most = max(self.most, self._busy)
            self.changed.notify_all()
        time.sleep(self.latency())
        if (day, start) in self.shut:
            self.gate.wait(LONG)
        with self.changed:
            self._busy -= 1
        listed = self.rows.get(day, [])
        page = listed[start : start + min(num, self.caps.get(start, self.cap))]
        response = {"rows": page, "totalCount": self.total(listed)}
        status = self.statuses.get((day, start), 200)
        return status, {}, json.dumps({"response": response, "errors": []}).encode()

    def wait_until_asked(self, number: int) -> None:
        """Wait until there have been so many requests."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.asked) >= number, LONG)
