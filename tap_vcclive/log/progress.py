"""How far the call log has been read, as a small piece of state, and what is to be read next.

A day is read when its reading began after it had ended and came out complete, or when it stands in
`open_days`: then later runs read it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_vcclive.log.days import DaysRead, Span, day_in, days_between
from tap_vcclive.states import BadStateError, check_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableMapping
    from datetime import date

KEYS: Final = ("first_day", "last_day", "earlier", "open_days", "project_ids")
"""What stands in the state."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which days of the log a user wants.

    Attributes:
        start: The first day.
        end: The last day; never after today.
        today: Today in the call centre's zone: from here on, days have not ended.
        lookback: How many days before the last one read are read again.
        projects: Ids of the projects; None for all.
    """

    start: date
    end: date
    today: date
    lookback: int
    projects: tuple[int, ...] | None


class LogProgress:
    """How far the log has been read.

    Attributes:
        days: The days that have been read.
        open_days: Those of them that came out short, each with the number of runs that tried.
    """

    def __init__(self, stream: str, bounds: Bounds, *, max_attempts: int) -> None:
        """Begin with nothing read.

        Args:
            stream: Whose progress it is, for messages.
            bounds: The days wanted.
            max_attempts: How many runs read a day that comes out short before it is given up.
        """
        self.days = DaysRead()
        self.open_days: dict[date, int] = {}
        self._stream = stream
        self._bounds = bounds
        self._max_attempts = max_attempts
        self._is_known = False
        self._unknown: list[date] = []

    def load(self, state: Mapping[str, Any]) -> bool:
        """Take over a state.

        Returns:
            Whether it was of use: not when it knows of some of the projects wanted only.

        Raises:
            BadStateError: When the state is none that `save` writes.
        """
        read = _parsed(self._stream, state)
        wanted = set(self._bounds.projects or [None])
        covered = read.projects is None or wanted <= set(read.projects)
        if covered:
            # A day that has not ended cannot have been read, whatever another clock has said.
            self.days = DaysRead(read.spans).before(self._bounds.today)
            self.open_days = read.open_days
        return covered

    def save(self, state: MutableMapping[str, Any]) -> None:
        """Write the progress into a state, leaving its other keys alone."""
        for key in KEYS:
            state.pop(key, None)
        if self.days.spans:
            *earlier, newest = self.days.spans
            state.update(newest.to_state())
            if earlier:
                state["earlier"] = [span.to_state() for span in earlier]
        state["open_days"] = [
            {"day": day.isoformat(), "attempts": attempts}
            for day, attempts in sorted(self.open_days.items())
        ]
        if self._bounds.projects is not None:
            state["project_ids"] = list(self._bounds.projects)

    @property
    def again_from(self) -> date | None:
        """The day from which on days are read again, whether they have been read or not."""
        last = self.days.last
        try:
            return last - timedelta(days=self._bounds.lookback) if last else None
        except OverflowError:
            return self._bounds.start

    def to_read(self) -> Iterator[date]:
        """Yield the days to read as it stands now, oldest first."""
        again_from = self.again_from
        read, open_days = DaysRead(self.days.spans), set(self.open_days)
        for day in days_between(self._bounds.start, self._bounds.end):
            looked_back = again_from is not None and day >= again_from
            if looked_back or day in open_days or day not in read:
                yield day

    def complete(self, day: date, *, is_absent: bool) -> None:
        """Note that a day has been read whole.

        Args:
            day: The day.
            is_absent: Whether VCC Live knows no such day. While it has known none at all, the
                address can be wrong as well: then the day does not count as read.
        """
        if is_absent and not self._is_known:
            self._unknown.append(day)
            return
        self._is_known = True
        for known in (*self._unknown, day):
            self.open_days.pop(known, None)
            if known < self._bounds.today:
                self.days.add(known)
        self._unknown = []
        self._owe()

    def came_out_short(self, day: date) -> bool:
        """Note that calls of a day are lacking; return whether it is given up with that."""
        if day >= self._bounds.today:
            return False  # it is read again in any case
        self._owe()
        attempts = self.open_days.pop(day, 0) + 1
        self.days.add(day)
        if attempts < self._max_attempts:
            self.open_days[day] = attempts
            return False
        return True

    def _owe(self) -> None:
        """Leave those days open that are not known and would not be read again otherwise.

        That is, days that are looked back to: they have been read before, and where the next run
        looks back to moves on with the days read now.
        """
        for day in self._unknown:
            if day in self.days:
                self.open_days.setdefault(day, 0)


class _Read(NamedTuple):
    """What a state says: the days that have been read, and for which projects."""

    spans: list[Span]
    open_days: dict[date, int]
    projects: list[Any] | None


def check(stream: str, state: Mapping[str, Any]) -> None:
    """Check a state without taking it over.

    Raises:
        BadStateError: When it is none that `LogProgress.save` writes.
    """
    _parsed(stream, state)


def _parsed(stream: str, state: Mapping[str, Any]) -> _Read:
    """Return what a state says.

    Raises:
        BadStateError: When it is none that `LogProgress.save` writes.
    """
    try:
        earlier, open_days = state.get("earlier", []), state.get("open_days", [])
        for entry in earlier:
            check_names(stream, "an entry of earlier", entry, ("first_day", "last_day"))
        for entry in open_days:
            check_names(stream, "an entry of open_days", entry, ("day", "attempts"))
        spans = [Span.from_state(entry) for entry in earlier]
        if "first_day" in state or "last_day" in state:
            spans.append(Span.from_state(state))
        attempts = {day_in(entry["day"]): _attempts_in(entry) for entry in open_days}
        projects = state.get("project_ids")
        if projects is not None:
            projects = list(set(projects))
        return _Read(spans, attempts, projects)
    except BadStateError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BadStateError(
            stream, f"{', '.join(KEYS)} must be as the tap has written them"
        ) from None


def _attempts_in(entry: Any) -> int:  # noqa: ANN401 - states are edited by hand
    """Return the attempts of an open day.

    Raises:
        ValueError: When they are no number of attempts.
    """
    attempts = entry["attempts"]
    if type(attempts) is not int or attempts < 0:
        raise ValueError("attempts must be a number")
    return attempts
