"""One run over days: in order, reported, and only then part of the state.

A day's rows are handed out as its pages arrive, and only when the next day is taken does the
progress speak of the one before, so that it never says more than has been written.
"""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tap_vcclive import clock
from tap_vcclive.fetching.report import Kind, Report
from tap_vcclive.fetching.run import Run
from tap_vcclive.stopping import Stop
from tap_vcclive.words import counted

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Generator, Iterator, Mapping, MutableMapping
    from datetime import date

    from tap_vcclive.api.client import Client
    from tap_vcclive.days.day import ReadDay, Row
    from tap_vcclive.days.reading import DaysReading
    from tap_vcclive.fetching.lookahead import Later


class DaysRun(Run):
    """Reads the days that are still to read."""

    def __init__(
        self,
        reading: DaysReading,
        client: Client,
        logger: logging.Logger,
        before_report: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep what is needed; nothing is asked for yet.

        Args:
            reading: Reads the days.
            client: CallQueue VCC Live.
            logger: Where to.
            before_report: Called before the run says how much it has loaded.
        """
        super().__init__(logger, before_report)
        self._client = client
        self._noun = reading.noun
        self._kind = Kind(reading.stream, "days", f"{reading.noun.row}s")
        self._reading = reading
        self._unsaved = self._loaded = self._expected = 0

    @override
    def begin(self, state: Mapping[str, Any]) -> None:
        """Find the place where the state stood.

        Raises:
            BadStateError: When the state is none of this tap.
        """
        self._expected = self._reading.begin(state)

    @property
    @override
    def unfinished(self) -> list[str]:
        """See `DaysReading`."""
        return self._reading.unfinished

    @property
    @override
    def has_got_on(self) -> bool:
        return self._reading.has_got_on

    def to_read(self) -> Iterator[date]:
        """Yield the days to read, without asking for any."""
        return iter(self._reading.progress.to_read(clock.now()))

    def days(self) -> Generator[ReadDay, None, None]:
        """Yield each day; its rows have to be taken before the next day is.

        Raises:
            VCCLiveError: When the run cannot go on.
        """
        if not self._expected:
            return
        report = Report(self._logger, self._kind, self._expected)
        with self._under_way(report):
            with closing(self._reading.days()) as days:
                for day in days:
                    yield day
                    self._loaded += day.handed_out
                    self._reading.settle(day, report)
                    self._unsaved += 1
                    report.handled(self._loaded)
            self._reading.end()

    def rows_of(self, day: date) -> Iterator[Row | Later]:
        """Yield the rows of a day by itself, outside of a run."""
        with closing(self._client), closing(self._reading.days([day])) as days:
            for one in days:
                yield from one.rows()

    @override
    def stop(self, why: Stop = Stop.SIGNAL) -> bool:
        was_under_way = super().stop(why)
        self._reading.stop()
        return was_under_way

    @override
    def is_worth_saving(self) -> bool:
        """Return whether the state is worth its size; see `CallsRun`."""
        return not self._is_under_way or self._unsaved * 10 >= len(self._reading.progress.open_days)

    @override
    def save(self, state: MutableMapping[str, Any]) -> None:
        self._reading.progress.save(state)
        self._unsaved = 0

    @override
    def _left(self) -> list[str]:
        left = self._reading.left
        return [f"{counted(left, 'day')} of the {self._noun.whole}"] if left else []

    @override
    def _summary(self) -> str:
        open_days, client = len(self._reading.progress.open_days), self._client
        return (
            f"{counted(self._loaded, self._noun.row)} loaded, {counted(open_days, 'open day')}; "
            f"{counted(client.asked, 'request')}, {counted(client.tries, 'try', 'tries')}"
        )
