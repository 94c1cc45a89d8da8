"""The schema of a stream as targets see it, out of its file in `schemas/`."""

from __future__ import annotations

import sys
from copy import deepcopy
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, cast

from singer_sdk import SchemaDirectory, StreamSchema

from tap_vcclive import schemas
from tap_vcclive.values.declared import without_own_words

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from singer_sdk import Stream


class DeclaredSchema(StreamSchema[str]):
    """The schema that a stream names, without what only the tap reads in it."""

    def __init__(self) -> None:
        """Read `schemas/`."""
        super().__init__(SchemaDirectory(schemas))

    @override
    def get_stream_schema(self, stream: Stream, stream_class: type[Stream]) -> dict[str, Any]:
        return deepcopy(_emitted(schema_name_of(stream)))


def schema_name_of(stream: Stream) -> str:
    """Return the name of a stream's schema: its own, unless it shares one."""
    return str(getattr(stream, "schema_name", None) or stream.name)


@cache
def schema_names() -> tuple[str, ...]:
    """Return the names of all schemas."""
    files = resources.files(schemas).iterdir()
    return tuple(sorted(f.name.removesuffix(".json") for f in files if f.name.endswith(".json")))


@cache
def declared(name: str) -> dict[str, Any]:
    """Return a schema as it is declared; see `values.declared` for what only the tap reads."""
    return SchemaDirectory(schemas).get_schema(name)


@cache
def _emitted(name: str) -> dict[str, Any]:
    return cast("dict[str, Any]", without_own_words(declared(name)))
