"""The stream `cdr`: one record a call, fetched call by call.

A partition is one call. The SDK walks over the partitions and writes the messages; this module says
what the partitions are, and keeps the state of the list of calls.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import closing
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from singer_sdk import SchemaDirectory, StreamSchema

from tap_vcclive import schemas
from tap_vcclive.api.client import Client
from tap_vcclive.api.errors import VCCLiveError
from tap_vcclive.calls.call import Call, instant_of
from tap_vcclive.calls.call_list import CallListError
from tap_vcclive.calls.progress import BadStateError
from tap_vcclive.fetching.asking import Answer, answer_for
from tap_vcclive.fetching.run import Run
from tap_vcclive.settings import Settings
from tap_vcclive.streams.base import CallStream, StreamMapError
from tap_vcclive.values.record import Values

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterable

    from singer_sdk.helpers.types import Context, Record

# With fewer, a target would have nothing to pass on when a run is interrupted.
_CALLS_A_STATE: Final = 250

_ENDS_OF_A_RUN: Final = (VCCLiveError, CallListError, BadStateError, StreamMapError)


class CdrStream(CallStream):
    """Call detail records, one a call."""

    name = "cdr"
    schema: ClassVar[StreamSchema[str]] = StreamSchema(SchemaDirectory(schemas))
    # The SDK counts records, and calls that leave none move the position, too: see `_contexts`.
    STATE_MSG_FREQUENCY = sys.maxsize

    _run: Run | None = None
    _partitions: Iterable[Context] | None = None
    _answer: tuple[Context, Answer] | None = None
    _writes = True

    @cached_property
    def _settings(self) -> Settings:
        return Settings.of(self.config)

    @cached_property
    def _values(self) -> Values:
        return Values(self.schema, self._settings.zone)

    def _new_client(self) -> Client:
        return Client(self._settings, self.logger)

    def _new_run(self) -> Run:
        return Run(self._settings, self._new_client(), self.logger)

    @property
    @override
    def partitions(self) -> list[dict[str, Any]] | None:
        """The context `{"uuid", "year", "month"}` of each call still to fetch.

        They come out one by one, as a list of a million calls is never held in memory. In a run
        they come with their answers fetched ahead; outside of one, nothing is asked for.
        """
        partitions = self._partitions
        if partitions is None:
            run = self._new_run()
            run.begin(self.stream_state)
            partitions = (call._asdict() for call in run.calls())
        return cast("list[dict[str, Any]]", partitions)

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
            answer = answer_for(Call(**context), self._new_client(), self._settings.zone)
        if answer.cdr is not None and answer.uuid is not None:
            record = self._values.record(answer.cdr, partial(instant_of, answer.uuid))
            record["uuid"] = answer.uuid
            yield record

    def stop(self) -> bool:
        """End a run at the next call; return whether one was under way."""
        return self._run is not None and self._run.stop()

    @override
    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[dict[str, Any], Any, Any]:
        """Sync the calls still to fetch; what ends the run leaves a STATE and one line a cause."""
        self._writes = write_messages
        try:
            if context is None:
                run = self._new_run()
                expected = run.begin(self.stream_state)
                # Not before: a state or a list that cannot be used must leave the state as it is.
                self._run = run
                self._partitions = self._contexts(run, expected)
            yield from super()._sync_records(context, write_messages=write_messages)
            self._log_additional_fields()
        except Exception as error:
            self._end_partitions()
            self._write_true_state()
            if not isinstance(error, _ENDS_OF_A_RUN):
                raise
            for line in str(error).splitlines():
                self.logger.error("%s", line)  # noqa: TRY400 - a user has no use for the traceback
            # Not the error itself: the SDK would add that it is unhandled, and a traceback.
            raise SystemExit(1) from error
        finally:
            self._end_partitions()

    def _contexts(self, run: Run, expected: int) -> Generator[Context, None, None]:
        """Yield the context of each call to fetch, its answer at hand for `get_records`."""
        if not expected:
            return
        with closing(run.answers(expected, self.ABORT_AT_RECORD_COUNT)) as answers:
            for count, (call, answer) in enumerate(answers):
                if count and count % _CALLS_A_STATE == 0:
                    self._write_true_state()
                context = call._asdict()
                self._answer = (context, answer)
                yield context

    def _end_partitions(self) -> None:
        """Let the workers go, now: left to itself Python would do so when it ends."""
        if isinstance(self._partitions, Generator):
            self._partitions.close()
        self._partitions = ()  # the SDK reads them again at the end

    def _write_true_state(self) -> None:
        """Write a STATE, whether or not there was a record since the last one.

        Not for batches: their records are in a file that no message has named yet.
        """
        if self._writes and self._run is not None:
            self.state_manager.is_flushed = False
            self._write_state_message()

    @override
    def _write_state_message(self) -> None:
        """Bring the state up to date before the SDK writes it."""
        if self._run is not None:
            if not self._run.is_worth_saving():
                return
            self._run.save(self.stream_state)
        super()._write_state_message()

    def _log_additional_fields(self) -> None:
        """Name what the run has put into the additional fields, so that somebody looks there."""
        values = self._values
        if values.undeclared:
            self.logger.info(
                "In additional_fields, not in the schema: %s", ", ".join(values.undeclared)
            )
        if values.misfits:
            self.logger.warning(
                "In additional_fields, as they do not fit their columns: values of %s",
                ", ".join(values.misfits),
            )
