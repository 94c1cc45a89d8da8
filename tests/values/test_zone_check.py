"""A wrong `timezone` is told, once and only when all that the calls tell speaks against it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.calls.uuids import instant_of
from tap_vcclive.values.record import Values
from tap_vcclive.values.zone_check import ZoneCheck
from tests.soak import FACTOR
from tests.values.clocks import uuid_at
from tests.values.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable

BUDAPEST = "Europe/Budapest"
SUMMER = datetime(2026, 7, 1, 8, tzinfo=UTC)
WINTER = datetime(2026, 1, 20, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
QUESTION = "is timezone right?"


def moments(first: datetime, count: int = 60, step: timedelta = 7 * MINUTE) -> list[datetime]:
    """Return the instants at which calls begin."""
    return [first + number * step for number in range(count)]


def call_at(instant: datetime, zone: str, late: timedelta = timedelta()) -> dict[str, Any]:
    """Return a call of a centre in a zone, its uuid made so much after its start."""
    local = instant.astimezone(ZoneInfo(zone))
    return {"uuid": uuid_at(instant + late), "start_ts": f"{local:%Y-%m-%d %H:%M:%S}"}


def calls_at(instants: Iterable[datetime], zone: str) -> list[dict[str, Any]]:
    """Return a call of a centre in a zone for each instant."""
    return [call_at(instant, zone) for instant in instants]


def lines_of(calls: Iterable[dict[str, Any]], zone: str = BUDAPEST) -> list[str]:
    """Return what a user is told of calls that are read with a zone."""
    values = Values(SCHEMA, ZoneInfo(zone), ZoneCheck(ZoneInfo(zone)))
    for call in calls:
        values.record(call, lambda call=call: instant_of(call["uuid"]))  # type: ignore[misc]
    return [*values.warnings()]


@pytest.mark.parametrize(
    ("zone", "first", "amount"),
    [
        ("Europe/London", SUMMER, "1 h"),
        ("Europe/London", WINTER, "1 h"),
        ("UTC", SUMMER, "2 h"),
        ("America/Bogota", WINTER, "6 h"),
        ("Asia/Kolkata", SUMMER, "3 h 30 min"),
        ("Asia/Kathmandu", SUMMER, "3 h 45 min"),
        ("Pacific/Apia", WINTER, "12 h"),
    ],
)
def test_a_wrong_zone_is_told_with_the_difference(zone: str, first: datetime, amount: str) -> None:
    line = f"start_ts and the uuids differ by {amount} in all 60 calls compared: {QUESTION}"
    assert lines_of(calls_at(moments(first), zone)) == [line]


@pytest.mark.parametrize("zone", ["Europe/Budapest", "Europe/Berlin", "America/Bogota", "UTC"])
def test_nothing_is_told_of_the_right_zone(zone: str) -> None:
    year = moments(WINTER, 2000, step=timedelta(hours=5))
    for first in (SUMMER, WINTER):
        for instants in (moments(first), year):
            late = [timedelta(seconds=number % 120 - 60) for number in range(len(instants))]
            calls = [call_at(i, zone, late=s) for i, s in zip(instants, late, strict=True)]
            assert not lines_of(calls, "Europe/Budapest" if zone == "Europe/Berlin" else zone)


def test_a_uuid_that_is_made_up_to_a_minute_from_the_start_changes_nothing() -> None:
    calls = [
        call_at(instant, "Europe/London", late=(number - 30) * timedelta(seconds=2))
        for number, instant in enumerate(moments(SUMMER))
    ]
    (line,) = lines_of(calls)
    assert "differ by 1 h in all 60 calls" in line


@pytest.mark.parametrize("count", [0, 1, 19])
def test_few_calls_tell_nothing(count: int) -> None:
    assert not lines_of(calls_at(moments(SUMMER, count), "Europe/London"))


def test_twenty_calls_are_many() -> None:
    assert len(lines_of(calls_at(moments(SUMMER, 20), "Europe/London"))) == 1


@pytest.mark.parametrize("place", [0, 30, 59])
@pytest.mark.parametrize("shift", [timedelta(hours=1), 7 * MINUTE, 15 * MINUTE, 30 * DAY])
def test_an_isolated_odd_call_forbids_it(place: int, shift: timedelta) -> None:
    calls = calls_at(moments(SUMMER), "Europe/London")
    odd = moments(SUMMER)[place]
    calls[place]["uuid"] = uuid_at(odd + shift)
    assert not lines_of(calls)


def test_calls_in_any_order_tell_the_same() -> None:
    calls = calls_at(moments(SUMMER), "Europe/London")
    assert lines_of(calls[::-1]) == lines_of(calls[::2] + calls[1::2]) == lines_of(calls)


def test_a_difference_that_goes_with_the_season_is_told() -> None:
    calls = calls_at([*moments(WINTER, 40), *moments(SUMMER)], "America/Bogota")
    amounts = "7 h in 60 and by 6 h in 40 of 100 calls compared, by their season"
    assert lines_of(calls) == [f"start_ts and the uuids differ by {amounts}: {QUESTION}"]


def test_a_zone_that_is_wrong_in_summer_only_is_told() -> None:
    calls = calls_at([*moments(WINTER, 40), *moments(SUMMER)], "Africa/Lagos")
    amounts = "1 h in 60 of 100 calls compared, by their season"
    assert lines_of(calls) == [f"start_ts and the uuids differ by {amounts}: {QUESTION}"]


def test_two_zones_at_the_same_time_are_not_taken_for_a_season() -> None:
    pairs = zip(moments(SUMMER), moments(SUMMER + MINUTE), strict=True)
    for zones in (("Europe/London", BUDAPEST), ("Europe/London", "America/Bogota")):
        calls = [call_at(i, z) for pair in pairs for i, z in zip(pair, zones, strict=True)]
        assert not lines_of(calls)


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "UTC"])
def test_a_night_on_which_the_clocks_change_hides_nothing(zone: str) -> None:
    change = datetime(2026, 10, 25, 1, tzinfo=UTC)
    check = ZoneCheck(ZoneInfo(BUDAPEST))
    # Each of them looked at; New York's clocks change a week later.
    for call in calls_at([change + number * 10 * MINUTE for number in range(-600, 600)], zone):
        check.take(call, instant_of(call["uuid"]))
    line = check.line()
    assert line is not None
    assert QUESTION in line


def test_vcc_lives_own_times_tell_where_uuids_do_not() -> None:
    calls = [
        {
            "uuid": "bbf5825e-85de-4ec1-8625-e6eaf5c96b1e",
            "billing_ts": f"{instant + timedelta(hours=1):%Y-%m-%d %H:%M:%S}",
            "billing_ts_utc": f"{instant:%Y-%m-%d %H:%M:%S}",
        }
        for instant in moments(SUMMER)
    ]
    assert lines_of(calls) == [
        f"billing_ts and billing_ts_utc differ by 1 h in all 60 calls compared: {QUESTION}"
    ]
    assert not lines_of(calls, "Europe/London")


def test_uuids_that_vcc_lives_own_times_contradict_tell_nothing() -> None:
    calls = calls_at(moments(SUMMER), "Europe/London")
    for call in calls:
        call["billing_ts"], call["billing_ts_utc"] = "2026-07-01 12:00:00", "2026-07-01 10:00:00"
    assert not lines_of(calls)


@pytest.mark.parametrize(
    "start",
    [
        None,
        "",
        "0000-00-00 00:00:00",
        "soon",
        5,
        [],
        "2026-07-01 10:00:00+02:00",
        "2026-02-30 00:00:00",
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59",
    ],
)
def test_what_says_nothing_about_the_zone_changes_nothing(start: object) -> None:
    calls = calls_at(moments(SUMMER), "Europe/London")
    others = [{**call, "start_ts": start} for call in calls]
    (line,) = (line for line in lines_of([*calls[:30], *others[:30]]) if QUESTION in line)
    assert "in all 30 calls" in line


def test_streams_share_a_check_and_it_is_told_once() -> None:
    check = ZoneCheck(ZoneInfo(BUDAPEST))
    several = [Values(SCHEMA, ZoneInfo(BUDAPEST), check) for _ in range(2)]
    for number, call in enumerate(calls_at(moments(SUMMER, 30), "Europe/London")):
        several[number % 2].record(call, lambda call=call: instant_of(call["uuid"]))  # type: ignore[misc]
    lines = [line for values in several for line in values.warnings()]
    assert len(lines) == 1
    assert "in all 30 calls" in lines[0]


def test_of_many_calls_few_are_looked_at() -> None:
    check = ZoneCheck(ZoneInfo(BUDAPEST))
    call = call_at(SUMMER, "Europe/London")
    instant = instant_of(call["uuid"])
    passed = [check.take(call, instant) for _ in range(11_000)]
    assert passed[:50] == [0] * 50
    assert passed[1000] == 99
    assert passed[-1] > 10**15  # enough is known
    odd = ZoneCheck(ZoneInfo(BUDAPEST))
    assert odd.take(call, SUMMER + 7 * MINUTE) > 10**15


@given(
    st.sampled_from(["Europe/Budapest", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    st.lists(
        st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        min_size=20,
        max_size=80,
    ),
    st.integers(-60, 60),
)
@settings(max_examples=100 * FACTOR, deadline=None)
def test_the_right_zone_is_never_doubted(zone: str, instants: list[datetime], late: int) -> None:
    calls = [call_at(instant, zone, timedelta(seconds=late)) for instant in instants]
    assert not lines_of(calls, zone)
