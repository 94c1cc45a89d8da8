"""What a run reads by the day, and what becomes of each day: read, open, or given up."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from tap_vcclive import clock
from tap_vcclive.api.outage import Outage, Sign, sign_of_life
from tap_vcclive.days.absences import Absences
from tap_vcclive.days.bounds import bounds_of
from tap_vcclive.days.messages import DayMessages
from tap_vcclive.days.progress import DaysProgress
from tap_vcclive.fetching.prefetch import fetched
from tap_vcclive.words import counted

if TYPE_CHECKING:
    import logging
    from collections.abc import Generator, Iterable, Mapping
    from datetime import date

    from tap_vcclive.api.client import Client
    from tap_vcclive.days.day import DaySource, ReadDay
    from tap_vcclive.fetching.report import Report
    from tap_vcclive.settings.typed import Settings


class DaysReading:
    """Reads the days that the settings ask for and that are still to read.

    Attributes:
        stream: The stream that reads.
        noun: What is read.
        progress: Which days have been read.
        left: How many days are still to read.
        has_got_on: Whether a day has been read that is not only looked back to.
    """

    def __init__(
        self,
        stream: str,
        source: DaySource,
        settings: Settings,
        client: Client,
        logger: logging.Logger,
    ) -> None:
        """Keep what is needed; nothing is asked for yet.

        Args:
            stream: The stream that reads, for messages.
            source: Where the days come from.
            settings: The settings, with a `start_date`.
            client: CallQueue VCC Live.
            logger: Where to.
        """
        self.stream, self.noun = stream, source.noun
        self._bounds = bounds_of(settings)
        self._logger = logger
        self._zone = settings.zone
        self._max_attempts = settings.max_attempts
        self._client = client
        self._source = source
        self._messages = DayMessages(source.noun)
        self.progress = DaysProgress(
            stream,
            self._bounds,
            max_attempts=settings.max_attempts,
            retry_after=settings.retry_after,
        )
        self.left = 0
        self.has_got_on = False
        self._left_open = self._given_up = 0
        self._knows_no_day = False
        self._to_read: list[date] = []
        self._looked_back_to: set[date] = set()
        self._outage = Outage(self._look)
        self._last_answered: str | None = None
        self._absences = Absences(source.noun)
        self._missed_totals = False

    @property
    def unfinished(self) -> list[str]:
        """What is left of the days that were to be read, but for one that still grows."""
        left = []
        if self._left_open:
            left.append(f"{counted(self._left_open, 'day')} of the {self.noun.whole} open")
        if self._given_up:
            left.append(f"{counted(self._given_up, 'day')} of the {self.noun.whole} given up")
        if self._knows_no_day:
            left.append(f"no day of the {self.noun.whole} known")
        return left

    def begin(self, state: Mapping[str, Any]) -> int:
        """Find the place where the state stood; return how many days there are to read.

        Raises:
            BadStateError: When the state is none of this tap.
        """
        now, progress = clock.now(), self.progress
        if not progress.load(state, now, self._newest_day_in(state)):
            self._logger.warning(
                "The %s has been read for other projects only: it is read from %s again",
                self.noun.whole,
                self._bounds.start,
            )
        self._to_read = progress.to_read(now)
        self._looked_back_to = {
            day for day in self._to_read if day in progress.days and day not in progress.open_days
        }
        self.left = len(self._to_read)
        self._messages.announce(self._to_read, self._bounds, progress, self._logger)
        return self.left

    def _newest_day_in(self, state: Mapping[str, Any]) -> date | None:
        """Return the local day of the newest call that has been written, if the state tells."""
        try:
            newest = datetime.fromisoformat(str(state.get("replication_key_value")))
            return newest.astimezone(self._zone).date()
        except (ValueError, OverflowError):
            return None

    def days(self, days: Iterable[date] | None = None) -> Generator[ReadDay, None, None]:
        """Yield the days to read; the rows of each have to be taken before the next day is.

        Args:
            days: Other days than those to read.

        Raises:
            VCCLiveError: When the run cannot go on.
        """
        return self._source.days(self._to_read if days is None else days)

    def stop(self) -> None:
        """End at the next row; callable from a signal."""
        self._source.stop()

    def settle(self, day: ReadDay, report: Report) -> None:
        """Take a day into the progress, once all its records have been written.

        Raises:
            VCCLiveError: When nothing is answered any more.
        """
        if self._source.stopped and not day.is_complete:
            return
        lacking = self._messages.lacking_in(day, self.progress)
        for part in day.parts:
            self.progress.note_rows(day.day, part.project, part.rows)
            self._absences.note_part(day.day, part, report)
        if day.count or not day.faults:
            self._last_answered = self._source.resource(day.day, day.parts[0].project)
            self._outage.answered()
        if lacking is None:
            self._settle_complete(day, report)
        elif day.faults and not day.count:
            # Not yet: where nothing has an answer it is no attempt, and the day as it was before.
            self._outage.failed(day.faults[0], partial(self._leave_open, day, lacking, report))
        else:
            self._leave_open(day, lacking, report)

    def _count_read(self, day: date) -> None:
        self.left -= 1
        self.has_got_on |= day not in self._looked_back_to

    def _settle_complete(self, day: ReadDay, report: Report) -> None:
        self._count_read(day.day)
        self._absences.note_day(is_absent=day.is_absent)
        for part in day.parts:
            had_rows = self.progress.has_had_rows(day.day, part.project)
            if part.nothing is None and not part.rows and had_rows:
                self._messages.tell_lost(day, report)
        self.progress.complete(day.day, is_absent=day.is_absent)
        if day.is_absent:
            return
        if day.total is None and not self._missed_totals:
            self._missed_totals = True
            self._messages.tell_without_totals(report)
        self._messages.tell_complete(day, report)

    def _leave_open(self, day: ReadDay, lacking: str, report: Report) -> None:
        """Leave a day to the next run, or give it up, and say so."""
        self._count_read(day.day)
        was_given_up = day.day in self.progress.given_up
        given_up = self.progress.came_out_short(day.day, clock.now())
        grows = day.day >= self._bounds.today and day.is_only_short
        self._given_up += given_up
        self._left_open += not (grows or given_up or was_given_up)
        if given_up:
            self._messages.tell_given_up(day, self._max_attempts, report)
        else:
            self._messages.tell_short(day, lacking, report, grows=grows, was_given_up=was_given_up)

    def end(self) -> None:
        """Say what only shows when all days have been read.

        Raises:
            VCCLiveError: When not one request had a useful answer.
        """
        if self._source.stopped:
            return
        self._outage.end()
        # Once days have been read the address has been right.
        self._knows_no_day = self._absences.tell(
            self._logger, has_read=bool(self.progress.days.spans)
        )

    def _look(self) -> Sign | None:
        """Look whether the log is answered at all: a day that was, today's, or the last one read.

        None when told to stop meanwhile.

        Raises:
            VCCLiveError: When asking for anything would end the same way.
        """
        project = (self._bounds.projects or (None,))[0]
        days = (self._bounds.end, self.progress.days.last)
        resources = [self._source.resource(day, project) for day in days if day]
        if self._last_answered:
            resources.insert(0, self._last_answered)
        look = partial(sign_of_life, resources, self._client.get)
        return fetched(look, lambda: self._source.stopped)
