"""Whether a record, or a row of a table, still has everything that VCC Live sent.

A value is there when

- in a column of integers there is the same number, or the seconds of a duration;
- in a column of text there is the same text less NUL characters, with U+FFFD for each lone
  surrogate; or, where a number was sent, text of the same number;
- in a column of instants there is the instant in whole seconds that the timestamp stands for, or
  for the start of a call whose timestamp is none, the instant of its uuid;
- or else the original is in the additional fields: text, as said, under the same name, which is
  cleaned like any text and has something added when it is taken; a number as the same number or as
  text of it; what is nested deeper than 32 as text in JSON.

A field finds its column whatever the case of its name. Of several, the one named like the column
comes first, and the first that fits has it; one with the same value says nothing more.

Null in a declared field, a blank text where a number or an instant belongs and an instant of all
zeros mean "no value".
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from tests.values.clocks import Timestamp, instant_at, timestamp_in
from tests.values.schema import INTEGERS, PROPERTIES, SECONDS, TEXTS, TWINS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from tests.values.answers import Meant

_SURROGATE = re.compile("[\ud800-\udfff]")
_INTEGER = re.compile(r"[ \t\n\r\v\f]*[+-]?[0-9]+[ \t\n\r\v\f]*")
_WHOLE = re.compile(r"[ \t\n\r\v\f]*([+-]?[0-9]+)[.,](0+)[ \t\n\r\v\f]*")
_DURATION = re.compile(r"[ \t\n\r\v\f]*([0-9]+):([0-5][0-9]):([0-5][0-9])[ \t\n\r\v\f]*")
_ZEROS = re.compile(r"\s*(?=.*0)[-+0:./TZ\s]+")
_DEEPEST = 32


def missing(
    sent: Mapping[str, Meant], row: Mapping[str, Any], zone: ZoneInfo, near: datetime | None
) -> list[str]:
    """Return what of a CDR is not where it belongs, and what is there that nobody sent.

    Args:
        sent: What the fields of the CDR mean, by name.
        row: The record; its numbers with fractions are `Decimal`.
        zone: Time zone of the call centre.
        near: The instant in UTC that the call's uuid carries, if it does.
    """
    columns = _in_columns(sent)
    placed = {column: sent[name] for column, name in columns.items()}
    wrong = [*_wrong_columns(placed, row), *_wrong_instants(placed, row, zone, near)]
    originals = {
        name: meant
        for name, meant in sent.items()
        if not _has_place(name, meant, row, columns.get(name.lower()))
    }
    if originals or row["additional_fields"] is not None:
        wrong += _missing_from(originals, row["additional_fields"] or {}, 0)
    if not originals and row["additional_fields"] is not None:
        wrong.append("additional fields: there are none")
    return wrong


def _in_columns(sent: Mapping[str, Meant]) -> dict[str, str]:
    """Return the name of the field that each column is filled by."""
    columns: dict[str, str] = {}
    for name in sorted(sent, key=lambda name: name not in PROPERTIES):
        column = name if name in PROPERTIES else name.lower()
        if column not in PROPERTIES:
            continue
        before = sent[columns[column]] if column in columns else None
        if column in TWINS:
            fills = before is None
        else:
            fills = not _fills(column, before) and _fills(column, sent[name])
        if column not in columns or fills:
            columns[column] = name
    return columns


def _fills(column: str, meant: Meant) -> bool:
    """Return whether a value is one, and fits its column."""
    if column in INTEGERS:
        is_blank = isinstance(meant, str) and not meant.strip(" \t\n\r\v\f")
        return meant is not None and not is_blank and _as_integer(column, meant, None)[1]
    if column in TEXTS:
        return meant is not None and _as_text(column, meant, None)[1]
    return meant is not None


def _wrong_columns(sent: Mapping[str, Meant], row: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the columns of numbers and text."""
    if row.keys() != PROPERTIES.keys():
        yield f"other columns: {row.keys() ^ PROPERTIES.keys()}"
    for names, as_kind in ((INTEGERS, _as_integer), (TEXTS, _as_text)):
        for name in names:
            is_right, _ = as_kind(name, sent.get(name), row[name])
            if not is_right:
                yield f"{name}: {row[name]!r:.80} for {sent.get(name)!r:.80}"


def _wrong_instants(
    sent: Mapping[str, Meant], row: Mapping[str, Any], zone: ZoneInfo, near: datetime | None
) -> Iterator[str]:
    """Yield what is wrong with the columns of instants."""
    for twin in TWINS:
        expected = _instant_text(twin, sent, zone, near)
        if row[twin] != expected:
            yield f"{twin}: {row[twin]}, not {expected}"


def _has_place(name: str, meant: Meant, row: Mapping[str, Any], filled_by: str | None) -> bool:
    """Return whether a value of a CDR is all in its column, or none.

    Args:
        name: Name of the field.
        meant: What its value means.
        row: The record.
        filled_by: Name of the field that its column is filled by.
    """
    column = name if name in PROPERTIES else name.lower()
    if column in INTEGERS or column in TEXTS:
        as_kind = _as_integer if column in INTEGERS else _as_text
        is_right, has_place = as_kind(column, meant, row.get(column))
        return has_place and (name == filled_by or is_right or not _fills(column, meant))
    if column in TWINS and name != filled_by:
        return meant is None
    # By the uuid the row was found.
    return name == "uuid" or (column in TWINS and _is_whole_instant(meant))


