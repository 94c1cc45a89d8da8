"""The base of every stream: told to stop, idle or not, its state true, its ending in a line.

The SDK walks over the partitions and writes the messages; what is fetched, and how far that has
got, is the matter of a run, see `fetching/run.py`.
"""

from __future__ import annotations

import sys
from abc import abstractmethod
from collections.abc import Generator
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar, cast

from singer_sdk.exceptions import AbortedSyncFailedException, AbortedSyncPausedException

from tap_vcclive.api.client import Client
from tap_vcclive.fetching.run import Run
from tap_vcclive.signals import SIGNALS
from tap_vcclive.singer.batches import BatchStream
from tap_vcclive.singer.declared_schema import DeclaredSchema, declared, schema_name_of
from tap_vcclive.singer.maps import hidden_in
from tap_vcclive.states import ACCOUNT, check_bookmark
from tap_vcclive.stopping import Stop
from tap_vcclive.streams.ending import ends_all, is_of_server, lines_of, tell_values
from tap_vcclive.values.record import Values

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from singer_sdk.helpers.types import Context

    from tap_vcclive.settings.typed import Settings
    from tap_vcclive.streams.shared import SharingTap
    from tap_vcclive.values.zone_check import ZoneCheck

# How it ends a test of the connection after a record.
_OF_THE_SDK: Final = (AbortedSyncPausedException, AbortedSyncFailedException)


RunT = TypeVar("RunT", bound=Run)


class VccStream(BatchStream, Generic[RunT]):
    """A stream whose records a run fetches.

    Attributes:
        schema_name: Name of its schema, where it is not the stream's.
        state_keys: What it writes into its part of the state, beside what all streams write.
    """

    schema: ClassVar[DeclaredSchema] = DeclaredSchema()
    schema_name: ClassVar[str | None] = None
    # The SDK counts records; when a STATE is due, the runs know better.
    STATE_MSG_FREQUENCY = sys.maxsize
    state_keys: ClassVar[tuple[str, ...]] = ()

    _run: RunT | None = None
    _client: Client | None = None
    _partitions: Iterable[Context] | None = None
    _is_in_sync = _is_idle = False
    _stop: Stop | None = None
    _had_time = False

    @property
    def _sharing_tap(self) -> SharingTap:
        return cast("SharingTap", self._tap)

    @property
    def _settings(self) -> Settings:
        return self._sharing_tap.shared.settings

    @cached_property
    def _values(self) -> Values:
        schema = declared(schema_name_of(self))
        return Values(schema, self._settings.zone, self._zone_check, hidden_in(self))

    @property
    def _zone_check(self) -> ZoneCheck | None:
        """What compares instants with local times, where the stream's records tell both."""
        return None

    def _new_client(self) -> Client:
        self._client = Client(self._settings, self.logger, self._sharing_tap.shared.server)
        return self._client

    def check_state(self, bookmark: Any) -> None:  # noqa: ANN401 - states are edited by hand
        """Check the stream's part of a state, before any stream begins.

        Raises:
            BadStateError: When it is none that the stream writes.
        """
        check_bookmark(self.name, bookmark, self.state_keys, self.replication_key)

    @abstractmethod
    def _new_run(self) -> RunT:
        """Return a run that has not begun."""

    def _idle(self) -> str | None:
        """Return why the settings give the stream nothing to do, or None."""
        return None

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

    def stop(self, why: Stop = Stop.SIGNAL) -> bool:
        """End a run at the next record, or let none begin; return whether one was under way."""
        self._stop = self._stop or why
        return self._run is not None and self._run.stop(why)

    @override
    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[dict[str, Any], Any, Any]:
        """Sync what is still to fetch; what ends the stream leaves a STATE and one line a cause.

        Other streams go on, unless the cause holds for them as well.

        Raises:
            SystemExit: When it does. Not the error itself: the SDK would add a traceback.
        """
        self.may_write_state = write_messages
        try:
            if context is None:
                self._begin()
            yield from super()._sync_records(context, write_messages=write_messages)
            tell_values(self._values, self.logger)
            if unfinished := self._unfinished():
                self._note_unfinished(f"{self.name}: left {', '.join(unfinished)}")
        except Exception as error:
            self._end_partitions()
            self._write_true_state()
            if isinstance(error, _OF_THE_SDK):
                return  # left to the SDK, it would be logged as an error
            self._note_unfinished(*lines_of(error, self.name, self.logger))
            self._sharing_tap.shared.server.is_in_doubt |= is_of_server(error)
            if ends_all(error):
                raise SystemExit(1) from error
        finally:
            self._end_partitions()

    def _unfinished(self) -> list[str]:
        """Return what the run leaves of what it was asked for, a text each."""
        if (run := self._run) is None:
            return []
        if self._stop is Stop.TIME and self._had_time and not run.has_got_on:
            return [*run.unfinished, "everything new, as stop_after_minutes is too short for it"]
        return run.unfinished

    def _note_unfinished(self, *lines: str) -> None:
        """Say what is left, and let the tap end with status 1, once all streams have run."""
        for line in lines:
            self.logger.error("%s", line)
        self._sharing_tap.note_unfinished(lines[-1])

    def _begin(self) -> None:
        """Begin a run, or say why there is none."""
        self._is_in_sync = True
        self._partitions = ()
        self._sharing_tap.shared.time_limit.begin(partial(self._sharing_tap.stop, Stop.TIME))
        self._had_time = self._sharing_tap.shared.time_limit.is_half_left
        if self._has_nothing_to_do():
            return
        run = self._new_run()
        run.begin(self.stream_state)
        if self._has_nothing_to_do():  # told to stop, while a long list was read
            return
        # Not before: a state or a list that cannot be used must leave the state as it is.
        self._run = run
        self._partitions = self._contexts(run)
        if self._stop:  # just now
            run.stop(self._stop)

    def _has_nothing_to_do(self) -> bool:
        """Return whether there is to be no run; say why."""
        if self._stop is Stop.SIGNAL or SIGNALS.have_come:
            idle: str | None = "the run was told to stop"
        else:
            idle = self._idle()
        has_no_turn = idle is None and self._stop is Stop.TIME
        if idle:
            self.logger.info("%s: nothing to do, as %s", self.name, idle)
        if has_no_turn:
            self.logger.warning(
                "%s: had no turn, as the minutes of stop_after_minutes are over", self.name
            )
        self._is_idle = idle is not None or has_no_turn
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
            if client := self._client:
                client.close()

    @override
    def _write_true_state(self) -> None:
        """Write a STATE, whether or not there was a record since the last one."""
        if self.may_write_state and self._run is not None:
            self.state_manager.is_flushed = False
            self._write_state_message()

    @override
    def _write_state_message(self) -> None:
        """Bring the state up to date before the SDK writes it."""
        if self._is_idle or not self.may_write_state:
            return
        if self._run is not None:
            if not self._run.is_worth_saving():
                return
            self._run.save(self.stream_state)
            self.stream_state[ACCOUNT] = self._settings.customer
        super()._write_state_message()
