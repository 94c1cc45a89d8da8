"""What becomes of a call that was asked for: loaded, pending, or given up."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Final

from tap_vcclive import clock
from tap_vcclive.api.errors import ForbiddenError
from tap_vcclive.api.outage import Outage
from tap_vcclive.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_vcclive.api.outage import Sign
    from tap_vcclive.calls.call import Call
    from tap_vcclive.cdr.answers import Answer
    from tap_vcclive.cdr.progress import Progress
    from tap_vcclive.fetching.report import Report

# As many calls are hardly all late: with a wrong month or address every answer is "no such call".
_SUSPICIOUS: Final = 10


class Outcomes:
    """Takes the calls of a run into the progress, and says what a user should know of them.

    Attributes:
        is_waiting: Whether the run waits for late calls: then none is given up.
        loaded: How many calls were loaded.
        last_answered: The last call that was answered, if there is one.
    """

    def __init__(
        self, progress: Progress, max_attempts: int, look: Callable[[], Sign | None]
    ) -> None:
        """Begin with no call asked for.

        Args:
            progress: How far the calls have got.
            max_attempts: After how many attempts a call is given up, for messages.
            look: See `Outage`.
        """
        self.is_waiting = False
        self.loaded = 0
        self.last_answered: list[Call] = []
        self._progress = progress
        self._max_attempts = max_attempts
        self._outage = Outage(look)
        self._asked = self._failed = self._unsettled = self._given_up = 0

    @property
    def asked(self) -> int:
        """How many calls were asked for."""
        return self._asked

    @property
    def unfinished(self) -> list[str]:
        """What is left of the calls asked for, but for those that are late."""
        left = []
        # A run that is stopped does not find out whose fault it was; the next one takes it for old.
        if failed := self._failed + self._unsettled:
            left.append(f"{counted(failed, 'call')} without an answer")
        if self._given_up:
            left.append(f"{counted(self._given_up, 'call')} given up")
        return left

    def settle(self, call: Call, answer: Answer, report: Report, *, again: bool) -> None:
        """Take a call into the progress, once its record, if it has one, has been written.

        Args:
            call: The call.
            answer: What VCC Live has for it.
            report: Is told what a user should know.
            again: Whether it was pending before, and this is its turn.

        Raises:
            ServerFailsError: When nothing is answered any more.
        """
        self._asked += 1
        self.loaded += answer.cdr is not None
        if answer.uuid == call.uuid:
            self._progress.loaded(call)
        # A list can name a call twice; that is one attempt all the same.
        elif again or call not in self._progress.pending:
            self._leave_pending(call, answer, report)
        if answer.fault is None:
            self.last_answered = [call]
            self._outage.answered()

    def end(self, logger: logging.Logger) -> None:
        """Note that the run is over.

        Args:
            logger: Where to.

        Raises:
            ServerFailsError: When nothing that was asked for had a useful answer.
        """
        self._outage.end()
        if self._asked >= _SUSPICIOUS and not self.loaded:
            logger.warning(
                "Not one of %s is registered: are year, month and api_url right?",
                counted(self._asked, "call"),
            )

    def _leave_pending(self, call: Call, answer: Answer, report: Report) -> None:
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
        self._unsettled += is_news
        count = partial(self._count_failure, call, answer, report, is_news=is_news)
        self._outage.failed(answer.fault, count)

    def _count_failure(self, call: Call, answer: Answer, report: Report, *, is_news: bool) -> None:
        """Count an attempt without a useful answer, as others are answered."""
        self._unsettled -= is_news
        self._failed += is_news
        report.notice("Calls without an answer", logging.WARNING, answer.remark or "")
        self._progress.count_attempt(call)
        self._give_up(call, report)

    def _give_up(self, call: Call, report: Report) -> None:
        """Give a call up that has been asked for often and long enough."""
        leaving = None if self.is_waiting else self._progress.give_up(call)
        if leaving is None:
            return
        self._given_up += 1
        report.notice(
            "Calls given up",
            logging.ERROR,
            f"Call {call.uuid} ({call.year}/{call.month}) is given up: not registered "
            f"after {counted(self._max_attempts, 'attempt')} and more than a day",
        )
        for uuid in leaving:
            message = f"Call {uuid}, given up long ago, leaves the state: too many are missing"
            report.notice("Calls that leave the state", logging.ERROR, message)
