"""One call of a list: its uuid, and the year and month under which VCC Live keeps it.

A version-1 uuid carries the call's instant (VCC Live's documented example: uuid and `start_ts` are
the same instant), and with the call centre's zone the year and month of its resource. Any other
uuid tells nothing: its year and month must be given, or follow from the times of its webhook.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_vcclive.calls.event import TwoCallsError, call_event
from tap_vcclive.calls.months import BadMonthError, Month, given, told
from tap_vcclive.calls.uuids import TICKS_PER_SECOND, canonical_uuid, instant_of, ticks_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# In every zone of today a month begins on a quarter of an hour in UTC.
_QUARTER: Final = timedelta(minutes=15)
_TICKS_PER_QUARTER: Final = 900 * TICKS_PER_SECOND

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


class CallOrBefore(Call):
    """A call that can as well have begun in the month before: only its end is known.

    It equals the plain call of the same month, which is asked for first.
    """

    __slots__ = ()


def call_from(entry: object, zone: tzinfo) -> Call:
    """Return the call that an entry of a list names.

    Args:
        entry: A uuid, or an object with `uuid` and, if they are known, `year` and `month`, or what
            a webhook has sent; other keys are ignored.
        zone: Time zone of the call centre.

    Raises:
        BadCallError: When the entry has no uuid, or its year and month are neither given nor told.
    """
    if not isinstance(entry, dict):
        return call_of(entry, None, None, zone)
    try:
        event = call_event(entry)
    except TwoCallsError as error:
        raise BadCallError(str(error)) from None
    if event is None:
        raise BadCallError("no uuid")
    return call_of(event.get("uuid"), event.get("year"), event.get("month"), zone, event)


def call_of(
    uuid: object,
    year: object,
    month: object,
    zone: tzinfo,
    event: Mapping[str, Any] | None = None,
) -> Call:
    """Return the call of a uuid with its year and month, each None or empty when not known.

    Args:
        uuid: The uuid.
        year: The year.
        month: The month.
        zone: Time zone of the call centre.
        event: What a webhook has sent, for its times.

    Raises:
        BadCallError: See `call_from`.
    """
    canonical = canonical_uuid(uuid)
    if canonical is None:
        is_there = isinstance(uuid, str) and uuid.strip()
        raise BadCallError("malformed uuid" if is_there else "no uuid")
    try:
        pair = given(year, month)
    except BadMonthError as error:
        raise BadCallError(f"call {canonical}: {error}") from None
    if pair is None:
        pair = month_of_uuid(canonical, zone)
    if pair is not None:
        return Call(canonical, *pair)
    when = told(event, zone) if event is not None else None
    if when is None:
        raise BadCallError(
            f"call {canonical}: year and month must be given, as its uuid is not of version 1"
        )
    kind = CallOrBefore if when.or_before else Call
    return kind(canonical, when.year, when.month)


def month_of_uuid(uuid: str, zone: tzinfo) -> tuple[str, str] | None:
    """Return the month that a version-1 uuid tells; None for any other uuid."""
    ticks = ticks_of(uuid)
    return None if ticks is None else _month_at(ticks // _TICKS_PER_QUARTER, zone)


def neighbours_of(call: Call, zone: tzinfo) -> list[Call]:
    """Return under which other months a call may lie.

    Args:
        call: A call whose own month may be the wrong one.
        zone: Time zone of the call centre.

    Returns:
        The same call under the month that its uuid tells, if that is another one, and under the
        months within an hour of that instant. When the uuid tells no instant, under the month
        before, if it can have begun in that one.
    """
    instant = instant_of(call.uuid)
    if instant is None:
        may_be_before = isinstance(call, CallOrBefore)
        return [Call(call.uuid, *Month(*call[1:]).before())] if may_be_before else []
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
