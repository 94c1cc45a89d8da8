"""The stream `cdr`: one record a call, fetched call by call.

A partition is one call. The SDK walks over the partitions and writes the messages; this module
says what the partitions are, and replaces what the SDK does by default where it does not bear a
million of them (each place names its reason).
"""

from __future__ import annotations

import sys
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from singer_sdk import SchemaDirectory, Stream, StreamSchema
from singer_sdk.helpers._util import utc_now
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import SameRecordTransform
from singer_sdk.singerlib import RecordMessage

from tap_vcclive import schemas
from tap_vcclive.api.client import Client
from tap_vcclive.api.errors import VCCLiveError
from tap_vcclive.calls.call import Call, instant_of
from tap_vcclive.calls.call_list import CallListError
from tap_vcclive.calls.progress import BadStateError
from tap_vcclive.fetching.asking import Answer, answer_for
from tap_vcclive.fetching.run import Run
from tap_vcclive.settings import Settings
from tap_vcclive.values.record import Values

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.singerlib import Catalog

_KEY: Final = "start_ts_utc"


class CdrStream(Stream):
    """Call detail records, one a call."""

    name = "cdr"
    schema: ClassVar[StreamSchema[str]] = StreamSchema(SchemaDirectory(schemas))
    primary_keys = ("uuid",)
    replication_key = _KEY
    # With the SDK's default each call would leave an entry in the state and be searched for in a
    # list: a state that grows without end, in quadratic time.
    state_partitioning_keys = ()
    # The default of 10,000 records would leave an interrupted run nothing to go on from.
    STATE_MSG_FREQUENCY = 250
    # The values are clean when they get here; conforming them again takes half of a run's time.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    _run: Run | None = None
    _partitions: Iterable[Context] | None = None
    _answer: tuple[Context, Answer] | None = None

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
    def apply_catalog(self, catalog: Catalog) -> None:
        """Take over the selection of a catalog, but no other key and no other replication.

        A stream that leaves out what it has loaded must never be FULL_TABLE: targets would delete
        every record that a run does not send again.
        """
        super().apply_catalog(catalog)
        if self.replication_method != "INCREMENTAL":
            self.logger.warning(
                "The catalog asks for %s: stays INCREMENTAL", self.replication_method
            )
        self.forced_replication_method = None
        self.primary_keys = type(self).primary_keys
        self.replication_key = _KEY

    @override
    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[dict[str, Any], Any, Any]:
        """Sync the calls still to fetch; what ends the run leaves a STATE and one line a cause."""
        try:
            if context is None:
                run = self._new_run()
                expected = run.begin(self.stream_state)
                # Not before: a state or a list that cannot be used must leave the state as it is.
                self._run = run
                self._partitions = self._contexts(run, expected)
            yield from super()._sync_records(context, write_messages=write_messages)
            self._log_additional_fields()
        except (VCCLiveError, CallListError, BadStateError) as error:
            for line in str(error).splitlines():
                self.logger.error("%s", line)  # noqa: TRY400 - a user has no use for the traceback
            if write_messages and self._run is not None:
                self.state_manager.is_flushed = False
                self._write_state_message()
            # Not the error itself: the SDK would add that it is unhandled, and a traceback.
            raise SystemExit(1) from error
        finally:
            self._partitions = ()  # the SDK reads them again at the end

    @override
    def _generate_record_messages(self, record: Record) -> Generator[RecordMessage, None, None]:
        """Yield the messages of a record.

        The SDK looks at each property of each record for whether it is selected; where all are,
        and no stream map changes the record, that is a third of the time that a record takes.
        """
        if not self._is_written_as_it_is:
            yield from super()._generate_record_messages(record)
            return
        yield RecordMessage(stream=self.name, record=record, time_extracted=utc_now())

    @cached_property
    def _is_written_as_it_is(self) -> bool:
        """Whether all properties are selected and nothing maps the records."""
        (first, *others) = self.stream_maps
        return (
            all(self.mask.values())
            and not others
            and type(first) is SameRecordTransform
            and first.stream_alias == self.name
            and not first.flattening_enabled
        )

    @override
    def _process_record(
        self,
        record: Record,
        child_context: Context | None = None,
        partition_context: Context | None = None,
    ) -> None:
        """Do nothing: there are no child streams, and no keys of a partition to add."""

    def _contexts(self, run: Run, expected: int) -> Iterator[Context]:
        """Yield the context of each call to fetch, its answer at hand for `get_records`."""
        if not expected:
            return
        for call, answer in run.answers(expected, self.ABORT_AT_RECORD_COUNT):
            context = call._asdict()
            self._answer = (context, answer)
            yield context

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

    @override
    def _write_state_message(self) -> None:
        """Bring the state up to date before the SDK writes it."""
        if self._run is not None:
            if not self._run.is_worth_saving():
                return
            self._run.save(self.stream_state)
        super()._write_state_message()

    @override
    def _increment_stream_state(
        self, latest_record: Record, *, context: Context | None = None
    ) -> None:
        """Move the bookmark forward.

        The SDK would keep it apart until the run is over, as it takes no stream without an entry
        per partition to be sorted, and would let it move back.
        """
        value, state = latest_record[_KEY], self.stream_state
        if value and value > str(state.get("replication_key_value") or ""):
            state.update(replication_key=_KEY, replication_key_value=value)

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return none: the bookmark is not what a run goes on from."""

    @override
    def _write_starting_replication_value(self, context: Context | None) -> None:
        """Do nothing: the SDK would log a line and leave a key in the state for each call."""
