"""What the clocks of a zone show, found by trying: the judge of the tap's own arithmetic.

Nothing here knows of `fold`: an instant belongs to a local time when zoneinfo says that the clocks
show this time at that instant.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_FORM = re.compile(
    r"[ \t\n\r\v\f]*"
    r"(?P<clock>[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?P<fraction>[.,][0-9]{1,9})?"
    r"(?P<offset>Z|[+-][0-9]{2}(:?[0-5][0-9])?)?"
    r"[ \t\n\r\v\f]*"
)
_GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)
_TOLERANCE = timedelta(minutes=1)


class Timestamp(NamedTuple):
    """A timestamp of the API.

    Attributes:
        clock: What it says, without zone and fraction.
        offset: Its own offset from UTC, or None.
        has_fraction: Whether it says more than whole seconds.
    """

    clock: datetime
    offset: timedelta | None
    has_fraction: bool


def timestamp_in(text: str) -> Timestamp | None:
    """Return the timestamp that a text is, or None when it is none of this calendar."""
    match = _FORM.fullmatch(text)
    if match is None:
        return _in_another_form(text)
    try:
        clock = datetime.strptime(match["clock"].replace("T", " "), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - a clock has no zone
    except ValueError:
        return None
    if clock.strftime("%S") != match["clock"][-2:]:
        return None  # strptime takes leap seconds
    offset = _offset_in(match["offset"])
    if offset is not None and abs(offset) >= timedelta(days=1):
        return None
    return Timestamp(clock, offset, match["fraction"] is not None)


def _in_another_form(text: str) -> Timestamp | None:
    """Return the timestamp that a text is in a form other than that of the documentation."""
    if not re.fullmatch(r"[0-9 \t.,:/APMUTCGZapmz-]+", text):
        return None
    offset = None
    for name in (" UTC", " GMT", " Z", "z"):
        if text.endswith(name):
            text, offset = text.removesuffix(name), timedelta()
    found = set()
    for date in ("%Y.%m.%d", "%Y.%m.%d.", "%Y/%m/%d", "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"):
        for time in ("%H:%M:%S", "%I:%M:%S %p"):
            for form in (date, date.replace("%d.%m", "%m.%d"), date.replace("%m/%d", "%d/%m")):
                try:
                    found.add(datetime.strptime(text.strip(" \t"), f"{form} {time}"))  # noqa: DTZ007 - a clock has no zone
                except ValueError:
                    continue
    return Timestamp(found.pop(), offset, has_fraction=False) if len(found) == 1 else None


def _offset_in(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if text == "Z":
        return timedelta()
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if text[0] == "-" else size


def instants_showing(clock: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the instants at which the clocks of a zone show a time: none, one or two."""
    found = set()
    for offset in _offsets_around(clock, zone):
        try:
            instant = (clock - offset).replace(tzinfo=UTC)
            if instant.astimezone(zone).replace(tzinfo=None) == clock:
                found.add(instant)
        except OverflowError:  # beyond the calendar
            continue
    return sorted(found)


def instant_at(clock: datetime, zone: ZoneInfo, near: datetime | None) -> datetime | None:
    """Return the instant that a local time stands for.

    Of two it is the first that is not before `near`; where the clocks skip the time, it is read
    with the offset of before.

    Args:
        clock: The local time.
        zone: Its zone.
        near: When the call began, if that is known.

    Returns:
        The instant, or None when it lies beyond the calendar.
    """
    instants = instants_showing(clock, zone)
    if len(instants) > 1 and near is not None and instants[0] < near - _TOLERANCE:
        return instants[1]
    if instants:
        return instants[0]
    try:
        return (clock - _offsets_around(clock, zone)[0]).replace(tzinfo=UTC)
    except OverflowError:
        return None


def _offsets_around(clock: datetime, zone: ZoneInfo) -> list[timedelta]:
    """Return the offsets of a zone from two days before a time to two days after it."""
    offsets = []
    for days in range(-2, 3):
        try:
            instant = clock.replace(tzinfo=UTC) + timedelta(days=days)
            offset = instant.astimezone(zone).utcoffset()
        except OverflowError:
            continue
        assert offset is not None
        offsets.append(offset)
    return offsets


def changes_of(zone: ZoneInfo, first: int = 1880, last: int = 2037) -> list[datetime]:
    """Return the instants at which the clocks of a zone change, found by bisection."""
    changes = []
    day = timedelta(days=1)
    before, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last, 12, 31, tzinfo=UTC)
    while before < end:
        after = before + 14 * day
        if _offset_at(before, zone) != _offset_at(after, zone):
            low, high = before, after
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                if _offset_at(middle, zone) == _offset_at(before, zone):
                    low = middle
                else:
                    high = middle
            changes.append(high)
        before = after
    return changes


def _offset_at(instant: datetime, zone: ZoneInfo) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()


def uuid_at(instant: datetime, node: int = 0x6547F8762750) -> str:
    """Return a uuid of version 1 that carries an instant."""
    ticks = (instant - _GREGORIAN) // timedelta(microseconds=1) * 10
    fields = (ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48, 0xA6, 0xDA, node)
    return str(UUID(fields=fields, version=1))
