"""Which month a row of a list gives: in year and month, or in the times of a webhook.

Programs write a month in many ways, and VCC Live's webhooks carry none: theirs follows from when
the call began, or from when it was closed, which can be in the next month.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# pandas writes whole numbers of a column with gaps as 2026.0.
_YEAR: Final = re.compile(r"([0-9]{4})(?:\.0*)?")
_MONTH: Final = re.compile(r"(0?[1-9]|1[0-2])(?:\.0*)?")
_NOT_GIVEN: Final = frozenset({"", "nan", "none", "null", "<na>", "nat"})
# Longer texts are no months, and are not to be remembered.
_MOST_CHARACTERS: Final = 16

# `create_time` comes with colons in the time, and on an older page with hyphens.
_TIME: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]"
    r"([0-9]{2})[:-]([0-9]{2})(?:[:-]([0-9]{2})(?:[.,][0-9]+)?)?"
    r" ?(?:(Z)|([+-])([0-9]{2}):?([0-9]{2}))?",
    re.ASCII,
)
_START: Final = "call_start_time"
_ENDS: Final = ("create_time", "timestamp")
# No call lasts longer, until the agent has closed it.
_LONGEST_CALL: Final = timedelta(days=1)


class BadMonthError(ValueError):
    """A year and a month that are none; the message never repeats what stands there."""


class Month(NamedTuple):
    """A month that a row tells.

    Attributes:
        year: Four digits.
        month: Two digits.
        or_before: Whether the call can as well lie in the month before.
    """

    year: str
    month: str
    or_before: bool = False

    def before(self) -> tuple[str, str]:
        """Return year and month of the month before."""
        if self.month == "01":
            return f"{int(self.year) - 1:04d}", "12"
        return self.year, f"{int(self.month) - 1:02d}"


def given(year: object, month: object) -> tuple[str, str] | None:
    """Return year and month as they are given, four and two digits; None when neither is.

    Raises:
        BadMonthError: When they are no month, or one of them is given without the other.
    """
    years, months = _text(year), _text(month)
    if len(years) > _MOST_CHARACTERS or len(months) > _MOST_CHARACTERS:
        return _given.__wrapped__(years, months)
    return _given(years, months)


@lru_cache(maxsize=4096)
def _given(year: str, month: str) -> tuple[str, str] | None:
    year, month = (text.strip().lower() for text in (year, month))
    if year in _NOT_GIVEN and month in _NOT_GIVEN:
        return None
    if year in _NOT_GIVEN or month in _NOT_GIVEN:
        raise BadMonthError("year and month must be given together")
    years, months = _YEAR.fullmatch(year), _MONTH.fullmatch(month)
    if years is None:
        raise BadMonthError("year must be four digits")
    if months is None:
        raise BadMonthError("month must be 01 to 12")
    return years[1], months[1].zfill(2)


def _text(value: object) -> str:
    """Return a year or a month as text: JSON has numbers, CSV texts."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    is_number = isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
    return str(value) if is_number else "?"


def told(event: Mapping[str, object], zone: tzinfo) -> Month | None:
    """Return the month that the times of a webhook tell; None when it has none of them.

    Args:
        event: What the webhook has sent.
        zone: Time zone of the call centre, in which times without an offset are.

    Returns:
        The month in which the call began; when that is not told, the one in which it was closed.
    """
    start = _local(event.get(_START), zone)
    if start is not None:
        return Month(f"{start.year:04d}", f"{start.month:02d}")
    end = next(filter(None, (_local(event.get(name), zone) for name in _ENDS)), None)
    if end is None:
        return None
    try:
        is_near = (end.year, end.month) != _month_of(end - _LONGEST_CALL)
    except OverflowError:
        is_near = False
    return Month(f"{end.year:04d}", f"{end.month:02d}", or_before=is_near)


def _month_of(local: datetime) -> tuple[int, int]:
    return local.year, local.month


def _local(value: object, zone: tzinfo) -> datetime | None:
    """Return a time of a webhook on the call centre's clock; None for what is no time."""
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    *digits, _utc, sign, hours, minutes = match.groups(default="0")
    try:
        local = datetime(*map(int, digits))  # type: ignore[arg-type]  # noqa: DTZ001 - a wall clock
        if match[7] is None and match[8] is None:
            return local
        offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
        return local.replace(tzinfo=timezone(offset)).astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
