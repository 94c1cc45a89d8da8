"""Timestamps of the API -> instants in UTC, in the one form `YYYY-MM-DDTHH:MM:SS+00:00`.

VCC Live's timestamps are local time of the call centre without a zone (documented by example: the
documented call's uuid says 13:05:08 UTC, its `start_ts` 15:05:08 in Central European summer time).
The replication key is compared as text by the SDK, so there is one form only.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

_TIMESTAMP: Final = re.compile(
    r"\s*(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,]\d{1,9})?"
    r"(Z|[+-]\d\d(?::?\d\d)?)?\s*",
    re.ASCII,
)
_NO_VALUE: Final = re.compile(r"[0\s:T.Z+-]*")

# The uuid is made when the call starts, so a timestamp of the call is not before it, but for the
# fraction of a second that timestamps leave out and for clocks that differ a little.
_BEFORE_UUID: Final = timedelta(minutes=1)


def is_no_value(value: object) -> bool:
    """Return whether a timestamp stands for "no value": null, empty, or all zeros."""
    return value is None or (isinstance(value, str) and _NO_VALUE.fullmatch(value) is not None)


class LocalTime:
    """Reads timestamps of one call centre."""

    def __init__(self, zone: tzinfo) -> None:
        """Keep the time zone of the call centre."""
        self._zone = zone

    def utc_text(self, value: object) -> str | None:
        """Return a timestamp that is in UTC unless it says otherwise; None when it is none."""
        return _text_of(_parsed(value, UTC))

    def utc_text_of_local(self, value: object, near: datetime | None) -> str | None:
        """Return the instant of a local timestamp, or None when it is none.

        In the hour that the clocks repeat in autumn it is the first instant that is not before
        `near`, or without that the first; in the hour that they skip in spring it is read with
        the offset of winter.

        Args:
            value: Timestamp in the call centre's zone, unless it carries an offset.
            near: Instant in UTC at which the call began, if it is known.
        """
        first = _parsed(value, self._zone)
        if first is None or near is None or not _is_repeated(first):
            return _text_of(first)
        return _text_of(first.replace(fold=1) if first < near - _BEFORE_UUID else first)


def _is_repeated(local: datetime) -> bool:
    """Return whether the clocks show this time twice.

    The two readings of an hour that is skipped differ as well, but the other way round.
    """
    offset, second = local.utcoffset(), local.replace(fold=1).utcoffset()
    return offset is not None and second is not None and second < offset


def _parsed(value: object, zone: tzinfo) -> datetime | None:
    match = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    *numbers, offset = match.groups()
    try:
        year, month, day, hour, minute, second = map(int, numbers)
        local = datetime(year, month, day, hour, minute, second, tzinfo=zone)
        if offset is None:
            return local
        return datetime.fromisoformat(local.replace(tzinfo=None).isoformat() + offset)
    except ValueError:
        return None


def _text_of(instant: datetime | None) -> str | None:
    """Return an instant in its one form; None for none, and beyond the years 1 to 9999."""
    try:
        return instant.astimezone(UTC).isoformat(timespec="seconds") if instant else None
    except OverflowError:
        return None
