"""The names in `stream_maps`: streams and properties that there must be.

The SDK takes a name that there is not for a new one, and the column that was to be hidden goes out
as it is.
"""

from __future__ import annotations

from fnmatch import fnmatch
from typing import TYPE_CHECKING, NamedTuple

from tap_vcclive.singer.map_settings import (
    ELSE,
    FILTER,
    KEYS,
    SOURCE,
    Maps,
    is_removed,
    names_in,
    place_in,
    properties_in,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping


class Columns(NamedTuple):
    """The columns of a stream.

    Attributes:
        all: Their names.
        keys: Those of its key.
        unselected: Those that the catalog leaves out.
    """

    all: Collection[str]
    keys: Collection[str]
    unselected: Collection[str] = ()


def name_problems(maps: Maps, streams: Mapping[str, Columns]) -> Iterator[str]:
    """Yield which names in stream maps there are not, each with its place in front.

    Args:
        maps: The setting, in its right form.
        streams: All streams by name, selected or not.
    """
    for key, entries in maps.items():
        if key == ELSE:
            continue
        matched = [columns for name, columns in streams.items() if _takes(key, entries, name)]
        options = entries if isinstance(entries, dict) else {}
        if not matched:
            place = place_in(maps, key, SOURCE if SOURCE in options else None)
            yield f"stream_maps{place}: no such stream"
            continue
        for name in properties_in(options):
            if problem := _problem_of(name, options, matched):
                yield f"stream_maps{place_in(maps, key, name)}: {problem}"
        if options and not all(_has_key(options, columns) for columns in matched):
            place = f"stream_maps{place_in(maps, key)}"
            yield f"{place}: leaves out a property of its key; {KEYS} can name others"
    for stream, columns in streams.items():
        yield from _replaced(maps, stream, columns)


def _replaced(maps: Maps, stream: str, columns: Columns) -> Iterator[str]:
    """Yield which maps of a stream another one replaces that does not hide what they do.

    Of several the SDK takes the last, without a word, and what another one hides goes out.
    """
    own = [
        key
        for key, entries in maps.items()
        if key != ELSE
        and _takes(key, entries, stream)
        and not (isinstance(entries, dict) and SOURCE in entries)
    ]
    for key in own[:-1]:
        before, last = maps[key], maps[own[-1]]
        if is_removed(last):
            return
        place = f"stream_maps{place_in(maps, own[-1])}: takes the place of"
        if is_removed(before):
            yield f"{place} stream_maps{place_in(maps, key)}, which leaves out {stream}"
            continue
        hides = (*_hidden_in(before, columns), *([FILTER] if before.get(FILTER) else ()))
        lost = [name for name in hides if name not in last and (name == FILTER or ELSE not in last)]
        if lost:
            yield f"{place} stream_maps{place_in(maps, key, lost[0])} for {stream}"


def _problem_of(name: str, entries: Maps, matched: Collection[Columns]) -> str | None:
    """Return what is wrong with the names in the entry of a property, if anything is."""
    if is_removed(entries[name]):
        is_known = any(name in columns.all for columns in matched)
        return None if is_known else "no such property"
    used = names_in(entries[name]) or set()
    for columns in matched:
        unselected = used.intersection(columns.unselected)
        if unselected and name not in columns.unselected:
            return f"uses {', '.join(sorted(unselected))}, which is not selected"
    return None


def _has_key(entries: Maps, columns: Columns) -> bool:
    """Return whether a map leaves the properties of the key that its output is to have."""
    left = set() if ELSE in entries else {*columns.all}
    for name in properties_in(entries):
        (left.discard if is_removed(entries[name]) else left.add)(name)
    return left.issuperset(entries.get(KEYS, columns.keys) or ())


def maps_for(maps: Maps, stream: str, columns: Columns) -> Maps:
    """Return the maps of a stream, without what they say of columns that are not selected.

    They bring no such column back, nor do they fail for want of it.

    Args:
        maps: The setting, in its right form.
        stream: The stream's name.
        columns: Its columns.
    """
    return {
        key: {name: value for name, value in entries.items() if name not in columns.unselected}
        if isinstance(entries, dict)
        else entries
        for key, entries in maps.items()
        if key != ELSE and _takes(key, entries, stream)
    }


def hidden_by(maps: Maps, stream: str, columns: Columns) -> set[str]:
    """Return the columns that maps of a stream, or of a copy of it, leave out or change."""
    return {
        name
        for key, entries in maps.items()
        if key != ELSE and isinstance(entries, dict) and _takes(key, entries, stream)
        for name in _hidden_in(entries, columns)
    }


def _hidden_in(entries: Maps, columns: Columns) -> list[str]:
    """Return the columns that a map leaves out or changes."""
    is_kept = ELSE not in entries
    return [name for name in columns.all if entries.get(name, name if is_kept else None) != name]


def added_to(maps: Maps, columns: Columns) -> list[str]:
    """Return the places of what the maps of a stream add to it."""
    return [
        f"stream_maps{place_in(maps, key, name)}"
        for key, entries in maps.items()
        if isinstance(entries, dict)
        for name in properties_in(entries)
        if name not in columns.all and not is_removed(entries[name])
    ]


def place_of(maps: Maps, stream: str, alias: str | None, name: str | None) -> str:
    """Return the place of an entry that a record has gone through.

    Args:
        maps: The setting.
        stream: The record's stream.
        alias: The name of a copy of the stream (`__source__`); None for the stream itself.
        name: The property; None for the filter.
    """
    for key, entries in reversed(maps.items()):  # of several, the SDK takes the last
        if isinstance(entries, dict) and _takes(key, entries, stream):
            is_copy = SOURCE in entries
            if is_copy is (alias is not None) and alias in {None, key}:
                return f"stream_maps{place_in(maps, key, FILTER if name is None else name)}"
    return "stream_maps"


def _takes(key: str, entries: object, stream: str) -> bool:
    """Return whether a map is one of a stream."""
    source = entries.get(SOURCE, key) if isinstance(entries, dict) else key
    return fnmatch(stream, source)
