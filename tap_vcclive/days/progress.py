"""How far the call log has been read, and what is to be read next.

A day is read when its reading began after it had ended and came out complete, or when it stands in
`open_days`: then later runs read it again, until it is complete or given up.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.attempts import Attempts
from tap_vcclive.days.spans import DaysRead, days_between
from tap_vcclive.days.state import DaysState, days_state_in

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from datetime import date, datetime

    from tap_vcclive.days.bounds import Bounds

# A day is not given up before this time has passed since its first attempt.
LEAST_TIME_OPEN: Final = timedelta(days=7)

# For so many days at least it is kept which had no calls: a look-back can be made longer.
_LEAST_DAYS_KNOWN: Final = 31


class DaysProgress:
    """How far the log has been read.

    Attributes:
        days: The days that have been read.
        open_days: Those of them that came out short.
        given_up: Days that were open for too long, each with the `start_date` of the last run.
    """

    def __init__(
        self, stream: str, bounds: Bounds, *, max_attempts: int, retry_after: timedelta
    ) -> None:
        """Begin with nothing read.

        Args:
            stream: Whose progress it is, for messages.
            bounds: The days wanted.
            max_attempts: How many attempts a day that comes out short gets before it is given up.
            retry_after: What two readings of such a day lie apart to count as two attempts.
        """
        self.days = DaysRead()
        self.open_days: dict[date, Attempts] = {}
        self.given_up: dict[date, date | None] = {}
        self._stream = stream
        self._bounds = bounds
        self._max_attempts = max_attempts
        self._retry_after = retry_after
        self._empty_days: set[tuple[date, int | None]] = set()
        self._knows_empty_days = True
        self._newest: date | None = None
        self._is_known = False
        self._unknown: list[date] = []

    def load(self, state: Mapping[str, Any], now: datetime, newest: date | None = None) -> bool:
        """Take over a state.

        A day that was given up is open again when `start_date` has been moved to that very day.

        Args:
            state: The state.
            now: The current instant, in UTC.
            newest: The day of the newest call that has been written.

        Returns:
            Whether it could be used: not when it knows only some of the projects wanted.

        Raises:
            BadStateError: When the state is none that `save` writes.
        """
        read = days_state_in(self._stream, state, now)
        wanted = set(self._bounds.projects or [None])
        if read.projects is not None and not wanted <= set(read.projects):
            return False
        # A day that has not ended cannot have been read, whatever another clock has said.
        self.days = DaysRead(read.spans).before(self._bounds.today)
        self.open_days = read.open_days
        self._empty_days = read.empty_days or set()
        # What was read for all projects together says nothing of one of them.
        is_alike = (read.projects is None) == (self._bounds.projects is None)
        self._knows_empty_days = read.empty_days is not None and is_alike
        self._newest = newest if is_alike else None
        for day, start in read.given_up.items():
            if start != self._bounds.start == day:
                self.open_days[day] = Attempts(0, now, now)
            else:
                self.given_up[day] = self._bounds.start
        return True

    def save(self, state: MutableMapping[str, Any]) -> None:
        """Write the progress into a state, leaving its other keys alone."""
        kept_from = self._before_last(max(self._bounds.lookback, _LEAST_DAYS_KNOWN))
        empty_days = {
            (day, project)
            for day, project in self._empty_days
            if day in self.open_days
            or (kept_from is not None and day >= kept_from and day in self.days)
        }
        projects = self._bounds.projects
        DaysState(
            self.days.spans,
            self.open_days,
            self.given_up,
            empty_days,
            None if projects is None else list(projects),
        ).save(state)

    @property
    def again_from(self) -> date | None:
        """The day from which on days are read again that have been read."""
        return self._before_last(self._bounds.lookback)

    def _before_last(self, days: int) -> date | None:
        """Return the day that lies so many before the last one that has been read."""
        last = self.days.last
        try:
            return last - timedelta(days=days) if last else None
        except OverflowError:
            return self._bounds.start

    def to_read(self, now: datetime) -> list[date]:
        """Return the days to read: new ones and those looked back to, then open ones in turns.

        A look-back is owed to the days that have been read, wherever `start_date` has moved to.
        """
        bounds, again_from = self._bounds, self.again_from
        wanted = {day for day in days_between(bounds.start, bounds.end) if day not in self.days}
        if again_from is not None and self.days.last is not None:
            again = days_between(again_from, min(self.days.last, bounds.end))
            wanted |= {day for day in again if day in self.days}
        open_days = [
            (attempts.last, day)
            for day, attempts in self.open_days.items()
            if day <= bounds.end and (day in wanted or attempts.is_due(now, timedelta()))
        ]
        late = [day for _, day in sorted(open_days)]
        return [*sorted(wanted.difference(late)), *late]

    def gap(self) -> tuple[date, date] | None:
        """Return the first and the last day between what has been read and what is wanted."""
        last = self.days.last
        first = last + timedelta(days=1) if last else None
        if first is None or first >= self._bounds.start:
            return None
        return first, self._bounds.start - timedelta(days=1)

    def has_had_rows(self, day: date, project: int | None) -> bool:
        """Return whether a day has been read before with calls of a project (None for all)."""
        if day == self._newest and len(self._bounds.projects or (None,)) == 1:
            return True  # also when it has been read as today only
        is_known = self._knows_empty_days  # not of states that older versions have written
        return is_known and day in self.days and (day, project) not in self._empty_days

    def note_rows(self, day: date, project: int | None, calls: int) -> None:
        """Note how many calls of a project (None for all) a day has shown."""
        if calls:
            self._empty_days.discard((day, project))
        elif not self.has_had_rows(day, project):
            self._empty_days.add((day, project))

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
            self.given_up.pop(known, None)
            if known < self._bounds.today:
                self.days.add(known)
        self._unknown = []

    def came_out_short(self, day: date, now: datetime) -> bool:
        """Note that calls of a day are lacking; return whether it is given up with that.

        Args:
            day: The day.
            now: The current instant, in UTC.
        """
        if day >= self._bounds.today or day in self.given_up:
            return False  # it is read again in any case, or not any more
        self._owe(now)
        attempts = self.open_days.pop(day, None) or Attempts(0, now, now)
        if not attempts.count or now - attempts.last >= self._retry_after:
            attempts = attempts.again(now)
        self.days.add(day)
        if attempts.are_enough(self._max_attempts, LEAST_TIME_OPEN):
            self.given_up[day] = self._bounds.start
            return True
        self.open_days[day] = attempts
        return False

    def _owe(self, now: datetime) -> None:
        """Leave those days open that are not known and would not be read again otherwise.

        That is, days that are looked back to: they have been read before, and where the next run
        looks back to moves on with the days read now.
        """
        for day in self._unknown:
            if day in self.days:
                self.open_days.setdefault(day, Attempts(0, now, now))
