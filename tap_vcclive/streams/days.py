"""The streams that are read by the local day of the call centre: a partition is one day."""

from __future__ import annotations

import sys
from abc import abstractmethod
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any

from tap_vcclive import clock
from tap_vcclive.days.run import DaysRun
from tap_vcclive.days.state import KEYS, days_state_in
from tap_vcclive.fetching.lookahead import Later
from tap_vcclive.streams.base import VccStream

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from singer_sdk.helpers.types import Context, Record

    from tap_vcclive.days.day import ReadDay


class DayStream(VccStream[DaysRun]):
    """A stream that is read by the day."""

    state_keys = KEYS

    _day: tuple[Context, ReadDay] | None = None

    @override
    def check_state(self, bookmark: Any) -> None:
        super().check_state(bookmark)
        days_state_in(self.name, bookmark, clock.now())

    @override
    def _idle(self) -> str | None:
        return None if self._settings.start_date else "start_date is not set"

    @abstractmethod
    def _record_of(self, key: str, row: Mapping[str, Any]) -> Record:
        """Return the record of a row, which a key tells from all others."""

    @override
    def _planned(self, run: DaysRun) -> Iterator[Context]:
        return map(_context_of, run.to_read())

    @override
    def _contexts(self, run: DaysRun) -> Generator[Context, None, None]:
        with closing(run.days()) as days:
            for number, day in enumerate(days):
                if number:
                    self._write_true_state()
                context = _context_of(day.day)
                self._day = (context, day)
                yield context

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield the record of each row of the day that a context names.

        Args:
            context: A partition; None when there is nothing to fetch.
        """
        if context is None:
            return
        if self._day is not None and self._day[0] is context:
            rows = self._day[1].rows()
        else:
            rows = self._new_run().rows_of(_day_of(context))
        for one in rows:
            if not isinstance(one, Later):  # never: here rows are waited for
                yield self._record_of(*one)


def _context_of(day: date) -> Context:
    return {"year": f"{day.year:04}", "month": f"{day.month:02}", "day": f"{day.day:02}"}


def _day_of(context: Context) -> date:
    return date(int(context["year"]), int(context["month"]), int(context["day"]))
