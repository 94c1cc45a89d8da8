"""What a schema says of a stream's columns: how each is read, and which instants belong to which.

Beside what JSON Schema knows, the files of `schemas/` say three things in words of their own, which
are taken out before a target sees them: `x-form` is how a value is written (`uuid`, or `duration`
in seconds, which one client of VCC Live reads as `hh:mm:ss`, too); `x-near` names what tells an
instant near to a local time, and so which of two hours is meant when clocks repeat one;
`x-otherwise` names what tells the instant where the local time cannot be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_vcclive.values.columns import (
    Reader,
    array_of,
    boolean,
    duration,
    integer,
    json_object,
    number,
    text,
    uuid,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

ADDITIONAL: Final = "additional_fields"

_BY_FORM: Final[Mapping[str, Reader]] = {"uuid": uuid, "duration": duration}
_BY_TYPE: Final[Mapping[str, Reader]] = {
    "string": text,
    "integer": integer,
    "number": number,
    "boolean": boolean,
    "object": json_object,
}
# Types whose values, when they are of it, need no more than a look at all of them together.
_PLAIN: Final[Mapping[str, type[str | int]]] = {"string": str, "integer": int}
_SUFFIX: Final = "_utc"


class Twin(NamedTuple):
    """A column that holds the instant of a local time.

    Attributes:
        name: Its name.
        local: The column of the local time.
        is_near: Whether the instant of the row, a call's for instance, is near to it.
        is_of_row: Whether that instant stands for a local time that cannot be read.
    """

    name: str
    local: str
    is_near: bool
    is_of_row: bool


class Declared:
    """The columns of a stream.

    Attributes:
        names: All of them, in the order of the schema.
        all_names: The same, to be looked up.
        readers: How the value of each is read, but for instants and the additional fields.
        plain: The type of those whose values can be clean as they come.
        uuids: Those of them that hold uuids.
        twins: The instants.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        """Read a schema.

        Args:
            schema: JSON schema of the records, with a property `additional_fields`; a property
                `x_utc` of format date-time is the twin of the local time `x`.
        """
        properties: Mapping[str, Mapping[str, Any]] = schema["properties"]
        self.names = tuple(properties)
        self.all_names = frozenset(properties)
        self.readers: dict[str, Reader] = {}
        self.plain: dict[str, type[str | int]] = {}
        self.twins: list[Twin] = []
        self.uuids = {name for name, one in properties.items() if one.get("x-form") == "uuid"}
        for name, declared in properties.items():
            if declared.get("format") == "date-time":
                local, near, of_row = (
                    name.removesuffix(_SUFFIX),
                    "x-near" in declared,
                    "x-otherwise" in declared,
                )
                self.twins.append(Twin(name, local, near, of_row))
            elif name != ADDITIONAL:
                self.readers[name] = _reader_of(declared)
                if (kind := _type_of(declared)) in _PLAIN:
                    self.plain[name] = _PLAIN[kind]


def without_own_words(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """Return a schema without what only the tap reads in it."""
    if isinstance(schema, dict):
        kept = {name: part for name, part in schema.items() if not name.startswith("x-")}
        return {name: without_own_words(part) for name, part in kept.items()}
    return schema


def _type_of(declared: Mapping[str, Any]) -> str:
    """Return the JSON type of a column, leaving out that it can be null."""
    types = declared["type"]
    return str(types if isinstance(types, str) else next(one for one in types if one != "null"))


def _reader_of(declared: Mapping[str, Any]) -> Reader:
    """Return how the values of a column are read."""
    if form := declared.get("x-form"):
        return _BY_FORM[form]
    kind = _type_of(declared)
    if kind == "array":
        items = declared.get("items")
        return array_of(_reader_of(items) if items else None)
    return _BY_TYPE[kind]
