"""What a catalog decides of a stream: which columns are written, and what is noted of them.

Catalogs are kept for years, trimmed by hand, and made by other versions of the tap. Records hold
what the tap makes, so SCHEMA declares each column as the tap does, whatever a catalog says of it;
what a catalog lacks is left out of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from singer_sdk.singerlib import Schema
from singer_sdk.singerlib.catalog import Metadata, StreamMetadata

from tap_vcclive.values.names import named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from singer_sdk.singerlib import CatalogEntry

# They forbid no value.
_NOTES: Final = frozenset({"title", "description", "deprecated", "default", "x-sql-datatype"})
_MOST_NAMES: Final = 50


class Differences(NamedTuple):
    """In what a catalog differs from the columns of a stream.

    Attributes:
        lacking: The stream's columns that it has not, and that are not deselected either.
        unknown: Its columns that the stream has not.
        other: Columns of which it says what the stream does not.
    """

    lacking: Sequence[str] = ()
    unknown: Sequence[str] = ()
    other: Sequence[str] = ()

    def lines(self) -> Iterator[str]:
        """Yield a line for each kind, for the log."""
        for names, line in (
            (self.lacking, "The catalog lacks columns of the stream, which are left out: %s"),
            (self.unknown, "The catalog has columns that the stream does not have: %s"),
            (self.other, "The catalog declares columns in another way, which stay as they are: %s"),
        ):
            if names:
                more = ", ..." if len(names) > _MOST_NAMES else ""
                yield line % (named(names[:_MOST_NAMES]) + more)


def put_right(
    entry: CatalogEntry, schema: Mapping[str, Any], keys: Sequence[str], *, is_selected: bool
) -> Differences:
    """Make the entry of a catalog declare what the records of its stream will hold.

    Args:
        entry: The entry; its schema and metadata are changed.
        schema: The stream's own schema.
        keys: Columns that are always written.
        is_selected: Whether the stream is selected where the catalog says nothing of it.
    """
    own: Mapping[str, Any] = schema["properties"]
    catalogued = entry.schema.to_dict().get("properties")
    # An entry without any schema has trimmed nothing.
    said: Mapping[str, Any] = own if catalogued is None else catalogued
    lacking = _deselect(entry, [name for name in own if name not in said and name not in keys])
    for name in keys:
        entry.metadata["properties", name].inclusion = Metadata.InclusionType.AUTOMATIC
    if () not in entry.metadata:
        # With entries of columns only, the SDK would take the stream and none of its columns.
        entry.metadata[()] = StreamMetadata(selected_by_default=is_selected)
    columns = {name: {**declared, **_notes(said.get(name, {}))} for name, declared in own.items()}
    entry.schema = Schema.from_dict({**schema, "properties": columns})
    return Differences(
        lacking,
        [name for name in said if name not in own],
        [name for name in own if _is_other(said.get(name, {}), own[name])],
    )


def _deselect(entry: CatalogEntry, lacking: Sequence[str]) -> list[str]:
    """Deselect columns; return those that were not deselected before."""
    silent = []
    for name in lacking:
        before = entry.metadata.get(("properties", name))
        if before is None or before.selected is not False:
            silent.append(name)
        entry.metadata["properties", name] = Metadata(
            inclusion=Metadata.InclusionType.AVAILABLE, selected=False
        )
    return silent


def _notes(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a catalog may say of a column."""
    return {key: value for key, value in said.items() if key in _NOTES}


def _is_other(said: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Return whether a catalog says of a column what the stream does not."""
    return any(
        _comparable(key, value) != _comparable(key, own.get(key))
        for key, value in said.items()
        if key not in _NOTES
    )


def _comparable(key: str, value: object) -> object:
    """Return what is said under a key: a type can be one text, or several in any order."""
    if key == "type":
        return sorted([value] if isinstance(value, str) else map(str, value or ()))  # type: ignore[call-overload]
    return value
