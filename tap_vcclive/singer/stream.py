"""What all streams share: the SDK's mechanisms, replaced where they do not bear millions of calls.

Each replacement names its reason. What a stream reads, and what its state says, is its own matter.
"""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import SameRecordTransform
from singer_sdk.singerlib import RecordMessage

from tap_vcclive.singer.catalogs import put_right
from tap_vcclive.singer.map_errors import StreamMapError
from tap_vcclive.singer.output import Output
from tap_vcclive.singer.sdk import utc_now
from tap_vcclive.values.names import named

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.singerlib import Catalog, SchemaMessage


class SingerStream(Stream):
    """A stream with one bookmark for all of it, whatever its partitions.

    Attributes:
        primary_keys: The columns of its key.
        replication_key: What it is incremental by; None for a full table.
    """

    # Attributes in the place of the SDK's properties, so that the class knows them as well.
    primary_keys: Sequence[str] = ()
    replication_key: str | None = None
    # With the SDK's default each partition would leave an entry in the state and be searched for
    # in a list: a state that grows without end, in quadratic time.
    state_partitioning_keys = ()
    # The values are clean when they get here; conforming them again takes half of a run's time.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    @override
    def apply_catalog(self, catalog: Catalog) -> None:
        """Take over the selection of a catalog, but no other key and no other replication.

        A stream that leaves out what it has loaded must never be FULL_TABLE: targets would delete
        every record that a run does not send again. Records hold what the SCHEMA declares, whatever
        the catalog lacks: with `TYPE_CONFORMANCE_LEVEL` the SDK's own dropping is off.
        """
        if catalog.get_stream(self.name) is None:
            # Left alone, the SDK would sync it and then miss its schema.
            catalog[self.name] = self._singer_catalog_entry
            catalog[self.name].metadata.root.selected = False
        entry = catalog[self.name]
        super().apply_catalog(catalog)
        asked, self.forced_replication_method = self.forced_replication_method, None
        self.primary_keys = type(self).primary_keys
        self.replication_key = type(self).replication_key
        own = self.replication_method
        if asked not in {None, own}:
            self.logger.warning("The catalog asks for %s: stays %s", named([str(asked)]), own)
        # The mapper takes names, keys and columns of SCHEMA messages from here.
        entry.stream = self.name
        entry.key_properties = list(self.primary_keys)
        differences = put_right(
            entry,
            self.schema,
            (*self.primary_keys, *filter(None, [self.replication_key])),
            is_selected=self.selected_by_default,
        )
        # The SDK has kept the schema as it was before that.
        self._input_schema = entry.schema.to_dict()
        if self.selected:
            for line in differences.lines():
                self.logger.warning("%s: %s", self.name, line)

    @override
    def _generate_schema_messages(self) -> Generator[SchemaMessage, None, None]:
        """Yield the SCHEMA messages; none names a bookmark that a stream map takes out."""
        for message in super()._generate_schema_messages():
            if self.replication_key not in message.schema.get("properties", {}):
                message.bookmark_properties = None
            yield message

    @override
    def _generate_record_messages(self, record: Record) -> Generator[RecordMessage, None, None]:
        """Yield the messages of a record.

        The SDK looks at each property of each record for whether it is selected; where all are,
        and no stream map changes the record, that is a third of the time that a record takes.

        Raises:
            StreamMapError: When the record does not fit an expression of a stream map.
        """
        if self._is_written_as_it_is:
            yield RecordMessage(stream=self.name, record=record, time_extracted=utc_now())
            return
        try:
            messages = list(super()._generate_record_messages(record))
        except Exception as error:  # noqa: BLE001 - an expression can raise anything
            raise StreamMapError(error, self) from None
        yield from messages

    def _flush(self) -> None:
        """Write the records that are kept for a moment."""
        if isinstance(writer := self._tap.message_writer, Output):
            writer.flush()

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
    def _increment_stream_state(
        self, latest_record: Record, *, context: Context | None = None
    ) -> None:
        """Move the bookmark forward.

        The SDK would keep it apart until the run is over, as it takes no stream without an entry
        per partition to be sorted, and would let it move back.
        """
        if self.replication_key is None:
            return
        value: Any = latest_record.get(self.replication_key)
        state = self.stream_state
        if value and value > str(state.get("replication_key_value") or ""):
            state.update(replication_key=self.replication_key, replication_key_value=value)

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return none: the bookmark is not what a run goes on from."""

    @override
    def _write_starting_replication_value(self, context: Context | None) -> None:
        """Do nothing: the SDK would log a line and leave a key in the state for each partition."""