def _as_integer(name: str, meant: Meant, value: object) -> tuple[bool, bool]:
    """Return whether what stands in a column of integers is right, and whether it is the value."""
    if meant is None or (isinstance(meant, str) and not meant.strip(" \t\n\r\v\f")):
        return value is None, True
    number = meant if isinstance(meant, Decimal) else None
    if isinstance(meant, str) and _INTEGER.fullmatch(meant):
        number = Decimal(meant.strip())
    elif isinstance(meant, str) and (whole := _WHOLE.fullmatch(meant)) and len(whole[2]) != 3:
        number = Decimal(whole[1])
    elif isinstance(meant, str) and name in SECONDS and (parts := _DURATION.fullmatch(meant)):
        hours, minutes, seconds = map(Decimal, parts.groups())
        number = hours * 3600 + minutes * 60 + seconds
    is_one = (
        number is not None and -(2**63) <= number < 2**63 and number == number.to_integral_value()
    )
    return (type(value) is int and value == number) if is_one else value is None, is_one


def _as_text(_name: str, meant: Meant, value: object) -> tuple[bool, bool]:
    """Return whether what stands in a column of text is right, and whether it is the value."""
    if meant is None:
        return value is None, True
    if isinstance(meant, str):
        return value == cleaned(meant), True
    if isinstance(meant, Decimal):
        return isinstance(value, str) and number_in(value) == meant, True
    return value is None, False


def _timestamp_in(meant: Meant) -> Timestamp | None:
    return timestamp_in(meant) if isinstance(meant, str) else None


def _means_nothing(meant: Meant) -> bool:
    """Return whether an instant stands for "no value"."""
    if isinstance(meant, str):
        return not meant.strip() or _ZEROS.fullmatch(meant) is not None
    return meant is None


def _is_whole_instant(meant: Meant) -> bool:
    """Return whether an instant that was sent is none, or one that its column can hold."""
    timestamp = _timestamp_in(meant)
    fits = timestamp and not timestamp.has_fraction and _at(timestamp, timedelta()) is not None
    return bool(fits) or _means_nothing(meant)


def _instant_text(
    twin: str, sent: Mapping[str, Meant], zone: ZoneInfo, near: datetime | None
) -> str | None:
    """Return what a column of instants has to say."""
    own, local = _timestamp_in(sent.get(twin)), _timestamp_in(sent.get(twin.removesuffix("_utc")))
    instant = _at(own, timedelta()) if own else None
    if instant is None and local:
        # A call-back has nothing to do with the instant of the call.
        near = None if twin == "next_contact_utc" else near
        has_offset = local.offset is not None
        instant = _at(local, timedelta()) if has_offset else instant_at(local.clock, zone, near)
    was_sent = not all(_means_nothing(sent.get(name)) for name in ("start_ts", "start_ts_utc"))
    if instant is None and twin == "start_ts_utc" and was_sent:
        instant = near and near.replace(microsecond=0)
    return None if instant is None else instant.isoformat()


def _at(timestamp: Timestamp, offset: timedelta) -> datetime | None:
    """Return the instant of a timestamp by its own offset or, without one, by another."""
    try:
        clock = timestamp.clock - (offset if timestamp.offset is None else timestamp.offset)
    except OverflowError:
        return None
    return clock.replace(tzinfo=UTC)


def _missing_from(sent: Mapping[str, Meant], kept: Mapping[str, Any], depth: int) -> list[str]:
    """Return the names whose values an object does not have, each under a name of its own."""
    free, rest = dict(kept), {}
    # First those that have kept their names: others can have been given one that looks like theirs.
    for name, meant in sent.items():
        wanted = cleaned(name)
        if wanted in free and _is_same(meant, free[wanted], depth):
            del free[wanted]
        else:
            rest[name] = meant
    wrong = []
    for name, meant in rest.items():
        alike = (key for key in free if key.startswith(f"{cleaned(name)}_"))
        found = next((key for key in alike if _is_same(meant, free[key], depth)), None)
        if found is None:
            wrong.append(f"gone: {name[:40]!r}, {meant!r:.80}")
        else:
            del free[found]
    return wrong + [f"nobody sent {name[:40]!r}: {value!r:.80}" for name, value in free.items()]


def _is_same(meant: Meant, kept: object, depth: int = 0) -> bool:
    if isinstance(meant, (dict, list)):
        if depth >= _DEEPEST and isinstance(kept, str):
            return _as_json(meant) == _as_json(json.loads(kept, parse_float=str, parse_int=str))
        if isinstance(meant, dict):
            return isinstance(kept, dict) and not _missing_from(meant, kept, depth + 1)
        return (
            isinstance(kept, list)
            and len(meant) == len(kept)
            and all(_is_same(*pair, depth + 1) for pair in zip(meant, kept, strict=True))
        )
    if isinstance(meant, Decimal):
        number = number_in(kept) if isinstance(kept, str) else kept
        return isinstance(number, (int, Decimal)) and type(number) is not bool and number == meant
    return type(kept) is type(meant) and kept == (
        cleaned(meant) if isinstance(meant, str) else meant
    )


def _as_json(value: object) -> object:
    """Return a value that nests deep in the form in which two can be compared."""
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    if isinstance(value, dict):
        return {cleaned(name): _as_json(item) for name, item in value.items()}
    if isinstance(value, str):
        number = number_in(value)
        return cleaned(value) if number is None else number
    return value


def number_in(text: str) -> Decimal | None:
    """Return the number that a text is, or None."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def cleaned(text: str) -> str:
    """Return a text as it may arrive: without NUL characters, lone surrogates replaced."""
    return _SURROGATE.sub("\ufffd", text.replace("\0", ""))
