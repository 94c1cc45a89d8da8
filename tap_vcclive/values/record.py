"""API values -> clean values of a record: numbers, timestamps, text, additional fields.

VCC Live's documentation and the clients seen disagree on types, so every value is accepted in
every form: what fits its column is put there, and the original of what does not is kept in
`additional_fields`. Nothing that the API sends is dropped, and nothing leaves that a target
refuses (NUL characters, lone surrogates, integers beyond 64 bits, impossible timestamps).
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from hashlib import sha256
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_vcclive.values.timestamps import LocalTime, is_no_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, tzinfo

ADDITIONAL: Final = "additional_fields"

_INTEGER: Final = re.compile(r"\s*[+-]?[0-9]{1,30}\s*", re.ASCII)
_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1
# PostgreSQL's jsonb and most warehouses read numbers of about this size; larger ones stay as text.
_LARGEST_EXPONENT: Final = 300
_MOST_DIGITS: Final = 1000
# Deeper than any answer seen, and shallow enough for every JSON reader.
_DEEPEST: Final = 32
_BLANKS: Final = " \t\n\r\v\f"
_FRACTION: Final = re.compile("[.,]")
_NAME: Final = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
_LONG_NUMBER: Final = re.compile("[0-9]{5}")
_MOST_NAMES: Final = 50
# Values come and go from call to call, in some hundreds of ways; what has more fields than any call
# is not worth remembering, and a server that makes ever new ones must not fill the memory.
_MOST_FORMS: Final = 4096
_MOST_FIELDS: Final = 200
_LONGEST_NAMES: Final = 4000
_DIGITS_OF_DIGEST: Final = 16
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class NoFitError(ValueError):
    """A value that does not fit its column."""


class _Form(NamedTuple):
    """What objects with the same names and types of fields have in common.

    Attributes:
        texts: Gets the values that are text and fit their columns; None when there are hardly any.
        numbers: Gets the values that are integers and fit their columns, likewise.
        others: Names of the fields that are looked at one by one.
    """

    texts: itemgetter[Any] | None
    numbers: itemgetter[Any] | None
    others: tuple[str, ...]


class Values:
    """Turns objects of the API into records of a schema.

    Attributes:
        undeclared: Names of the fields seen that the schema does not declare, 50 at most.
        misfits: Names of the fields seen with values that do not fit their column, 50 at most.
    """

    def __init__(self, schema: Mapping[str, Any], zone: tzinfo) -> None:
        """Prepare for a schema.

        Args:
            schema: JSON schema of the records, with a property `additional_fields`; a property
                `x_utc` of format date-time is the twin of the local timestamp `x`.
            zone: Time zone of the call centre.
        """
        self._local_time = LocalTime(zone)
        self._empty: dict[str, Any] = dict.fromkeys(schema["properties"])
        self._forms: dict[tuple[tuple[str, ...], tuple[type, ...]], _Form] = {}
        self._twins: dict[str, str] = {}
        self._kinds: dict[str, type[str | int]] = {}
        for name, declared in schema["properties"].items():
            if declared.get("format") == "date-time":
                self._twins[name] = name.removesuffix("_utc")
            elif name != ADDITIONAL:
                self._kinds[name] = int if "integer" in declared["type"] else str
        self.undeclared: dict[str, None] = {}
        self.misfits: dict[str, None] = {}

    def record(
        self, fields: Mapping[str, Any], instant: Callable[[], datetime | None]
    ) -> dict[str, Any]:
        """Return the complete record of an object of the API.

        Args:
            fields: The object as VCC Live sent it.
            instant: Tells the instant in UTC that the object's uuid carries, if it does; it tells
                the two hours apart that the clocks repeat in autumn.
        """
        record: dict[str, Any] = self._empty.copy()
        additional: dict[str, Any] = {}
        if not self._take_over(fields, record, additional):
            for name, value in fields.items():
                self._put(name, value, record, additional)
        for twin, local in self._twins.items():
            record[twin] = self._instant_text(fields, twin, local, instant, additional)
        if additional:
            record[ADDITIONAL] = additional
        return record

    def _take_over(
        self, fields: Mapping[str, Any], record: dict[str, Any], additional: dict[str, Any]
    ) -> bool:
        """Put all values where they belong at once; return False when they have to be looked at.

        Nearly all objects look alike, and their values are clean and of their kind: looking at each
        would take longer than all the rest.
        """
        if len(fields) > _MOST_FIELDS:
            return False
        form = (tuple(fields), tuple(map(type, fields.values())))
        known = self._forms.get(form)
        if known is None:
            if sum(map(len, fields)) > _LONGEST_NAMES:
                return False
            if len(self._forms) >= _MOST_FORMS:
                self._forms.clear()
            known = self._forms[form] = self._form_of(fields)
        if known.texts is None or known.numbers is None:
            return False
        text, numbers = "".join(known.texts(fields)), known.numbers(fields)
        if "\0" in text or not (text.isascii() or not _SURROGATE.search(text)):
            return False
        if min(numbers) < _LEAST or max(numbers) > _MOST:
            return False
        record.update(fields)
        for name in known.others:
            if name in self._empty:
                record[name] = None
            else:
                del record[name]
            self._put(name, fields[name], record, additional)
        return True

    def _form_of(self, fields: Mapping[str, Any]) -> _Form:
        """Return what all objects have in common whose fields have these names and types."""
        names: dict[type, list[str]] = {str: [], int: []}
        others = []
        for name, value in fields.items():
            if value is None and name in self._kinds:
                continue
            if self._kinds.get(name) is type(value):
                names[type(value)].append(name)
            else:
                others.append(name)
        # With fewer than two names, itemgetter returns no tuple.
        texts, numbers = (
            itemgetter(*of_kind) if len(of_kind) > 1 else None for of_kind in names.values()
        )
        return _Form(texts, numbers, tuple(others))

    def _put(
        self, name: str, value: object, record: dict[str, Any], additional: dict[str, Any]
    ) -> None:
        """Put a value of any kind where it belongs."""
        kind = self._kinds.get(name)
        if kind is None:
            if name not in self._twins:
                self._keep(self.undeclared, name, value, additional)
        elif value is not None:
            try:
                record[name] = text(value) if kind is str else integer(value)
            except NoFitError:
                self._keep(self.misfits, name, value, additional)

    def _instant_text(
        self,
        fields: Mapping[str, Any],
        twin: str,
        local: str,
        instant: Callable[[], datetime | None],
        additional: dict[str, Any],
    ) -> str | None:
        """Return the UTC twin of a local timestamp, the API's own where it sends a good one."""
        sent = fields.get(twin)
        if not is_no_value(sent):
            value = self._local_time.utc_text(sent)
            if value is None or _FRACTION.search(str(sent)):  # the twin has whole seconds only
                self._keep(self.misfits, twin, sent, additional)
            if value is not None:
                return value
        # A call-back lies too far from the call for the uuid to tell its hour.
        near = None if local == "next_contact" else instant
        return self._local_time.utc_text_of_local(fields.get(local), near)

    def _keep(
        self, seen: dict[str, None], name: str, value: object, additional: dict[str, Any]
    ) -> None:
        """Put an original into the additional fields."""
        if len(seen) < _MOST_NAMES and name not in seen:
            # What is no name of a field can be anything, and the names go into the log.
            is_name = _NAME.fullmatch(name) and not _LONG_NUMBER.search(name)
            seen[name if is_name else "(odd name)"] = None
        additional[_free_name(name, additional)] = clean(value)


