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
from tap_vcclive.api.outage import Outage
from tap_vcclive.calls.call_list import CallList, Digest
from tap_vcclive.calls.progress import Progress
from tap_vcclive.fetching.lookahead import LookAhead
from tap_vcclive.fetching.reporting import CALLS, Plan, Report
from tap_vcclive.log.calls import LogCalls
from tap_vcclive.runs.asking import Answer, answer_for
from tap_vcclive.runs.asks import Ask, Asks

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, MutableMapping

    from tap_vcclive.api.client import Client
    from tap_vcclive.api.errors import TriesExhaustedError
    from tap_vcclive.calls.call import Call
    from tap_vcclive.settings import Settings

# Answers ready or under way: one that takes several tries holds back those behind it, and the other
# workers need something to do meanwhile. A few megabytes at the most.
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
        self._log = LogCalls(settings, client, logger) if settings.calls_from_log else None
        self._progress = Progress(
            retry_after=settings.retry_after, max_attempts=settings.max_attempts
        )
        self._asks = Asks(self._list, self._log, self._progress, logger)
        self._ahead: LookAhead[Ask, Answer] | None = None
        self._is_under_way = self._stopped = False
        self._expected = self._days = 0
        self._asked = self._loaded = self._unsaved = 0
        self._outage = Outage()

    def begin(self, state: Mapping[str, Any]) -> None:
        """Read the list, check it, find the place where the state stood.

        Args:
            state: The stream's state.

        Raises:
            BadStateError: When the state is none of this tap.
            CallListError: When an entry of the list names no call.
        """
        calls, digest = self._progress.load(state)
        survey = self._list.survey(calls)
        self._progress.done = Digest()
        if survey.done is not None and survey.done.hexdigest() == digest:
            self._progress.done = survey.done
        elif calls:
            self._logger.warning(
                "The list no longer begins with the %s calls already done: it is read from the "
                "start again",
                f"{calls:,}",
            )
        self._expected = self._announce(survey.total)
        if self._log is not None:
            self._days = self._log.begin(state.get("log", {}))

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

    def _rounds(self, report: Report) -> Iterator[Iterator[Ask]]:
        """Yield what to ask for: all that there is, then, as long as the run stays, what is due."""
        yield self._asks.first(report)
        deadline = time.monotonic() + self._settings.wait.total_seconds()
        while self._waits(deadline):
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
        self, asks: Iterator[Ask], report: Report, most: int | None
    ) -> Iterator[tuple[Call, Answer]]:
        """Yield the calls of one round with their answers."""
        self._ahead = LookAhead(
            self._answer_to,
            asks,
            workers=self._settings.max_concurrency,
            ahead=_AHEAD if most is None else max(1, min(_AHEAD, most)),
        )
        if self._stopped:  # between two rounds
            self._ahead.stop()
        for ask, answer in self._ahead:
            if ask.call is not None:
                if not ask.known:
                    self._judge(answer, report)
                    yield ask.call, answer
                self._settle(ask.call, ask, answer, report)
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
        return answer_for(ask.call, self._client, self._settings.zone)

    def _judge(self, answer: Answer, report: Report) -> None:
        """Say what is odd about an answer; end the run when it is the server that fails.

        Raises:
            ServerFailsError: When too many calls in a row had no answer.
        """
        notice = partial(report.notice, "Odd answers", logging.WARNING, answer.remark or "")
        if answer.fault is not None:
            self._outage.failed(answer.fault, notice)
            return
        self._outage.answered()
        if answer.remark:
            notice()

    def _settle(self, call: Call, ask: Ask, answer: Answer, report: Report) -> None:
        """Take a call into the progress, once its record, if it has one, has been written."""
        progress = self._progress
        self._asked += not ask.known
        self._loaded += answer.cdr is not None
        # A list can name a call twice; that is one attempt all the same.
        twice = not ask.again and call in progress.pending
        if answer.uuid == call.uuid:
            progress.loaded(call)
        elif not ask.known and not twice and self._given_up(call, answer.fault):
            report.notice(
                "Calls given up",
                logging.ERROR,
                f"Call {call.uuid} ({call.year}/{call.month}) is given up: not registered "
                f"after {self._settings.max_attempts} attempts",
            )
        self._unsaved += 1
        report.handled(len(progress.pending))

    def _given_up(self, call: Call, fault: TriesExhaustedError | None) -> bool:
        """Leave a call pending, or give it up; return which of them."""
        return self._progress.not_registered(
            call,
            clock.now(),
            failed=fault is not None,
            # While nothing at all is answered, it is the server that fails, not the call.
            counts=fault is None or self._client.answered > 0,
        )

    def _summary(self) -> str:
        progress, client = self._progress, self._client
        return (
            f"{self._loaded:,} calls loaded, {len(progress.pending):,} pending, "
            f"{len(progress.missing):,} missing; {client.asked:,} requests, {client.tries:,} tries"
        )
