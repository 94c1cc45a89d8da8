"""The fast way to a record: objects that look alike, and whose values are clean, all at once.

Nearly all objects of a resource have the same names and types of fields, some hundreds of ways at
the most. What has to be looked at one by one is found out once a way; the values that are left
are looked at together. It makes no record that `record.py` would not make value by value.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_vcclive.calls.uuids import UUID
from tap_vcclive.values.cleaning import LEAST, MOST, SURROGATE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_vcclive.values.declared import Declared, Twin

# What has more fields than any object is not worth remembering, and a server that makes ever new
# ones must not fill the memory.
_MOST_FORMS: Final = 4096
_MOST_FIELDS: Final = 200
_LONGEST_NAMES: Final = 4000


class TwinSource(NamedTuple):
    """What an instant is made of.

    Attributes:
        twin: The column of the instant.
        sent: Name of the field that may hold it in UTC.
        local: Name of the field that holds the local time.
    """

    twin: Twin
    sent: str
    local: str


class Sources(NamedTuple):
    """Where in an object the values of the columns stand, whatever the case of the fields' names.

    Attributes:
        columns: The column of each field that has one, those named just so first.
        shared: Columns that several fields have.
        twins: What each instant is made of.
    """

    columns: dict[str, str]
    shared: frozenset[str]
    twins: tuple[TwinSource, ...]


class Form(NamedTuple):
    """What objects with the same names and types of fields have in common.

    Attributes:
        texts: Gets the values that are text and fit their columns.
        numbers: Gets the values that are integers and fit their columns.
        uuids: Names of the fields among these texts that are to be uuids.
        columns: The columns of these, in this order; None when all fields are named like them.
        others: Names of the fields that are looked at one by one, in this order.
        sources: See `Sources`.
    """

    texts: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    numbers: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    uuids: tuple[str, ...]
    columns: tuple[str, ...] | None
    others: tuple[str, ...]
    sources: Sources

    def are_uuids(self, fields: Mapping[str, Any]) -> bool:
        """Return whether those that are to be uuids are, and in the one form."""
        for name in self.uuids:  # noqa: SIM110 - all() takes twice the time
            if not UUID.fullmatch(fields[name]):
                return False
        return True


class Forms:
    """What has been found out of the objects so far."""

    def __init__(self, declared: Declared) -> None:
        """Begin with none.

        Args:
            declared: The columns of the records.
        """
        self._declared = declared
        self._empty: dict[str, Any] = dict.fromkeys(declared.names)
        self._known: dict[tuple[tuple[str, ...], tuple[type, ...]], Form] = {}

    def begun(self, fields: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...], Sources]:
        """Return a record with all that is clean in it, and what is still to be looked at.

        Args:
            fields: The object as VCC Live sent it.

        Returns:
            The record, the names of the fields to look at, and where the columns' values stand.
        """
        form = self._form_of(fields)
        record = self._empty.copy()
        if form is None:
            sources = sources_of(fields, self._declared)
            return record, _in_turn(fields, sources), sources
        texts, numbers = form.texts(fields), form.numbers(fields)
        if not _are_clean(texts, numbers) or not form.are_uuids(fields):
            return record, _in_turn(fields, form.sources), form.sources
        if form.columns is None:
            record.update(fields)
            for name in form.others:
                if name in self._empty:
                    record[name] = None
                else:
                    del record[name]
        else:
            record.update(zip(form.columns, (*texts, *numbers), strict=True))
        return record, form.others, form.sources

    def _form_of(self, fields: Mapping[str, Any]) -> Form | None:
        """Return what an object has in common with others; None when it is like no other."""
        if len(fields) > _MOST_FIELDS:
            return None
        key = (tuple(fields), tuple(map(type, fields.values())))
        form = self._known.get(key)
        if form is None:
            if sum(map(len, fields)) > _LONGEST_NAMES:
                return None
            if len(self._known) >= _MOST_FORMS:
                self._known.clear()
            form = self._known[key] = _form_of(fields, self._declared)
        return form


def _are_clean(texts: tuple[str, ...], numbers: tuple[int, ...]) -> bool:
    """Return whether every target reads all of some values as they are."""
    text = "".join(texts)
    if "\0" in text or not (text.isascii() or not SURROGATE.search(text)):
        return False
    return not numbers or (min(numbers) >= LEAST and max(numbers) <= MOST)


def sources_of(fields: Mapping[str, Any], declared: Declared) -> Sources:
    """Return where in an object the values of the columns stand."""
    columns: dict[str, str] = {}
    shared: set[str] = set()
    taken: dict[str, str] = {}
    # First those that hold something, and of these the ones named like their column.
    for name in sorted(fields, key=lambda n: (fields[n] is None, n not in declared.all_names)):
        column = name if name in declared.all_names else name.lower()
        if column not in declared.all_names:
            continue
        if column in taken:
            shared.add(column)
        taken.setdefault(column, name)
        columns[name] = column
    twins = tuple(
        TwinSource(twin, taken.get(twin.name, twin.name), taken.get(twin.local, twin.local))
        for twin in declared.twins
    )
    return Sources(columns, frozenset(shared), twins)


def _form_of(fields: Mapping[str, Any], declared: Declared) -> Form:
    sources = sources_of(fields, declared)
    names: dict[type, list[str]] = {str: [], int: []}
    others = []
    is_as_named = True
    of_twins = {source.sent for source in sources.twins}
    for name in _in_turn(fields, sources):
        if name in of_twins:
            is_as_named &= name in declared.all_names
            continue
        column = sources.columns.get(name)
        kind = declared.plain.get(column) if column else None
        if column is None or kind is None or column in sources.shared:
            others.append(name)
            continue
        is_as_named &= name == column
        if kind is type(fields[name]):
            names[kind].append(name)
        elif fields[name] is not None:
            others.append(name)
    texts, numbers = names[str], names[int]
    columns = None if is_as_named else tuple(sources.columns[name] for name in (*texts, *numbers))
    uuids = tuple(name for name in texts if sources.columns[name] in declared.uuids)
    return Form(_getter(texts), _getter(numbers), uuids, columns, tuple(others), sources)


def _in_turn(fields: Mapping[str, Any], sources: Sources) -> tuple[str, ...]:
    """Return the names of the fields; of those that share a column, the one named like it first."""
    if not sources.shared:
        return tuple(fields)
    return tuple(sorted(fields, key=lambda name: sources.columns.get(name, name) != name))


def _getter(names: list[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Return what gets the values of some fields; `itemgetter` gets no tuple of one or none."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda fields: tuple(fields[name] for name in names)
