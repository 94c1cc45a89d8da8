"""One run of calls: what becomes of each that is asked for, and how long the run stays.

Requests run ahead; the calls are handed out in order, and only when the next one is taken does the
progress speak of the one before, so that it never says more than has been written.
"""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive import clock
from tap_vcclive.api.errors import ForbiddenError
from tap_vcclive.api.outage import Outage, Sign, sign_of_life
from tap_vcclive.calls.call_list import CallList, Digest
from tap_vcclive.calls.progress import Progress
from tap_vcclive.fetching.lookahead import Later, LookAhead
from tap_vcclive.fetching.prefetch import Room, fetched
from tap_vcclive.fetching.reporting import CALLS, Plan, Report
from tap_vcclive.log.calls import LogCalls
from tap_vcclive.runs.asking import Answer, answer_for
from tap_vcclive.runs.asks import Ask, Asks
from tap_vcclive.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, MutableMapping

    from tap_vcclive.api.client import Client
    from tap_vcclive.calls.call import Call
    from tap_vcclive.settings import Settings

# Answers ready or under way: one that takes several tries holds back those behind it, and the other
# workers need something to do meanwhile. Their bytes are bounded by the room that they share.
_AHEAD: Final = 512

# As many calls are hardly all late: with a wrong month or address every answer is "no such call".
_SUSPICIOUS: Final = 10

# Between two rounds of a run that waits, with retry_minutes 0; and until it notices a signal.
_LEAST_SECONDS_BETWEEN_ROUNDS: Final = 5.0
_GLANCE_SECONDS: Final = 0.1

_NOT_ASKED: Final = Answer(None, None)


