"""Timestamps of the API -> instants in UTC, in the one form `YYYY-MM-DDTHH:MM:SS+00:00`.

VCC Live's timestamps are local time of the call centre without a zone (documented by example: the
documented call's uuid says 13:05:08 UTC, its `start_ts` 15:05:08 in Central European summer time).
The replication key is compared as text by the SDK, so there is one form only.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_TIMESTAMP: Final = re.compile(
    r"\s*(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,]\d{1,9})?"
    r"(Z|[+-]\d\d(?::?[0-5]\d)?)?\s*",
    re.ASCII,
)
# Other forms: year first or last, one digit for two, twelve hours twice, UTC by its name.
_OTHER: Final = re.compile(
    r"""\s*
    (?: (?P<year>\d{4}) (?P<mark>[-./]) (?P<month>\d\d?) (?P=mark) (?P<day>\d\d?)
      | (?P<one>\d\d?) (?P<sign>[-./]) (?P<other>\d\d?) (?P=sign) (?P<last>\d{4}) )
    (?: [Tt] | \.?,?[ ]+ )
    (?P<hour>\d\d?) : (?P<minute>\d\d) : (?P<second>\d\d) (?: [.,]\d{1,9} )?
    (?: [ ]? (?P<half>[AaPp]) (?: [Mm] | \.[Mm]\. ) )?
    (?: [ ]? (?P<offset> [Zz] | UTC | GMT | [+-]\d\d(?::?[0-5]\d)? ) )?
    \s*""",
    re.ASCII | re.VERBOSE,
)
_UTC: Final = ("Z", "UTC", "GMT")
_MONTHS: Final = 12
_HALF_A_DAY: Final = 12
# Newer Pythons read hour 24 as the next day's first, older ones not: nobody is to see a difference.
_PLAIN: Final = re.compile(r"\d{4}-\d\d-\d\d[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d", re.ASCII)
_HOUR_LENGTH: Final = len("YYYY-MM-DD hh")
_NO_VALUE: Final = re.compile(r"\s*|[\s:T./Z+-]*0[0\s:T./Z+-]*")

# The uuid is made when the call starts, so a timestamp of the call is not before it, but for the
# fraction of a second that timestamps leave out and for clocks that differ a little.
_BEFORE_UUID: Final = timedelta(minutes=1)


def is_no_value(value: object) -> bool:
    """Return whether a timestamp stands for "no value": null, empty, or all zeros."""
    if value is None:
        return True
    return isinstance(value, str) and _NO_VALUE.fullmatch(value) is not None


class LocalTime:
    """Reads timestamps of one call centre."""

    def __init__(self, zone: tzinfo) -> None:
        """Keep the time zone of the call centre."""
        self._zone = zone
        # Looking an offset up takes as long as all the rest; the calls of a list share hours.
        self._utc_hour = lru_cache(maxsize=4096)(partial(_utc_hour, zone=zone))

    def utc_text(self, value: object) -> str | None:
        """Return a timestamp that is in UTC unless it says otherwise; None when it is none."""
        return _plain(value, _same_hour) or _text_of(_parsed(value, UTC))

    def utc_text_of_local(
        self, value: object, near: Callable[[], datetime | None] | None = None
    ) -> str | None:
        """Return the instant of a local timestamp, or None when it is none.

        In the hour that the clocks repeat in autumn it is the first instant that is not before
        `near`, or without that the first; in the hour that they skip in spring it is read with
        the offset of winter.

        Args:
            value: Timestamp in the call centre's zone, unless it carries an offset.
            near: Tells the instant in UTC at which the call began, if it is known.
        """
        if plain := _plain(value, self._utc_hour):
            return plain
        first = _parsed(value, self._zone)
        if first is None or near is None or not _is_repeated(first):
            return _text_of(first)
        instant = near()
        is_second = instant is not None and first < instant - _BEFORE_UUID
        return _text_of(first.replace(fold=1) if is_second else first)


def _plain(value: object, utc_hour: Callable[[str], str | None]) -> str | None:
    """Return the instant of a timestamp of the form that the documentation shows, if it is easy.

    Args:
        value: The timestamp.
        utc_hour: Returns the beginning of an instant in an hour, from that of a timestamp, or None.
    """
    if type(value) is str and _PLAIN.fullmatch(value):
        hour = utc_hour(value[:_HOUR_LENGTH])
        if hour is not None:
            return f"{hour}{value[_HOUR_LENGTH:]}+00:00"
    return None


def _utc_hour(text: str, zone: tzinfo) -> str | None:
    """Return an hour of a zone in UTC, or None when it is not one whole hour there, or none."""
    try:
        hour = datetime.fromisoformat(text)
        last = hour.replace(minute=59, second=59)
        offsets = {
            time.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta()
            for time in (hour, last)
            for fold in (0, 1)
        }
        offset = offsets.pop()
        if offsets or offset % timedelta(hours=1):
            return None
        return (hour - offset).isoformat()[:_HOUR_LENGTH]
    except (ValueError, OverflowError):
        return None


_same_hour: Final = lru_cache(maxsize=4096)(partial(_utc_hour, zone=UTC))


def _is_repeated(local: datetime) -> bool:
    """Return whether the clocks show this time twice.

    The two readings of an hour that is skipped differ as well, but the other way round.
    """
    offset, second = local.utcoffset(), local.replace(fold=1).utcoffset()
    return offset is not None and second is not None and second < offset


def _parsed(value: object, zone: tzinfo) -> datetime | None:
    if not isinstance(value, str):
        return None
    if match := _TIMESTAMP.fullmatch(value):
        *texts, offset = match.groups()
        numbers = [*map(int, texts)]
    elif match := _OTHER.fullmatch(value):
        numbers, offset = _numbers_in(match), match["offset"]
        offset = "Z" if offset and offset.upper() in _UTC else offset
    else:
        return None
    try:
        year, month, day, hour, minute, second = numbers
        local = datetime(year, month, day, hour, minute, second, tzinfo=zone)
        if offset is None:
            return local
        return datetime.fromisoformat(local.replace(tzinfo=None).isoformat() + offset)
    except ValueError:
        return None


def _numbers_in(match: re.Match[str]) -> list[int]:
    """Return year to second of a timestamp in another form; fewer when it has two meanings."""
    hour, minute, second = (int(match[name]) for name in ("hour", "minute", "second"))
    if half := match["half"]:
        if not 1 <= hour <= _HALF_A_DAY:
            return []
        hour = hour % _HALF_A_DAY + (_HALF_A_DAY if half in "pP" else 0)
    if match["year"]:
        year, month, day = (int(match[name]) for name in ("year", "month", "day"))
    else:
        year, one, other = (int(match[name]) for name in ("last", "one", "other"))
        # 21.11. is a day of November wherever it is written; 5.11. is that or one of May.
        if one != other and max(one, other) <= _MONTHS:
            return []
        month, day = sorted((one, other))
    return [year, month, day, hour, minute, second]


def _text_of(instant: datetime | None) -> str | None:
    """Return an instant in its one form; None for none, and beyond the years 1 to 9999."""
    try:
        return instant.astimezone(UTC).isoformat(timespec="seconds") if instant else None
    except OverflowError:
        return None
