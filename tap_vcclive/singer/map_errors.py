"""A stream map that fails: said by its place in the settings and the kind of error, no more.

What the SDK says repeats the expression, in which a seed can stand, and an error of the expression
repeats values of the record.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

from singer_sdk.exceptions import MapExpressionError

from tap_vcclive.singer.map_names import place_of
from tap_vcclive.singer.map_settings import place_in
from tap_vcclive.singer.sdk import MAP_REGISTERED, PROPERTY_MAPPED, Frame

if TYPE_CHECKING:
    from singer_sdk import Stream
    from singer_sdk.mapper import CustomStreamMap

    from tap_vcclive.singer.map_settings import Maps


class StreamMapError(Exception):
    """An expression of a stream map that a record does not fit."""

    def __init__(self, error: Exception, stream: Stream) -> None:
        """Say which.

        Args:
            error: What the SDK raised when it mapped a record.
            stream: The record's stream.
        """
        maps: Maps = stream.config.get("stream_maps") or {}
        place = "stream_maps"
        # The SDK keeps neither map nor property in its error; both are at hand where it is raised.
        if at := _variables_of(error, PROPERTY_MAPPED):
            mapping: CustomStreamMap = at["self"]
            alias = None if mapping is stream.stream_maps[0] else mapping.stream_alias
            place = place_of(maps, stream.name, alias, at["property_name"])
        super().__init__(f"{place}: {_kind_of(error)}, on a record of {stream.name}")


def setup_problem(error: Exception, maps: Maps) -> str:
    """Return a line on what the SDK cannot make a map of.

    Args:
        error: What it raised when it set the maps up.
        maps: The setting.
    """
    at = _variables_of(error, MAP_REGISTERED)
    key = at.get("stream_map_key")
    place = place_in(maps, key) if key in maps else ""
    return f"stream_maps{place}: cannot be used: {_kind_of(error)}"


def _kind_of(error: Exception) -> str:
    """Return the name of the kind of error; where the SDK wraps one, of what is inside."""
    cause = error.__cause__ if isinstance(error, MapExpressionError) else None
    return type(cause or error).__name__


def _variables_of(error: Exception, wanted: Frame) -> dict[str, Any]:
    """Return the variables of a function out of which an error came; none if it did not."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code is wanted.function.__code__:
            return {name: frame.f_locals.get(name) for name in wanted.variables}
    return {}
