"""Which calls a run asks for, and in which order.

Pending calls that are due come first, then the list from where the last run stood, then what the
log has, and last, in turns, the calls that had no answer before: each of them can take all its
tries again, which the others need not wait for.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tap_vcclive import clock
from tap_vcclive.call_list.position import Position
from tap_vcclive.cdr.progress import MOST_PENDING
from tap_vcclive.fetching.lookahead import Later

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from tap_vcclive.call_list.call_list import CallList, Survey
    from tap_vcclive.call_log.hours import CallsByHour
    from tap_vcclive.calls.call import Call
    from tap_vcclive.cdr.progress import Progress
    from tap_vcclive.fetching.report import Report


class QueuedCall(NamedTuple):
    """A call to ask for, in its turn.

    Attributes:
        call: The call; None when there is only something to be done.
        again: Whether it is a pending call of before, whose turn this is.
        known: Whether it is pending already, so that asking is left to its own turn.
        done: What is done besides, once the call is settled.
    """

    call: Call | None
    again: bool = False
    known: bool = False
    done: Callable[[], None] | None = None


class CallQueue:
    """The calls that a run asks for.

    Attributes:
        is_full: Whether so many calls are pending that others wait for a later run.
    """

    def __init__(
        self,
        calls: CallList,
        call_log: CallsByHour | None,
        progress: Progress,
        logger: logging.Logger,
    ) -> None:
        """Keep where calls come from.

        Args:
            calls: The list.
            call_log: The call log, if calls are taken from there.
            progress: How far the list has got, and which calls are pending.
            logger: Where to.
        """
        self._list = calls
        self._call_log = call_log
        self._progress = progress
        self._logger = logger
        self._mended: list[Call] = []
        self._done_with_mended: Position | None = None
        self._of_last_line: Call | None = None
        self._first = 0
        self.is_full = False

    def begin(self, state: Mapping[str, Any]) -> Survey:
        """Read the list, and find the place where a state stood.

        Args:
            state: The stream's state.

        Raises:
            BadStateError: When the state is none of this tap.
            CallListError: When the list cannot be read.
        """
        progress = self._progress
        before = progress.load(state)
        survey = self._list.survey(before, progress.is_loaded)
        progress.done = survey.done or Position()
        if survey.done is None and before.calls:
            self._logger.warning(
                "The list no longer begins with the %s calls already done: it is read from the "
                "start again",
                f"{before.calls:,}",
            )
        self._mended, self._done_with_mended = survey.mended, survey.done_with_mended
        self._of_last_line = before.last_line and before.last_line.call
        progress.last_line = survey.reading.last_line
        if progress.last_line and progress.last_line.call != self._of_last_line:
            progress.last_line = before.last_line  # its call is still to be asked for
        self._first = progress.done.calls + len(self._mended)
        return survey

    def due(self) -> list[Call]:
        """Return the pending calls whose next attempt has come."""
        return self._progress.due(clock.now())

    def planned(self) -> Iterator[Call]:
        """Yield the calls to ask for that are known without asking for anything."""
        yield from self.due()
        yield from self._mended
        yield from (listed.call for listed in self._list.after(self._first))

    def first(self, report: Report) -> Iterator[QueuedCall | Later]:
        """Yield everything that a run asks for, but for what comes up by waiting.

        `LATER` stands for calls that the log will tell when its next page has arrived.

        Args:
            report: Is told what there is to do besides the list.
        """
        progress = self._progress
        due = self.due()
        # As it stands now: a call that fails in this run waits for the next one.
        late = [call for call in due if not progress.pending[call].failed]
        failed = [call for call in due if progress.pending[call].failed]
        yield from self._of_pending(late)
        yield from self._of_list()
        if self._call_log is not None and not self._fills_up():
            yield from self._of_log(self._call_log, report)
        yield from self._of_pending(failed)

    def again(self) -> Iterator[QueuedCall]:
        """Yield the pending calls that are due."""
        return self._of_pending(self.due())

    def _of_list(self) -> Iterator[QueuedCall]:
        """Yield the calls of the list that are not done, those of mended rows first."""
        progress = self._progress
        for call in self._mended:
            if self._fills_up():
                return
            yield QueuedCall(call, known=call in progress.pending)
        if self._done_with_mended is not None:
            yield QueuedCall(None, done=partial(progress.move_to, self._done_with_mended))
        asked = self._of_last_line
        for call, is_after_gap, last_line in self._list.after(self._first):
            if self._fills_up():
                return
            if last_line is not None:
                done = partial(progress.note_last_line, last_line)
            else:
                done = partial(progress.advance, call, is_after_gap=is_after_gap)
            # A line that has its end now was asked for as it stood before.
            is_asked, asked = call == asked, None
            yield QueuedCall(None if is_asked else call, known=call in progress.pending, done=done)

    def _of_pending(self, calls: Iterable[Call]) -> Iterator[QueuedCall]:
        """Yield the calls that are still pending: one may be loaded under another month by now."""
        for call in calls:
            if call in self._progress.pending:
                yield QueuedCall(call, again=True)

    def _of_log(self, call_log: CallsByHour, report: Report) -> Iterator[QueuedCall | Later]:
        """Yield the calls of the log, and after those of an hour what is done with them."""
        for hour in call_log.hours(report):
            if isinstance(hour, Later):
                yield hour
                continue
            for call in hour.calls:
                yield QueuedCall(call, known=call in self._progress.pending)
            yield QueuedCall(None, done=hour.done)
            if self._fills_up():
                return

    def _fills_up(self) -> bool:
        """Return whether so many calls are pending that the others wait for a later run."""
        pending = len(self._progress.pending)
        if pending >= MOST_PENDING and not self.is_full:
            self.is_full = True
            self._logger.error(
                "%s calls are not registered: all others wait for a later run. Are year, month, "
                "timezone and api_url right?",
                f"{pending:,}",
            )
        return self.is_full
