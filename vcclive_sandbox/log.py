"""The log of a day or a month: which rows it has, in which order, with which total."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from vcclive_sandbox import answers, example
from vcclive_sandbox.absences import absence
from vcclive_sandbox.centre import PROJECTS
from vcclive_sandbox.envelope import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from vcclive_sandbox.calls import Calls
    from vcclive_sandbox.cdr import Value
    from vcclive_sandbox.options import Options
    from vcclive_sandbox.registration import Registration

EXAMPLE = -1  # position of the documented example, which is not one of the invented calls
OVERLAP = timedelta(hours=1)
REPEATED_SHARE = 0.1
KNOWN_PROJECTS = frozenset({example.PROJECT, *(project.id for project in PROJECTS)})

# A call's chance has digits enough for more than one draw. These begin further behind the point
# than those that decide when it registers, so that each kind of call can be of any other kind, too.
HIDDEN_DIGITS = 1_000
REPEATED_DIGITS = 1_000_000


@dataclass(frozen=True)
class PageAsked:
    """What a request for a page of the log wants.

    Attributes:
        first: First day of the log.
        last: Its last day; the same for the log of a day.
        project: Number of the only project whose calls are wanted; None for all.
        start: Offset of the page's first row.
        rows: Most rows of the page.
    """

    first: date
    last: date
    project: int | None
    start: int
    rows: int

    @property
    def log(self) -> tuple[date, date, int | None]:
        """Which log it is a page of."""
        return self.first, self.last, self.project


class Log:
    """The logs of all days and months, as the variants have them."""

    def __init__(self, calls: Calls, options: Options, registration: Registration) -> None:
        """Log the calls that `registration` knows at the time of each page."""
        self._calls = calls
        self._variants = options.variants
        self._registration = registration
        self._hidden = _drawn(calls, HIDDEN_DIGITS, options.hidden_rate)
        repeats = options.variants.repeats != "none"
        self._repeated = _drawn(calls, REPEATED_DIGITS, REPEATED_SHARE if repeats else 0)
        self._pages: Counter[tuple[date, date, int | None]] = Counter()
        self._totals: Counter[tuple[date, date, int | None]] = Counter()

    def page(self, asked: PageAsked) -> Response:
        """Answer a page; only then let the calls register that were waiting to be asked for."""
        positions = self._positions(asked)
        response = self._answer(asked, positions)
        if asked.first == asked.last:
            if asked.start == 0:
                self._registration.ask_all(positions)
            if asked.first == self._registration.growing_day:
                self._registration.grow()
        return response

    def _answer(self, asked: PageAsked, positions: Sequence[int]) -> Response:
        unknown = self._variants.unknown_project
        if unknown != "rows" and asked.project not in {None, *KNOWN_PROJECTS}:
            return _error(unknown, "No such project.")
        rows, total = self._rows(asked, positions)
        if self._variants.empty_day != "rows" and not total:
            return absence(self._variants.empty_day, "No calls.")
        if self._variants.past_end != "empty" and asked.start >= len(rows) > 0:
            return _error(self._variants.past_end, "start is past the end.")
        shown = [
            answers.as_shown(self._cdr(position), self._variants)
            for position in rows[asked.start : asked.start + asked.rows]
        ]
        return answers.page(shown, asked.start, self._shown_total(asked, total), self._variants)

    def _shown_total(self, asked: PageAsked, total: int) -> int:
        """Return the total, or with each other page of a log that of a server that lags behind."""
        if self._variants.totals != "alternating":
            return total
        self._totals[asked.log] += 1
        return total if self._totals[asked.log] % 2 else max(total - 1, 0)

    def _positions(self, asked: PageAsked) -> Sequence[int]:
        """Return the positions of all calls of the log, registered or not, in order of start."""
        days = self._days(asked.first, asked.last)
        if asked.project is None:
            return days
        of_project = self._of_projects.get(asked.project, array("q"))
        return of_project[bisect_left(of_project, days.start) : bisect_left(of_project, days.stop)]

    def _days(self, first: date, last: date) -> range:
        """Return the positions of the calls that start on days `first` to `last`, in any project.

        They follow one another by start, and so by UTC day, and so by the local day on which it
        will be one hour later.
        """
        local, everything = self._calls.between(first, last), range(len(self._calls))

        def utc_day(position: int) -> date:
            return self._calls[position].start.date()

        def day_after_overlap(position: int) -> date:
            call = self._calls[position]
            return (call.start + OVERLAP).astimezone(call.zone).date()

        match self._variants.log_day:
            case "start":
                return local
            case "utc":
                begin = bisect_left(everything, first, key=utc_day)
                return range(begin, bisect_right(everything, last, key=utc_day))
            case "overlap":
                return range(bisect_left(everything, first, key=day_after_overlap), local.stop)

    @cached_property
    def _of_projects(self) -> Mapping[int, array[int]]:
        """The positions of each project's calls, by the project's number."""
        of_projects = {project.id: array("q") for project in PROJECTS}
        for position, index in enumerate(self._calls.project):
            of_projects[PROJECTS[index].id].append(position)
        return of_projects

    def _rows(self, asked: PageAsked, positions: Sequence[int]) -> tuple[Sequence[int], int]:
        """Return the call of each row that the log has now, and its totalCount.

        What stays a range here makes a page cost the same however many calls a day has.
        """
        counted = self._registration.among(positions)
        if asked.first <= example.DAY <= asked.last and asked.project in {None, example.PROJECT}:
            counted = [EXAMPLE, *counted]
        shown = counted
        if self._hidden:
            shown = [position for position in counted if position not in self._hidden]
        rows = shown = self._in_order(asked, shown)
        if self._repeated:
            rows = [
                position
                for position in shown
                for _ in range(2 if position in self._repeated else 1)
            ]
        repeats = len(rows) - len(shown) if self._variants.repeats == "counted" else 0
        return rows, len(counted) + repeats

    def _in_order(self, asked: PageAsked, positions: Sequence[int]) -> Sequence[int]:
        match self._variants.log_order:
            case "oldest":
                return positions
            case "newest":
                return positions[::-1]
            case "moving":
                begin = self._pages[asked.log] % max(len(positions), 1)
                self._pages[asked.log] += 1
                return [*positions[begin:], *positions[:begin]]

    def _cdr(self, position: int) -> Mapping[str, Value]:
        return example.CDR if position == EXAMPLE else self._calls[position].cdr()


def _drawn(calls: Calls, digits: int, share: float) -> frozenset[int]:
    """Return the positions of a share of the calls, drawn by the chance of each."""
    if not share:
        return frozenset()
    return frozenset(
        position for position, chance in enumerate(calls.chance) if chance * digits % 1 < share
    )


def _error(way: Literal["400", "403", "404", "error", "errors"], message: str) -> Response:
    """Return an error with the status of its name; that of `errors` is 200, of `error` 400."""
    return refusal({"errors": 200, "error": 400}.get(way) or int(way), message)
