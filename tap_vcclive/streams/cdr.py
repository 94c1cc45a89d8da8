"""The stream `cdr`: one record a call, fetched call by call.

A partition is one call.
"""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.call_log.hours import check_state
from tap_vcclive.calls.call import Call
from tap_vcclive.cdr import progress
from tap_vcclive.cdr.answers import Answer, answer_for
from tap_vcclive.cdr.run import CallsRun
from tap_vcclive.states import value_in
from tap_vcclive.streams.calls import CallStream

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from singer_sdk.helpers.types import Context, Record

# With fewer, a target would have nothing to pass on when a run is interrupted.
_CALLS_A_STATE: Final = 250


class CdrStream(CallStream[CallsRun]):
    """Call detail records, one a call."""

    name = "cdr"
    state_keys = (*progress.KEYS, "log")

    _answer: tuple[Context, Answer] | None = None

    @override
    def check_state(self, bookmark: Any) -> None:
        super().check_state(bookmark)
        progress.check(bookmark)
        check_state(value_in(bookmark, "log", {}))

    @override
    def _idle(self) -> str | None:
        settings = self._settings
        if settings.calls or settings.calls_file or settings.calls_from_log:
            return None
        if self.stream_state.get("pending"):
            return None  # of a list that is not there any more
        return "neither calls nor calls_file nor calls_from_log is set"

    @override
    def _new_run(self) -> CallsRun:
        return CallsRun(
            self._settings, self._new_client(), self.logger, self._write_true_state, self._flush
        )

    @override
    def _planned(self, run: CallsRun) -> Iterator[Context]:
        return (call._asdict() for call in run.calls())

    @override
    def _contexts(self, run: CallsRun) -> Generator[Context, None, None]:
        with closing(run.answers(self.ABORT_AT_RECORD_COUNT)) as answers:
            for count, (call, answer) in enumerate(answers):
                if count and count % _CALLS_A_STATE == 0:
                    self._write_true_state()
                context = call._asdict()
                self._answer = (context, answer)
                yield context

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield the record of the call that a context names, if it is registered.

        Args:
            context: A partition; None when there is nothing to fetch.
        """
        if context is None:
            return
        if self._answer is not None and self._answer[0] is context:
            answer = self._answer[1]
        else:
            with closing(self._new_client()) as client:
                answer = answer_for(Call(**context), client.get, self._settings.zone)
        if answer.cdr is not None and answer.uuid is not None:
            yield self._record_of(answer.uuid, answer.cdr)