class Run:
    """Fetches the calls that are still to fetch."""

    def __init__(
        self,
        settings: Settings,
        client: Client,
        logger: logging.Logger,
        before_waiting: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep what is needed; nothing is read or asked for yet.

        Args:
            settings: The settings.
            client: Asks VCC Live.
            logger: Where to.
            before_waiting: Called when the run is about to wait with all that it has in the state.
        """
        self._settings = settings
        self._client = client
        self._logger = logger
        self._before_waiting = before_waiting
        self._list = CallList(settings.calls, settings.calls_file, settings.zone)
        self._room = Room()
        self._get = partial(client.get, admit=self._room.admit)
        self._log = None
        if settings.calls_from_log:
            self._log = LogCalls(settings, client, logger, self._room)
        self._progress = Progress(
            retry_after=settings.retry_after, max_attempts=settings.max_attempts
        )
        self._asks = Asks(self._list, self._log, self._progress, logger)
        self._ahead: LookAhead[Ask, Answer] | None = None
        self._is_under_way = self._stopped = self._is_waiting = False
        self._expected = self._days = 0
        self._asked = self._loaded = self._unsaved = 0
        self._outage = Outage(self._look)
        self._known: list[Call] = []
        self._last_answered: list[Call] = []
        self._failed = self._given_up = 0

    @property
    def unfinished(self) -> list[str]:
        """What the run leaves of what it was asked for, but for late calls; see README."""
        left = []
        if self._failed:
            left.append(f"{counted(self._failed, 'call')} without an answer")
        if self._given_up:
            left.append(f"{counted(self._given_up, 'call')} given up")
        if self._asks.is_full:
            left.append("calls not asked for, as too many are pending")
        return left + (self._log.unfinished if self._log is not None else [])

    def begin(self, state: Mapping[str, Any]) -> None:
        """Read the list, check it, find the place where the state stood.

        Args:
            state: The stream's state.

        Raises:
            BadStateError: When the state is none of this tap.
            CallListError: When an entry of the list names no call.
        """
        calls, digest = self._progress.load(state)
        survey = self._list.survey(calls, self._progress.is_loaded)
        self._progress.done = Digest()
        if survey.done is not None and survey.done.hexdigest() == digest:
            self._progress.done = survey.done
        elif calls:
            self._logger.warning(
                "The list no longer begins with the %s calls already done: it is read from the "
                "start again",
                f"{calls:,}",
            )
        self._known = survey.known
        self._expected = self._announce(survey.total)
        if self._log is not None:
            self._days = self._log.begin(state.get("log") or {})

    def _announce(self, total: int) -> int:
        """Say what will be fetched; return how many calls that is."""
        progress = self._progress
        plan = Plan(
            total=total,
            new=total - progress.done.calls,
            pending=len(progress.pending),
            due=len(self._asks.due()),
            next_due=progress.next_due(),
        )
        if self._log is None or plan.total or plan.pending:
            self._logger.info("%s", plan)
        if progress.missing:
            self._logger.warning(
                "%s calls have been given up and stand in the state as missing: to have one asked "
                "for again, append it to the list once more",
                f"{len(progress.missing):,}",
            )
        return plan.new + plan.due

    def calls(self) -> Iterator[Call]:
        """Yield the calls still to fetch, without asking for any."""
        return self._asks.planned()

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
        self._is_under_way = True
        try:
            for asks in self._rounds(report):
                yield from self._answers_to(asks, report, most)
            if not self._stopped:
                self._outage.end()
            if self._asked >= _SUSPICIOUS and not self._loaded and not self._stopped:
                self._logger.warning(
                    "Not one of %s calls is registered: are year, month and api_url right?",
                    f"{self._asked:,}",
                )
        finally:
            if self._stopped:
                self._logger.warning("Told to stop: the next run goes on where this one stood")
            self._is_under_way = False
            report.close(self._summary())

    def _rounds(self, report: Report) -> Iterator[Iterator[Ask | Later]]:
        """Yield what to ask for: all that there is, then, as long as the run stays, what is due."""
        yield self._asks.first(report)
        deadline = time.monotonic() + self._settings.wait.total_seconds()
        while self._waits(deadline):
            self._is_waiting = True
            yield self._asks.again()

    def _waits(self, deadline: float) -> bool:
        """Wait until a pending call is due; return False when that is not worth it."""
        next_due = self._progress.next_due()
        if next_due is None or not self._settings.wait or self._stopped:
            return False
        seconds = 0.0 if self._asks.due() else (next_due - clock.now()).total_seconds()
        until = time.monotonic() + max(seconds, _LEAST_SECONDS_BETWEEN_ROUNDS)
        if until > deadline:
            return False
        self._before_waiting()
        self._logger.info(
            "Calls pending: %s; waiting %.0f seconds to ask again",
            f"{len(self._progress.pending):,}",
            until - time.monotonic(),
        )
        while not self._stopped and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _GLANCE_SECONDS))
        return not self._stopped

    def _answers_to(
        self, asks: Iterator[Ask | Later], report: Report, most: int | None
    ) -> Iterator[tuple[Call, Answer]]:
        """Yield the calls of one round with their answers."""
        self._ahead = LookAhead(
            self._answer_to,
            asks,
            workers=self._settings.max_concurrency,
            ahead=_AHEAD if most is None else max(1, min(_AHEAD, most)),
            room=self._room,
        )
        if self._stopped:  # between two rounds
            self._ahead.stop()
        for ask, answer in self._ahead:
            if ask.call is not None and not ask.known:
                if answer.remark and answer.fault is None:
                    report.notice("Odd answers", logging.WARNING, answer.remark)
                yield ask.call, answer
                self._settle(ask.call, ask, answer, report)
            if ask.call is not None:
                report.handled(len(self._progress.pending))
            if ask.done is not None:
                ask.done()

    def stop(self) -> bool:
        """End the run at the next call; return whether one was under way."""
        if not self._is_under_way or self._stopped:
            return False
        self._stopped = True
        if self._ahead is not None:
            self._ahead.stop()
        if self._log is not None:
            self._log.stop()
        return True

    def is_worth_saving(self) -> bool:
        """Return whether the state is worth its size.

        Always when the run is over; before, only after a tenth as many calls as are pending or
        missing, so that what STATE messages cost stays a fraction of what records cost.
        """
        size = len(self._progress.pending) + len(self._progress.missing)
        size += self._log.size if self._log is not None else 0
        return not self._is_under_way or self._unsaved * 10 >= size

    def save(self, state: MutableMapping[str, Any]) -> None:
        """Write how far the calls have got into a state."""
        self._progress.save(state)
        if self._log is not None:
            state["log"] = self._log.save()
        self._unsaved = 0

    def _answer_to(self, ask: Ask) -> Answer:
        if ask.call is None or ask.known:
            return _NOT_ASKED
        return answer_for(ask.call, self._get, self._settings.zone)

    def _settle(self, call: Call, ask: Ask, answer: Answer, report: Report) -> None:
        """Take a call into the progress, once its record, if it has one, has been written.

        Raises:
            ServerFailsError: When nothing is answered any more.
        """
        progress = self._progress
        self._asked += 1
        self._loaded += answer.cdr is not None
        self._unsaved += 1
        if answer.uuid == call.uuid:
            progress.loaded(call)
        # A list can name a call twice; that is one attempt all the same.
        elif ask.again or call not in progress.pending:
            self._settle_pending(call, answer, report)
        if answer.fault is None:
            self._last_answered = [call]
            self._outage.answered()

    def _settle_pending(self, call: Call, answer: Answer, report: Report) -> None:
        """Leave a call pending that has been asked for and not been had.

        Raises:
            ServerFailsError: When nothing is answered any more.
        """
        before = self._progress.pending.get(call)
        has_failed_before = before is not None and before.failed
        has_failed = answer.fault is not None
        # While nothing at all is answered, it is the server that fails, not the call.
        self._progress.not_loaded(call, clock.now(), failed=has_failed, counts=not has_failed)
        if answer.fault is None:
            self._give_up(call, report)
            return
        # What has failed before was told before, with status 1.
        is_news = not has_failed_before or isinstance(answer.fault, ForbiddenError)
        count = partial(self._count_failure, call, answer, report, is_news=is_news)
        self._outage.failed(answer.fault, count)

    def _count_failure(self, call: Call, answer: Answer, report: Report, *, is_news: bool) -> None:
        """Count an attempt without an answer of use, as others are answered."""
        self._failed += is_news
        report.notice("Calls without an answer", logging.WARNING, answer.remark or "")
        self._progress.count_attempt(call)
        self._give_up(call, report)

    def _give_up(self, call: Call, report: Report) -> None:
        """Give a call up that has been asked for often and long enough; never while waiting."""
        if self._is_waiting:
            return
        leaving = self._progress.give_up(call)
        if leaving is None:
            return
        self._given_up += 1
        report.notice(
            "Calls given up",
            logging.ERROR,
            f"Call {call.uuid} ({call.year}/{call.month}) is given up: not registered "
            f"after {self._settings.max_attempts} attempts and more than a day",
        )
        for uuid in leaving:
            message = f"Call {uuid}, given up long ago, leaves the state: too many are missing"
            report.notice("Calls that leave the state", logging.ERROR, message)

    def _look(self) -> Sign:
        """Look whether anything is answered: calls that VCC Live has answered, or should know.

        Raises:
            VCCLiveError: When asking for anything would end the same way.
        """
        known = [*self._last_answered, *self._known]
        resources = [call.resource for call in known if call not in self._progress.pending]
        look = partial(sign_of_life, resources, self._client.get)
        return fetched(look, lambda: self._stopped) or Sign.USEFUL

    def _summary(self) -> str:
        progress, client = self._progress, self._client
        return (
            f"{counted(self._loaded, 'call')} loaded, {len(progress.pending):,} pending, "
            f"{len(progress.missing):,} missing; {counted(client.asked, 'request')}, "
            f"{counted(client.tries, 'try', 'tries')}"
        )
