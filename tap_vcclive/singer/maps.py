"""Sets the stream maps up, each for the streams and columns that are selected."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.mapper import PluginMapper, RemoveRecordTransform

from tap_vcclive.singer.map_errors import setup_problem
from tap_vcclive.singer.map_names import Columns, added_to, hidden_by, maps_for, name_problems
from tap_vcclive.singer.map_settings import ALIAS, SOURCE, place_in
from tap_vcclive.singer.sdk import get_selected_schema

if TYPE_CHECKING:
    from singer_sdk import Stream, Tap
    from singer_sdk.singerlib import CatalogEntry

    from tap_vcclive.singer.map_settings import Maps


def mapper_for(tap: Tap) -> PluginMapper:
    """Return the mapper of a tap whose settings have the right form.

    Raises:
        ConfigValidationError: When the maps name what there is not, or ask for what cannot be.
    """
    maps: Maps = tap.config.get("stream_maps") or {}
    columns = {stream.name: _columns_of(stream) for stream in tap.streams.values()}
    _refuse([*name_problems(maps, columns)])
    # A copy, as the SDK takes `__else__` out of it.
    mapper = PluginMapper({**tap.config, "stream_maps": copy.deepcopy(maps)}, tap.logger)
    added: list[str] = []
    for stream in tap.streams.values():
        own = maps_for(maps, stream.name, columns[stream.name]) if stream.selected else {}
        try:
            _register(stream, tap.catalog[stream.tap_stream_id], own, mapper)
        except ConfigValidationError:
            raise
        except Exception as error:  # noqa: BLE001 - its text can repeat an expression
            _refuse([setup_problem(error, maps)])
        added += added_to(own, columns[stream.name])
        _tell_copies(stream, own, mapper)
        if tap.config.get("batch_config"):
            _refuse_copies(stream, mapper)
    if added:
        tap.logger.info("Added to what VCC Live has: %s", ", ".join(dict.fromkeys(added)))
    return mapper


def hidden_in(stream: Stream) -> set[str]:
    """Return the columns of a stream whose values the user has asked not to have as they are."""
    columns = _columns_of(stream)
    maps: Maps = stream.config.get("stream_maps") or {}
    return {*columns.unselected, *hidden_by(maps, stream.name, columns)}


def _columns_of(stream: Stream) -> Columns:
    """Return the columns of a stream; of one that is not selected, it does not matter which are."""
    names = list(stream.schema["properties"])
    mask = stream.mask
    unselected = [name for name in names if stream.selected and not mask["properties", name]]
    return Columns(names, stream.primary_keys, unselected)


def _register(stream: Stream, entry: CatalogEntry, maps: Maps, mapper: PluginMapper) -> None:
    """Let a stream go through its maps; one that is not selected, nowhere.

    The SDK makes maps for such a stream, too, and fails as it has no columns.
    """
    if not stream.selected:
        removed = RemoveRecordTransform(stream.name, stream.schema, None, flattening_options=None)
        mapper.stream_maps[stream.name] = [removed]
        return
    mapper.stream_maps_dict = maps
    # Not by the catalog: that works the selection out anew, with a line a column at DEBUG.
    selected = get_selected_schema(stream.name, entry.schema.to_dict(), stream.mask)
    mapper.register_raw_stream_schema(stream.name, selected, entry.key_properties)
    aliases = [mapping.stream_alias for mapping in mapper.stream_maps[stream.name]]
    if not all(isinstance(alias, str) for alias in aliases):  # an expression, too
        for key, entries in maps.items():
            if isinstance(entries, dict) and ALIAS in entries:
                _refuse([f"stream_maps{place_in(maps, key, ALIAS)}: is no name"])


def _tell_copies(stream: Stream, maps: Maps, mapper: PluginMapper) -> None:
    """Say that a stream is written beside its copies: what hides a column in these does not there.

    People take `__source__` for a new name, which is what `__alias__` gives.
    """
    if isinstance(mapper.stream_maps[stream.name][0], RemoveRecordTransform):
        return
    for key, entries in maps.items():
        if isinstance(entries, dict) and SOURCE in entries:
            line = "stream_maps%s is a copy of %s, which is written as well"
            stream.logger.info(line, place_in(maps, key), stream.name)


def _refuse_copies(stream: Stream, mapper: PluginMapper) -> None:
    """Refuse batches of a stream that is written twice, as a file is one of one output."""
    outputs = [
        mapping
        for mapping in mapper.stream_maps[stream.name]
        if not isinstance(mapping, RemoveRecordTransform)
    ]
    if len(outputs) > 1:
        _refuse([f"batch_config: cannot be used where stream_maps makes copies of {stream.name}"])


def _refuse(problems: list[str]) -> None:
    if problems:
        raise ConfigValidationError("Config validation failed", errors=problems)
