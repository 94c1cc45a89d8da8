"""A stream of calls whose partitions come out of a run: one by one, with a state that is true.

The SDK walks over the partitions and writes the messages; what is fetched, and how far that has
got, is the run's matter.
"""

from __future__ import annotations

import sys
from abc import abstractmethod
from collections.abc import Generator
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Protocol, TypeVar, cast

from singer_sdk import SchemaDirectory, StreamSchema
from singer_sdk.exceptions import AbortedSyncFailedException, AbortedSyncPausedException

from tap_vcclive import schemas
from tap_vcclive.api.client import Client
from tap_vcclive.settings import Settings
from tap_vcclive.signals import SIGNALS
from tap_vcclive.states import ACCOUNT
from tap_vcclive.streams.base import CallStream
from tap_vcclive.streams.ending import ends_all, tell_end
from tap_vcclive.streams.output import Output
from tap_vcclive.values.names import named
from tap_vcclive.values.record import Values
from tap_vcclive.values.zone_check import ZoneCheck

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, MutableMapping

    from singer_sdk.helpers.types import Context

# How it ends a test of the connection after a record.
_OF_THE_SDK: Final = (AbortedSyncPausedException, AbortedSyncFailedException)


class StreamRun(Protocol):
    """One run of a stream."""

    @property
    def unfinished(self) -> list[str]:
        """What the run leaves of what it was asked for, a text each."""

    def begin(self, state: Mapping[str, Any]) -> None:
        """Find the place where a state stood."""

    def stop(self) -> bool:
        """End the run soon; return whether it was under way."""

    def is_worth_saving(self) -> bool:
        """Return whether the state is worth its size now."""

    def save(self, state: MutableMapping[str, Any]) -> None:
        """Write how far the run has got into a state."""


RunT = TypeVar("RunT", bound=StreamRun)


class RunningStream(CallStream, Generic[RunT]):
    """Call detail records that a run fetches."""

    # One definition for all streams of calls: what is sent one by one and by the page is the same.
    schema: ClassVar[StreamSchema[str]] = StreamSchema(SchemaDirectory(schemas), key="cdr")
    # The SDK counts records; when a STATE is due, the runs know better.
    STATE_MSG_FREQUENCY = sys.maxsize

    _run: RunT | None = None
    _partitions: Iterable[Context] | None = None
    _writes = True
    _is_idle = False
    _is_stopped = False

    @cached_property
    def _settings(self) -> Settings:
        return Settings.of(self.config)

    @cached_property
    def _values(self) -> Values:
        return Values(self.schema, self._settings.zone, self.zone_check)

    @cached_property
    def zone_check(self) -> ZoneCheck:
        """Whether `timezone` is right, one check for all streams: it is said once."""
        streams = (one for one in self._tap.streams.values() if isinstance(one, RunningStream))
        first = next(streams, self)
        return ZoneCheck(self._settings.zone) if first is self else first.zone_check

    def _new_client(self) -> Client:
        return Client(self._settings, self.logger)

    @classmethod
    @abstractmethod
    def check_state(cls, bookmark: Any) -> None:  # noqa: ANN401 - states are edited by hand
        """Check the stream's part of a state, before any stream begins.

        Raises:
            BadStateError: When it is none that the stream writes.
        """

    @abstractmethod
    def _new_run(self) -> RunT:
        """Return a run that has not begun."""

    @abstractmethod
    def _idle(self) -> str | None:
        """Return why the settings give the stream nothing to do, or None."""

    @abstractmethod
    def _planned(self, run: RunT) -> Iterator[Context]:
        """Yield the contexts of a run that has begun, without asking for anything."""

    @abstractmethod
    def _contexts(self, run: RunT) -> Generator[Context, None, None]:
        """Yield the context of each partition of a run, its records at hand for `get_records`."""

    @property
    @override
    def partitions(self) -> list[dict[str, Any]] | None:
        """The context of each partition still to fetch.

        They come out one by one, as a list of a million calls is never held in memory. In a run
        they come with what was fetched ahead; outside of one, nothing is asked for.
        """
        partitions = self._partitions
        if partitions is None and not self._idle():
            run = self._new_run()
            run.begin(self.stream_state)
            partitions = self._planned(run)
        return cast("list[dict[str, Any]]", partitions or ())

    def stop(self) -> bool:
        """End a run at the next record, or let none begin; return whether one was under way."""
        self._is_stopped = True
        return self._run is not None and self._run.stop()

    @override
    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[dict[str, Any], Any, Any]:
        """Sync what is still to fetch; what ends the stream leaves a STATE and one line a cause.

        Other streams go on, unless the cause holds for them as well.

        Raises:
            SystemExit: When it does. Not the error itself: the SDK would add that it is unhandled,
                and a traceback.
        """
        self._writes = write_messages
        try:
            if context is None:
                self._begin()
            yield from super()._sync_records(context, write_messages=write_messages)
            self._log_additional_fields()
            if self._run is not None and self._run.unfinished:
                self._note_unfinished()
                self.logger.error("%s: left %s", self.name, ", ".join(self._run.unfinished))
        except Exception as error:
            self._end_partitions()
            self._write_true_state()
            if isinstance(error, _OF_THE_SDK):
                raise
            self._note_unfinished()
            tell_end(error, self.logger)
            if not write_messages or ends_all(error):
                raise SystemExit(1) from error
        finally:
            self._end_partitions()

    def _note_unfinished(self) -> None:
        """Let the tap end with status 1, once all streams have run."""
        type(self._tap).is_unfinished = True  # type: ignore[attr-defined] # of this tap, not of the SDK's

    def _begin(self) -> None:
        """Begin a run, or say why there is none."""
        self._partitions = ()
        if self._has_nothing_to_do():
            return
        run = self._new_run()
        run.begin(self.stream_state)
        if self._has_nothing_to_do():  # told to stop, while a long list was read
            return
        # Not before: a state or a list that cannot be used must leave the state as it is.
        self._run = run
        self._partitions = self._contexts(run)

    def _has_nothing_to_do(self) -> bool:
        """Return whether there is to be no run; say why."""
        is_stopped = self._is_stopped or SIGNALS.have_come
        idle = "the run was told to stop" if is_stopped else self._idle()
        self._is_idle = idle is not None
        if idle:
            self.logger.info("%s: nothing to do, as %s", self.name, idle)
        return self._is_idle

    def _end_partitions(self) -> None:
        """Let the workers go, now: left to itself Python would do so when it ends.

        What the run then reports to be loaded has been written before.
        """
        try:
            self._flush()
        finally:
            if isinstance(self._partitions, Generator):
                self._partitions.close()
            self._partitions = ()  # the SDK reads them again at the end

    def _flush(self) -> None:
        """Write the records that are kept for a moment."""
        if isinstance(writer := self._tap.message_writer, Output):
            writer.flush()

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
        if self._is_idle:
            return
        if self._run is not None:
            if not self._run.is_worth_saving():
                return
            self._run.save(self.stream_state)
            self.stream_state[ACCOUNT] = self._settings.customer
        super()._write_state_message()

    def _log_additional_fields(self) -> None:
        """Name what the run has put into the additional fields, so that somebody looks there."""
        values = self._values
        if values.undeclared:
            self.logger.info(
                "In additional_fields, not in the schema: %s", named(values.undeclared)
            )
        for line in values.warnings():
            self.logger.warning("%s", line)
