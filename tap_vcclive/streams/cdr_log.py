"""The stream `cdr_log`: one record a call, read out of the call log.

A partition is one local day of the call centre.
"""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from tap_vcclive import clock
from tap_vcclive.calls.uuids import instant_of
from tap_vcclive.days.run import DaysRun
from tap_vcclive.days.state import KEYS, days_state_in
from tap_vcclive.fetching.lookahead import Later
from tap_vcclive.states import check_bookmark
from tap_vcclive.streams.base import VccStream

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from singer_sdk.helpers.types import Context, Record

    from tap_vcclive.call_log.day import Day, Row


class CdrLogStream(VccStream[DaysRun]):
    """Call detail records, read by the day."""

    name = "cdr_log"

    _day: tuple[Context, Day] | None = None

    @classmethod
    @override
    def check_state(cls, bookmark: Any) -> None:
        check_bookmark(cls.name, bookmark, KEYS)
        days_state_in(cls.name, bookmark, clock.now())

    @override
    def _idle(self) -> str | None:
        return None if self._settings.start_date else "start_date is not set"

    @override
    def _new_run(self) -> DaysRun:
        return DaysRun(self._settings, self._new_client(), self.logger, self._flush)

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
        """Yield the record of each call of the day that a context names.

        Args:
            context: A partition; None when there is nothing to fetch.
        """
        if context is None:
            return
        if self._day is not None and self._day[0] is context:
            rows = self._day[1].rows()
        else:
            rows = self._new_run().rows_of(_day_of(context))
        yield from self._records(rows)

    def _records(self, rows: Iterator[Row | Later]) -> Iterator[dict[str, Any]]:
        values = self._values
        for one in rows:
            if isinstance(one, Later):
                continue  # never: here rows are waited for
            uuid, row = one
            record = values.record(row, partial(instant_of, uuid))
            record["uuid"] = uuid
            yield record


def _context_of(day: date) -> Context:
    return {"year": f"{day.year:04}", "month": f"{day.month:02}", "day": f"{day.day:02}"}


def _day_of(context: Context) -> date:
    return date(int(context["year"]), int(context["month"]), int(context["day"]))
