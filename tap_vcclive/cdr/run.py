"""One run of calls: what is asked for, ahead and in order, and how long the run stays.

Requests run ahead; the calls are handed out in order, and only when the next one is taken does the
progress speak of the one before, so that it never says more than has been written.
"""

from __future__ import annotations

import logging
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.api.outage import Sign, sign_of_life
from tap_vcclive.call_list.call_list import CallList
from tap_vcclive.call_log.hours import CallsByHour
from tap_vcclive.cdr.answers import Answer, answer_for
from tap_vcclive.cdr.messages import CALLS, announce, left_of, summary_of, tell_list
from tap_vcclive.cdr.outcomes import Outcomes
from tap_vcclive.cdr.progress import Progress
from tap_vcclive.cdr.queue import CallQueue, QueuedCall
from tap_vcclive.cdr.waiting import next_round, wait
from tap_vcclive.fetching.lookahead import Later, LookAhead
from tap_vcclive.fetching.prefetch import Room, fetched
from tap_vcclive.fetching.report import Report
from tap_vcclive.fetching.run import Run
from tap_vcclive.stopping import Stop
from tap_vcclive.words import counted

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, MutableMapping

    from tap_vcclive.api.client import Client
    from tap_vcclive.calls.call import Call
    from tap_vcclive.settings.typed import Settings

# Answers ready or under way: one that takes several tries holds back those behind it, and the other
# workers need something to do meanwhile. Their bytes are bounded by the room that they share.
_AHEAD: Final = 512
_NOT_ASKED: Final = Answer(None, None)


