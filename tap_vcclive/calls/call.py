"""One call of a list: its uuid, and the year and month under which VCC Live keeps it.

A version-1 uuid carries the call's instant (VCC Live's documented example: uuid and `start_ts` are
the same instant), and with the call centre's zone the year and month of its resource. Any other
uuid tells nothing, so its year and month must be given.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final, NamedTuple

UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# As programs write one: in capitals, without hyphens, in braces, as a URN.
_SPELT: Final = re.compile(
    r"(?:urn:uuid:)?(?P<brace>\{)?"
    r"([0-9a-f]{8})(?P<hyphen>-?)([0-9a-f]{4})(?P=hyphen)([0-9a-f]{4})(?P=hyphen)([0-9a-f]{4})"
    r"(?P=hyphen)([0-9a-f]{12})(?(brace)\})",
    re.ASCII | re.IGNORECASE,
)
_YEAR: Final = re.compile(r"[0-9]{4}")
_MONTH: Final = re.compile(r"0?[1-9]|1[0-2]")

# A version-1 uuid counts 100 ns from the first day of the Gregorian calendar (RFC 9562, 5.1).
_GREGORIAN_TO_UNIX: Final = 0x01B21DD213814000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# In every zone of today a month begins on a quarter of an hour in UTC.
_QUARTER: Final = timedelta(minutes=15)

# The uuid's clock and VCC Live's need not agree to the second, so near the edge of a month a call
# can be filed under the other one.
_EDGE: Final = timedelta(hours=1)


class BadCallError(ValueError):
    """An entry of a list that names no call; the message never repeats what stands there."""


class Call(NamedTuple):
    """A call as VCC Live's resources name it.

    Attributes:
        uuid: The call's id, in lower case.
        year: Year of its start in the call centre's zone, four digits.
        month: Month of its start in the call centre's zone, two digits.
    """

    uuid: str
    year: str
    month: str

    @property
    def resource(self) -> str:
        """The path of the call's CDR below the address of the API."""
        return f"/cdr/{self.year}/{self.month}/{self.uuid}"


def call_from(entry: object, zone: tzinfo) -> Call:
    """Return the call that an entry of a list names.

    Args:
        entry: A uuid, or an object with `uuid` and, if they are known, `year` and `month`; other
            keys are ignored.
        zone: Time zone of the call centre.

    Raises:
        BadCallError: When the entry has no uuid, or its year and month are neither given nor told
            by the uuid.
    """
    if isinstance(entry, dict):
        return call_of(entry.get("uuid"), entry.get("year"), entry.get("month"), zone)
    return call_of(entry, None, None, zone)


def call_of(uuid: object, year: object, month: object, zone: tzinfo) -> Call:
    """Return the call of a uuid with its year and month, each None or empty when not known.

    Raises:
        BadCallError: See `call_from`.
    """
    canonical = canonical_uuid(uuid)
    if canonical is None:
        is_there = isinstance(uuid, str) and uuid.strip()
        raise BadCallError("malformed uuid" if is_there else "no uuid")
    uuid = canonical
    year, month = _text(year), _text(month)
    if year and month:
        if not _YEAR.fullmatch(year):
            raise BadCallError(f"call {uuid}: year must be four digits")
        if not _MONTH.fullmatch(month):
            raise BadCallError(f"call {uuid}: month must be 01 to 12")
        return Call(uuid, year, month.zfill(2))
    if year or month:
        raise BadCallError(f"call {uuid}: year and month must be given together")
    instant = instant_of(uuid)
    if instant is None:
        raise BadCallError(
            f"call {uuid}: year and month must be given, as its uuid is not of version 1"
        )
    return Call(uuid, *_month_at((instant - _EPOCH) // _QUARTER, zone))


def canonical_uuid(text: object) -> str | None:
    """Return a uuid in lower case with hyphens, however it is spelt; None for what is none.

    Capitals, blanks around it, braces, `urn:uuid:` and missing hyphens change nothing.
    """
    if not isinstance(text, str):
        return None
    if UUID.fullmatch(text):
        return text
    match = _SPELT.fullmatch(text.strip())
    return "-".join(match.group(2, 4, 5, 6, 7)).lower() if match else None


def uuid_in(cdr: object) -> str | None:
    """Return the uuid of a CDR as VCC Live sent it, or None when it is no CDR.

    Returns:
        The uuid in lower case with hyphens, whatever the case of the field's name; None, too, when
        there is none in `uuid` and fields such as `UUID` and `Uuid` name several.
    """
    if not isinstance(cdr, dict):
        return None
    uuid = cdr.get("uuid")
    # Nearly all are as documented, and there is one in each row.
    if type(uuid) is str and UUID.fullmatch(uuid):
        return uuid
    if found := canonical_uuid(uuid):
        return found
    others = {canonical_uuid(value) for name, value in cdr.items() if name.lower() == "uuid"}
    others.discard(None)
    return others.pop() if len(others) == 1 else None


def instant_of(uuid: str) -> datetime | None:
    """Return the instant in UTC that a version-1 uuid carries, or None for any other uuid."""
    if uuid[14] != "1" or uuid[19] not in "89ab":
        return None
    ticks = int(uuid[15:18] + uuid[9:13] + uuid[:8], 16) - _GREGORIAN_TO_UNIX
    return _EPOCH + timedelta(microseconds=ticks // 10)


def neighbours_of(call: Call, zone: tzinfo) -> list[Call]:
    """Return under which other months a call may lie.

    Args:
        call: A call whose own month may be the wrong one.
        zone: Time zone of the call centre.

    Returns:
        The same call under the month that its uuid tells, if that is another one, and under the
        months within an hour of that instant. Empty when the uuid tells no instant.
    """
    instant = instant_of(call.uuid)
    if instant is None:
        return []
    months = [_month_of(near, zone) for near in (instant, instant - _EDGE, instant + _EDGE)]
    own = (call.year, call.month)
    return [Call(call.uuid, *month) for month in dict.fromkeys(months) if month != own]


@lru_cache(maxsize=4096)
def _month_at(quarter: int, zone: tzinfo) -> tuple[str, str]:
    """Return the month of a quarter of an hour since 1970; lists go by time, so it recurs."""
    return _month_of(_EPOCH + quarter * _QUARTER, zone)


def _month_of(instant: datetime, zone: tzinfo) -> tuple[str, str]:
    local = instant.astimezone(zone)
    return f"{local.year:04d}", f"{local.month:02d}"


def _text(value: object) -> str:
    """Return a year or month as text; numbers come from JSON, texts from CSV."""
    if value is None:
        return ""
    return str(value).strip() if isinstance(value, (str, int)) else "?"
