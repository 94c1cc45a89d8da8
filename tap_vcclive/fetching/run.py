"""One run over a list of calls: which of them are asked for, and what becomes of each.

Pending calls that are due come first, then the list from where the last run stood. Requests run
ahead; the calls are handed out in order, and only when the next one is taken does the progress
speak of the one before, so that it never says more than has been written.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_vcclive.calls.call_list import CallList, Digest
from tap_vcclive.calls.progress import MOST_PENDING, Progress
from tap_vcclive.fetching.asking import Answer, answer_for
from tap_vcclive.fetching.lookahead import LookAhead
from tap_vcclive.fetching.reporting import Plan, Report

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, MutableMapping

    from tap_vcclive.api.client import Client
    from tap_vcclive.api.errors import TriesExhaustedError
    from tap_vcclive.calls.call import Call
    from tap_vcclive.settings import Settings

# Answers ready or under way: one that takes several tries holds back those behind it, and the other
# workers need something to do meanwhile. A few megabytes at the most.
_AHEAD: Final = 512

# So many calls in a row without an answer are not a fault of theirs. Each run gets past as many, so
# that no block of failing calls holds up those behind it for good.
_MOST_FAULTS_IN_A_ROW: Final = 10

# As many calls are hardly all late: with a wrong month or address every answer is "no such call".
_SUSPICIOUS: Final = 10


class _Ask(NamedTuple):
    """A call to ask for.

    Attributes:
        call: The call.
        listed: Whether it is the next of the list, rather than a pending call of an earlier run.
        known: Whether it is pending already, so that asking is left to its own turn.
    """

    call: Call
    listed: bool
    known: bool


_NOT_ASKED: Final = Answer(None, None)


class Run:
    """Fetches the calls of a list that are still to fetch."""

    def __init__(self, settings: Settings, client: Client, logger: logging.Logger) -> None:
        """Keep what is needed; nothing is read or asked for yet."""
        self._settings = settings
        self._client = client
        self._logger = logger
        self._list = CallList(settings.calls, settings.calls_file, settings.zone)
        self._progress = Progress(
            retry_after=settings.retry_after, max_attempts=settings.max_attempts
        )
        self._ahead: LookAhead[_Ask, Answer] | None = None
        self._loaded = self._unsaved = self._faults_in_a_row = 0
        self._fault: TriesExhaustedError | None = None

    def begin(self, state: Mapping[str, Any]) -> int:
        """Read the list, check it, find the place where the state stood.

        Args:
            state: The stream's state.

        Returns:
            How many calls there are to ask for.

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
        return self._announce(survey.total)

    def _announce(self, total: int) -> int:
        """Say what will be fetched; return how many calls that is."""
        progress = self._progress
        plan = Plan(
            total=total,
            new=total - progress.done.calls,
            pending=len(progress.pending),
            due=len(self._due()),
            next_due=progress.next_due(),
        )
        self._logger.info("%s", plan)
        return plan.new + plan.due

    def calls(self) -> Iterator[Call]:
        """Yield the calls still to fetch, without asking for any."""
        return (ask.call for ask in self._asks() if not ask.known)

    def answers(
        self, expected: int, most: int | None
    ) -> Generator[tuple[Call, Answer], None, None]:
        """Yield each call still to fetch with its answer, in order.

        The progress takes a call in when the next one is asked for.

        Args:
            expected: How many calls that will be, for the reports.
            most: How many answers are wanted at the most, if not all; no more are fetched ahead.

        Raises:
            VCCLiveError: When the run cannot go on.
        """
        report = Report(self._logger, expected)
        self._ahead = LookAhead(
            self._answer_to,
            self._asks(),
            workers=self._settings.max_concurrency,
            ahead=_AHEAD if most is None else max(1, min(_AHEAD, most)),
        )
        try:
            for ask, answer in self._ahead:
                self._judge(answer)
                if not ask.known:
                    yield ask.call, answer
                self._settle(ask, answer, report)
            if self._fault and not self._client.answered:
                raise self._fault
            if expected >= _SUSPICIOUS and not self._loaded and not self._ahead.stopped:
                self._logger.warning(
                    "Not one of %s calls is registered: are year, month and api_url right?",
                    f"{expected:,}",
                )
        finally:
            if self._ahead.stopped:
                self._logger.warning("Told to stop: the next run goes on where this one stood")
            self._ahead = None
            report.close(self._summary())

    def stop(self) -> bool:
        """End the run at the next call; return whether one was under way."""
        if self._ahead is None or self._ahead.stopped:
            return False
        self._ahead.stop()
        return True

    def is_worth_saving(self) -> bool:
        """Return whether the state is worth its size.

        Always when the run is over; before, only after a tenth as many calls as are pending or
        missing, so that what STATE messages cost stays a fraction of what records cost.
        """
        size = len(self._progress.pending) + len(self._progress.missing)
        return self._ahead is None or self._unsaved * 10 >= size

    def save(self, state: MutableMapping[str, Any]) -> None:
        """Write how far the list has got into a state."""
        self._progress.save(state)
        self._unsaved = 0

    def _answer_to(self, ask: _Ask) -> Answer:
        return _NOT_ASKED if ask.known else answer_for(ask.call, self._client, self._settings.zone)

    def _asks(self) -> Iterator[_Ask]:
        """Yield the calls to ask for: pending, then of the list, then those that failed before."""
        progress = self._progress
        due = self._due()
        # As it stands now: a call that fails in this run waits for the next one.
        late = [call for call in due if not progress.pending[call].failed]
        failed = [call for call in due if progress.pending[call].failed]
        yield from self._asks_for_pending(late)
        for call in self._list.after(progress.done.calls):
            if len(progress.pending) >= MOST_PENDING:
                self._logger.warning(
                    "%s calls are not registered: the rest of the list waits for a later run. "
                    "Are year, month, timezone and api_url right?",
                    f"{len(progress.pending):,}",
                )
                break
            yield _Ask(call, listed=True, known=call in progress.pending)
        # Each of them can take all its tries again, which the other calls need not wait for.
        yield from self._asks_for_pending(failed)

    def _asks_for_pending(self, calls: Iterable[Call]) -> Iterator[_Ask]:
        """Yield the calls that are still pending: one may be loaded under another month by now."""
        for call in calls:
            if call in self._progress.pending:
                yield _Ask(call, listed=False, known=False)

    def _judge(self, answer: Answer) -> None:
        """End the run when it is the server that fails, rather than one call or a few.

        A call that fails for good must not hold up those behind it, in this run and in all that
        follow: it stays pending like one that is not registered, and is asked for last.

        Raises:
            TriesExhaustedError: When too many calls in a row had no answer.
        """
        if answer.fault is None:
            self._faults_in_a_row = 0
            return
        self._fault = answer.fault
        self._faults_in_a_row += 1
        if self._faults_in_a_row > _MOST_FAULTS_IN_A_ROW:
            raise answer.fault

    def _settle(self, ask: _Ask, answer: Answer, report: Report) -> None:
        """Take a call into the progress, once its record, if it has one, has been written."""
        progress, call = self._progress, ask.call
        if answer.remark:
            report.notice("Odd answers", logging.WARNING, answer.remark)
        self._loaded += answer.cdr is not None
        # A list can name a call twice; that is one attempt all the same.
        twice = ask.listed and call in progress.pending
        if answer.uuid == call.uuid:
            progress.loaded(call)
        elif not ask.known and not twice and self._given_up(call, answer.fault):
            report.notice(
                "Calls given up",
                logging.ERROR,
                f"Call {call.uuid} ({call.year}/{call.month}) is given up: not registered "
                f"after {self._settings.max_attempts} attempts",
            )
        if ask.listed:
            progress.done.add(call)
        self._unsaved += 1
        report.handled(len(progress.pending))

    def _given_up(self, call: Call, fault: TriesExhaustedError | None) -> bool:
        """Leave a call pending, or give it up; return which of them."""
        return self._progress.not_registered(
            call,
            datetime.now(UTC),
            failed=fault is not None,
            # While nothing at all is answered, it is the server that fails, not the call.
            counts=fault is None or self._client.answered > 0,
        )

    def _due(self) -> list[Call]:
        return self._progress.due(datetime.now(UTC))

    def _summary(self) -> str:
        progress, client = self._progress, self._client
        return (
            f"{self._loaded:,} calls loaded, {len(progress.pending):,} pending, "
            f"{len(progress.missing):,} missing; {client.asked:,} requests, {client.tries:,} tries"
        )
