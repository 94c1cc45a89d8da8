"""docs/fields.md: every field of every stream, out of the streams' schemas."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from tap_vcclive.tap import TapVCCLive
from tools.docs.settings import type_of
from tools.docs.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from singer_sdk import Stream


def page() -> str:
    """Return the page; streams with the same schema share a table."""
    tap = TapVCCLive(config={}, validate_config=False, setup_mapper=False)
    groups = groupby(tap.streams.values(), key=lambda stream: stream.schema)
    parts = [_part(schema, [*streams]) for schema, streams in groups]
    return "\n".join(["# Fields\n", *parts])


def _part(schema: Mapping[str, Any], streams: Sequence[Stream]) -> str:
    """Return the heading, the keys and the table of streams that share a schema."""
    stream = streams[0]
    names = ", ".join(f"`{one.name}`" for one in streams)
    always = [name for name, declared in schema["properties"].items() if not _nullable(declared)]
    said = f"Key: {_code(stream.primary_keys)}."
    if stream.replication_key:
        said += f" Incremental by `{stream.replication_key}`."
    said += f" All fields but {_code(always)} can be null."
    rows = (
        (f"`{name}`", declared.get("format") or type_of(declared), declared["description"])
        for name, declared in schema["properties"].items()
    )
    return f"## {names}\n\n{said}\n\n{table(('field', 'type', 'meaning'), rows)}"


def _nullable(declared: Mapping[str, Any]) -> bool:
    """Return whether a field can be null."""
    return "null" in declared["type"]


def _code(names: Sequence[str]) -> str:
    """Return names as code."""
    return ", ".join(f"`{name}`" for name in names)