class CallsRun(Run):
    """Fetches the calls that are still to fetch."""

    def __init__(
        self,
        settings: Settings,
        client: Client,
        logger: logging.Logger,
        before_waiting: Callable[[], None] = lambda: None,
        before_report: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep what is needed; nothing is read or asked for yet.

        Args:
            settings: The settings.
            client: CallQueue VCC Live.
            logger: Where to.
            before_waiting: Called when the run is about to wait with all that it has in the state.
            before_report: Called before the run says how many calls it has loaded.
        """
        super().__init__(logger, before_report)
        self._settings = settings
        self._client = client
        self._before_waiting = before_waiting
        self._list = CallList(settings.calls, settings.calls_file, settings.zone)
        self._room = Room()
        self._get = partial(client.get, admit=self._room.admit)
        self._call_log: CallsByHour | None = None
        if settings.calls_from_log:
            self._call_log = CallsByHour(settings, client, logger, self._room)
        self._progress = Progress(
            retry_after=settings.retry_after, max_attempts=settings.max_attempts
        )
        self._queue = CallQueue(self._list, self._call_log, self._progress, logger)
        self._ahead: LookAhead[QueuedCall, Answer] | None = None
        self._expected = self._days = self._unsaved = self._total = 0
        self._outcomes = Outcomes(self._progress, settings.max_attempts, self._look)
        self._known: list[Call] = []

    @property
    @override
    def unfinished(self) -> list[str]:
        """What the run leaves of what it was asked for, but for late calls; see README."""
        left = self._outcomes.unfinished + self._list.unfinished
        if self._queue.is_full:
            left.append("calls not asked for, as too many are pending")
        return left + (self._call_log.unfinished if self._call_log is not None else [])

    @property
    @override
    def has_got_on(self) -> bool:
        log = self._call_log
        return self._outcomes.asked > 0 or (log is not None and log.has_got_on)

    @override
    def begin(self, state: Mapping[str, Any]) -> None:
        """Read the list, say what is wrong with it, find the place where the state stood.

        Args:
            state: The stream's state.

        Raises:
            BadStateError: When the state is none of this tap.
            CallListError: When the list cannot be read.
        """
        survey = self._queue.begin(state)
        tell_list(self._list.problems(), survey, self._logger)
        self._known = survey.known
        self._total = survey.total
        due, has_log = len(self._queue.due()), self._call_log is not None
        self._expected = announce(survey.total, due, self._progress, self._logger, has_log=has_log)
        if self._call_log is not None:
            self._days = self._call_log.begin(state.get("log") or {})

    def calls(self) -> Iterator[Call]:
        """Yield the calls still to fetch, without asking for any."""
        return self._queue.planned()

    def answers(self, most: int | None) -> Generator[tuple[Call, Answer], None, None]:
        """Yield each call still to fetch with its answer, in order.

        The progress takes a call in when the next one is asked for.

        Args:
            most: How many answers are wanted at the most, if not all; no more are fetched ahead.

        Raises:
            VCCLiveError: When the run cannot go on.
        """
        waits = self._settings.wait and self._progress.pending
        if not (self._expected or self._days or waits):
            return
        # How many calls the log has, and how often waiting asks for them, nobody knows.
        is_known = not self._days and not self._settings.wait
        report = Report(self._logger, CALLS, self._expected if is_known else None)
        with self._under_way(report):
            for asks in self._rounds(report):
                yield from self._answers_to(asks, report, most)
            if not self.is_stopped:
                self._outcomes.end(self._logger)
            if self._call_log is not None and self._call_log.error is not None:
                raise self._call_log.error

    def _rounds(self, report: Report) -> Iterator[Iterator[QueuedCall | Later]]:
        """Yield what to ask for: all that there is, then, as long as the run stays, what is due."""
        yield self._queue.first(report)
        deadline = time.monotonic() + self._settings.wait.total_seconds()
        while self._settings.wait and not self.is_stopped:
            until = next_round(self._progress)
            if until is None or until > deadline:
                return
            self._before_waiting()
            self._logger.info(
                "%s pending; waiting %.0f seconds to ask again",
                counted(len(self._progress.pending), "call"),
                until - time.monotonic(),
            )
            wait(until, lambda: self.is_stopped)
            self._outcomes.is_waiting = True
            yield self._queue.again()

    def _answers_to(
        self, asks: Iterator[QueuedCall | Later], report: Report, most: int | None
    ) -> Iterator[tuple[Call, Answer]]:
        """Yield the calls of one round with their answers."""
        self._ahead = LookAhead(
            self._answer_to,
            asks,
            workers=self._settings.max_concurrency,
            ahead=_AHEAD if most is None else max(1, min(_AHEAD, most)),
            room=self._room,
        )
        if self.is_stopped:  # between two rounds
            self._ahead.stop()
        for ask, answer in self._ahead:
            if ask.call is not None and not ask.known:
                if answer.remark and answer.fault is None:
                    report.notice("Odd answers", logging.WARNING, answer.remark)
                yield ask.call, answer
                self._outcomes.settle(ask.call, answer, report, again=ask.again)
                self._unsaved += 1
            if ask.call is not None:
                report.handled(len(self._progress.pending))
            if ask.done is not None:
                ask.done()

    @override
    def _left(self) -> list[str]:
        return left_of(self._total, self._progress, self._call_log)

    @override
    def stop(self, why: Stop = Stop.SIGNAL) -> bool:
        was_under_way = super().stop(why)
        if self._ahead is not None:
            self._ahead.stop()
        if self._call_log is not None:
            self._call_log.stop()
        return was_under_way

    @override
    def is_worth_saving(self) -> bool:
        """Return whether the state is worth its size.

        Always when the run is over; before, only after a tenth as many calls as are pending or
        missing, so that what STATE messages cost stays a fraction of what records cost.
        """
        size = len(self._progress.pending) + len(self._progress.missing)
        size += len(self._progress.done.gaps)
        size += self._call_log.size if self._call_log is not None else 0
        return not self._is_under_way or self._unsaved * 10 >= size

    @override
    def save(self, state: MutableMapping[str, Any]) -> None:
        self._progress.save(state)
        if self._call_log is not None:
            state["log"] = self._call_log.save()
        self._unsaved = 0

    def _answer_to(self, ask: QueuedCall) -> Answer:
        if ask.call is None or ask.known:
            return _NOT_ASKED
        return answer_for(ask.call, self._get, self._settings.zone)

    def _look(self) -> Sign | None:
        """Look whether anything is answered: calls that VCC Live has answered, or should know.

        None when told to stop meanwhile.

        Raises:
            VCCLiveError: When asking for anything would end the same way.
        """
        known = [*self._outcomes.last_answered, *self._known]
        resources = [call.resource for call in known if call not in self._progress.pending]
        look = partial(sign_of_life, resources, self._client.get)
        return fetched(look, lambda: self.is_stopped)

    @override
    def _summary(self) -> str:
        return summary_of(self._outcomes.loaded, self._progress, self._client)
