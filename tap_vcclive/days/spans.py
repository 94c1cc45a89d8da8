"""Which days have been read: spans of days that know of their gaps.

One span, from `first_day` to `last_day`, is all there is as long as `start_date` stays where it
is. When it is moved back, the days before are a span of their own until they reach the other one;
when it is moved forward past the last day, the days between are a gap that is not forgotten.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAY: Final = timedelta(days=1)
_LAST_YEAR: Final = 9000


class Span(NamedTuple):
    """Days in a row, both ends included."""

    first: date
    last: date

    def to_state(self) -> dict[str, str]:
        """Return the span as it stands in the state."""
        return {"first_day": self.first.isoformat(), "last_day": self.last.isoformat()}

    @classmethod
    def from_state(cls, entry: Any) -> Span:  # noqa: ANN401 - states are edited by hand
        """Return the span of an entry of the state.

        Raises:
            ValueError: When the entry is none.
        """
        try:
            span = cls(day_in(entry["first_day"]), day_in(entry["last_day"]))
        except (KeyError, TypeError):
            raise ValueError("first_day and last_day must be days") from None
        if span.first > span.last:
            raise ValueError("first_day must not lie after last_day")
        return span


class DaysRead:
    """The days that have been read.

    Attributes:
        spans: Spans with gaps between them, oldest first.
    """

    def __init__(self, spans: list[Span] | None = None) -> None:
        """Take over spans in any order; they can touch and overlap."""
        self.spans: list[Span] = []
        for span in sorted(spans or []):
            if self.spans and span.first <= self.spans[-1].last + _DAY:
                last = max(self.spans[-1].last, span.last)
                self.spans[-1] = self.spans[-1]._replace(last=last)
            else:
                self.spans.append(span)

    def __contains__(self, day: date) -> bool:
        """Return whether a day has been read."""
        return any(span.first <= day <= span.last for span in self.spans)

    @property
    def last(self) -> date | None:
        """The last day that has been read."""
        return self.spans[-1].last if self.spans else None

    def before(self, day: date) -> DaysRead:
        """Return the days read that lie before a day."""
        spans = [span for span in self.spans if span.first < day]
        return DaysRead([span._replace(last=min(span.last, day - _DAY)) for span in spans])

    def add(self, day: date) -> None:
        """Note that a day has been read."""
        if self.spans and day == self.spans[-1].last + _DAY:
            self.spans[-1] = self.spans[-1]._replace(last=day)  # as nearly always
        elif day not in self:
            self.spans = DaysRead([*self.spans, Span(day, day)]).spans


def day_in(text: object) -> date:
    """Return the day that a text of the state names.

    Raises:
        ValueError: When it names none.
    """
    if not isinstance(text, str):
        raise ValueError("a day must be a text YYYY-MM-DD")  # noqa: TRY004 - states are edited by hand
    day = date.fromisoformat(text)
    if day.year > _LAST_YEAR:
        raise ValueError("a day must lie before the end of all days")
    return day


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield the days from a first to a last one, both included."""
    return (first + number * _DAY for number in range((last - first).days + 1))