def text(value: object) -> str:
    """Return a value of a text column: text as it is, a number as it was written.

    Raises:
        NoFitError: When it is neither.
    """
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return _number_text(value)
    raise NoFitError


def integer(value: object) -> int | None:
    """Return a value of an integer column; an empty string is no value.

    Raises:
        NoFitError: When it is no integer, or one beyond 64 bits.
    """
    if type(value) is int:
        number = value
    elif isinstance(value, str):
        if not value.strip(_BLANKS):
            return None
        if not _INTEGER.fullmatch(value):
            raise NoFitError
        number = int(value)
    elif isinstance(value, Decimal) and _fits(value):
        number = int(value)
    else:
        raise NoFitError
    if not _LEAST <= number <= _MOST:
        raise NoFitError
    return number


def _fits(value: Decimal) -> bool:
    """Return whether a number is an integer of 64 bits; never makes an integer of a huge one."""
    return _LEAST <= value <= _MOST and value == int(value)


def clean(value: object, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value that every target reads, with nothing of it lost.

    NUL characters are removed and lone surrogates replaced, as no database keeps them as text;
    numbers too large for JSON readers, and what is nested too deep, become text.
    """
    match value:
        case None | bool():
            return value
        case str():
            return clean_text(value)
        case int() | Decimal():
            return _clean_number(value)
        case dict() if depth < _DEEPEST:
            return _clean_object(value, depth)
        case list() if depth < _DEEPEST:
            return [clean(item, depth + 1) for item in value]
        case _:
            return clean_text(_json_text(value))


class _Mark(str):
    """A piece of JSON that is written as it is."""

    __slots__ = ()


def _json_text(value: object) -> str:
    """Return a value as JSON, however deep it is nested: functions that call each other end."""
    written: list[str] = []
    rest = [value]
    while rest:
        match rest.pop():
            case _Mark() as mark:
                written.append(mark)
            case dict() as item:
                pairs = [(_Mark(f"{_json_scalar(name)}: "), inner) for name, inner in item.items()]
                rest += _in_reverse("{", pairs, "}")
            case list() as item:
                rest += _in_reverse("[", [(inner,) for inner in item], "]")
            case item:
                written.append(_json_scalar(item))
    return "".join(written)


def _json_scalar(value: object) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


def _in_reverse(begin: str, items: list[tuple[Any, ...]], end: str) -> list[Any]:
    """Return an array or an object in pieces, the last first."""
    pieces: list[Any] = [_Mark(begin)]
    for number, item in enumerate(items):
        pieces += (_Mark(", "), *item) if number else item
    pieces.append(_Mark(end))
    return pieces[::-1]


def _clean_object(value: dict[str, Any], depth: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, item in value.items():
        result[_free_name(name, result)] = clean(item, depth + 1)
    return result


def _free_name(name: str, taken: Mapping[str, Any]) -> str:
    """Return a clean name that is not taken: two names can differ in a NUL character only.

    The second name has a digest added and not a number: there can be many, and to count up to a
    number that is free would take as long as all that are not.
    """
    free = clean_text(name)
    if free in taken:
        digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        free = f"{free}_{digest[:_DIGITS_OF_DIGEST]}"
    while free in taken:
        free += "_"
    return free


def clean_text(value: str) -> str:
    """Return text without NUL characters and with lone surrogates replaced."""
    if value.isascii():
        return value.replace("\0", "") if "\0" in value else value
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value.replace("\0", ""))


def _clean_number(value: int | Decimal) -> int | Decimal | str:
    if isinstance(value, int):
        small = _LEAST <= value <= _MOST
    else:
        _, digits, exponent = value.as_tuple()
        small = abs(value.adjusted()) <= _LARGEST_EXPONENT and len(digits) <= _MOST_DIGITS
        # Without an exponent it is written as an integer.
        small = small and (exponent != 0 or _LEAST <= value <= _MOST)
    return value if small else _number_text(value)


def _number_text(value: int | Decimal) -> str:
    """Return a number as text; Decimal writes even those that Python's int refuses to."""
    return str(value if isinstance(value, Decimal) else Decimal(value))
