"""Timestamps of the API become instants in UTC, in one form, across the changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.calls.uuids import instant_of
from tap_vcclive.values.timestamps import LocalTime, is_no_value
from tests.soak import FACTOR
from tests.values.clocks import changes_of, instant_at, uuid_at

BUDAPEST = LocalTime(ZoneInfo("Europe/Budapest"))
ZONES = [
    "Europe/Budapest",
    "Africa/Monrovia",  # offsets with seconds, until 1972
    "America/Argentina/Buenos_Aires",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # changes by half an hour
    "Europe/Dublin",
    "Pacific/Apia",  # skipped a day, and once had one twice
    "UTC",
]
READERS = {zone: LocalTime(ZoneInfo(zone)) for zone in ZONES}
"""What they remember from one test must not change another."""

instants = st.datetimes(
    min_value=datetime(1880, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
    max_value=datetime(2099, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@cache
def changes(zone: str) -> list[datetime]:
    """Return when the clocks of a zone change; those of UTC do not, but an hour is one as well."""
    return changes_of(ZoneInfo(zone)) or [datetime(2026, 10, 25, 1, tzinfo=UTC)]


distances = st.timedeltas(timedelta(hours=-3), timedelta(hours=3)) | st.sampled_from(
    [
        timedelta(seconds=sign * size)
        for size in (0, 1, 59, 61, 1799, 1800, 3600)
        for sign in (1, -1)
    ]
)
near_changes = st.sampled_from(ZONES).flatmap(
    lambda zone: st.tuples(st.just(zone), st.sampled_from(changes(zone)), distances)
)


def local(value: object, near: str | None = None) -> str | None:
    """Return the instant of a timestamp on Budapest's clock."""
    return BUDAPEST.utc_text_of_local(
        value, (lambda: datetime.fromisoformat(near)) if near else None
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2015-08-17 15:05:08", "2015-08-17T13:05:08+00:00"),
        ("2015-08-17T15:05:08", "2015-08-17T13:05:08+00:00"),
        ("  2015-08-17 15:05:08\n", "2015-08-17T13:05:08+00:00"),
        ("2015-08-17 15:05:08.999999", "2015-08-17T13:05:08+00:00"),
        ("2015-08-17 15:05:08,5", "2015-08-17T13:05:08+00:00"),
        ("2015-01-17 15:05:08", "2015-01-17T14:05:08+00:00"),
        ("2026-01-01 00:30:00", "2025-12-31T23:30:00+00:00"),
        ("2024-02-29 12:00:00", "2024-02-29T11:00:00+00:00"),
    ],
)
def test_a_local_timestamp_is_read_on_the_call_centres_clock(value: str, expected: str) -> None:
    assert local(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "2015-08-17T13:05:08Z",
        "2015-08-17 13:05:08+00:00",
        "2015-08-17 15:05:08+02",
        "2015-08-17 15:05:08+0200",
        "2015-08-17T15:05:08.123+02:00",
        "2015-08-17 10:05:08-03:00",
        "2015-08-17 18:50:08+05:45",
    ],
)
def test_an_offset_goes_before_the_zone(value: str) -> None:
    assert local(value) == "2015-08-17T13:05:08+00:00"
    assert BUDAPEST.utc_text(value) == "2015-08-17T13:05:08+00:00"


@pytest.mark.parametrize(
    "value",
    [
        "17.08.2015 15:05:08",
        "17/08/2015 15:05:08",
        "17-8-2015, 15:05:08",
        "8/17/2015 3:05:08 PM",
        "2015.08.17. 15:05:08",
        "2015/08/17 15:05:08.5",
        "2015-08-17 03:05:08 p.m.",
        "2015-8-17T15:05:08",
        "2015-08-17t13:05:08z",
        "2015-08-17 13:05:08 UTC",
        "2015-08-17 15:05:08 +02:00",
    ],
)
def test_another_form_that_can_mean_one_thing_only_is_read(value: str) -> None:
    assert local(value) == "2015-08-17T13:05:08+00:00"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("11.11.2015 12:00:00 AM", "2015-11-10T23:00:00+00:00"),
        ("11.11.2015 12:00:00 pm", "2015-11-11T11:00:00+00:00"),
    ],
)
def test_twelve_comes_before_one(value: str, expected: str) -> None:
    assert local(value) == expected


@given(instants, st.sampled_from(["%d.%m.%Y", "%m/%d/%Y", "%d-%m-%Y"]))
@settings(max_examples=200 * FACTOR, deadline=None)
def test_a_day_that_can_be_two_days_is_never_guessed(instant: datetime, form: str) -> None:
    text = READERS["UTC"].utc_text_of_local(f"{instant:{form} %H:%M:%S}")
    right = instant.replace(microsecond=0).isoformat()
    is_plain = instant.day > 12 or instant.day == instant.month
    assert text == (right if is_plain else None)


def test_a_timestamp_in_utc_is_not_shifted() -> None:
    assert BUDAPEST.utc_text("2015-08-17 13:05:17") == "2015-08-17T13:05:17+00:00"
    assert BUDAPEST.utc_text("2026-10-25 02:30:00") == "2026-10-25T02:30:00+00:00"
    assert BUDAPEST.utc_text("2026-03-29 02:30:00") == "2026-03-29T02:30:00+00:00"


NO_VALUES = [
    None,
    "",
    "  ",
    "00/00/0000 00:00:00",
    "0000-00-00 00:00:00",
    "0000-00-00",
    "0000-00-00T00:00:00Z",
]
IMPOSSIBLE = [
    "2015-02-29 00:00:00",
    "2015-13-01 00:00:00",
    "2015-00-10 00:00:00",
    "2015-08-17 24:00:00",
    "2015-08-17 24:30:00",
    "2015-08-17 23:60:00",
    "2015-08-17 23:59:60",
    "2015-08-17 15:05:08+99:99",
    "2015-08-17 15:05:08+05:60",
    "0000-01-01 00:00:00",
    "2015-08-17",
    "2015-08-17 15:05",
    "15:05:08",
    "05.08.2015 15:05:08",
    "5/8/2015 15:05:08",
    "13.13.2015 15:05:08",
    "31.02.2015 15:05:08",
    "17.08/2015 15:05:08",
    "17.08.15 15:05:08",
    "2015-08-17 13:05:08 PM",
    "2015-08-17 00:05:08 am",
    "2015-08-17 15:05:08 Xm",
    "٢٠١٥-08-17 15:05:08",
    "2015-08-17 15:05:08 CEST",
    "yesterday",
    "-",
    "T",
    "--::",
    "2015-08-17 15:05:08\0",
    20150817150508,
    1439816708.5,
    True,
    ["2015-08-17 15:05:08"],
    {},
]


@pytest.mark.parametrize("value", [*NO_VALUES, *IMPOSSIBLE])
def test_what_is_no_timestamp_has_no_instant(value: object) -> None:
    assert local(value) is None
    assert local(value, near="2015-08-17T13:05:08+00:00") is None
    assert BUDAPEST.utc_text(value) is None


@pytest.mark.parametrize("value", NO_VALUES)
def test_null_empty_and_all_zeros_are_no_value(value: object) -> None:
    assert is_no_value(value)


@pytest.mark.parametrize("value", [*IMPOSSIBLE, "2015-08-17 15:05:08", 0, False])
def test_anything_else_is_a_value(value: object) -> None:
    assert not is_no_value(value)


@pytest.mark.parametrize(
    ("near", "expected"),
    [
        (None, "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T00:30:00+00:00", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T01:30:00+00:00", "2026-10-25T01:30:00+00:00"),
        # A call from before the repeated hour, and one whose start differs by some seconds.
        ("2026-10-24T23:59:00+00:00", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T00:30:20+00:00", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T01:30:20+00:00", "2026-10-25T01:30:00+00:00"),
        ("2026-10-25T01:29:40+00:00", "2026-10-25T01:30:00+00:00"),
        # Began at 02:50 the first time, answered at 02:30 after the clocks went back.
        ("2026-10-25T00:50:00+00:00", "2026-10-25T01:30:00+00:00"),
    ],
)
def test_the_uuid_decides_which_of_two_hours_it_was_in_autumn(
    near: str | None, expected: str
) -> None:
    assert local("2026-10-25 02:30:00", near) == expected


def test_an_offset_decides_it_without_a_uuid() -> None:
    assert local("2026-10-25 02:30:00+02:00") == "2026-10-25T00:30:00+00:00"
    assert local("2026-10-25 02:30:00+01:00") == "2026-10-25T01:30:00+00:00"


def test_outside_the_repeated_hour_the_uuid_changes_nothing() -> None:
    for value in ("2026-10-25 01:59:59", "2026-10-25 03:00:00", "2026-03-29 02:30:00"):
        for near in ("2026-01-01T00:00:00+00:00", "2026-12-31T00:00:00+00:00"):
            assert local(value, near) == local(value)


def test_the_hour_that_is_skipped_in_spring_is_read_with_winters_offset() -> None:
    assert local("2026-03-29 01:59:59") == "2026-03-29T00:59:59+00:00"
    assert local("2026-03-29 02:30:00") == "2026-03-29T01:30:00+00:00"
    assert local("2026-03-29 03:00:00") == "2026-03-29T01:00:00+00:00"


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "value",
    [
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59",
        "0001-01-01 00:00:00+14:00",
        "9999-12-31 23:59:59-14:00",
    ],
)
def test_the_ends_of_the_calendar_are_an_instant_or_none(zone: str, value: str) -> None:
    for near in (None, lambda: None, lambda: datetime(2026, 10, 25, tzinfo=UTC)):
        text = LocalTime(ZoneInfo(zone)).utc_text_of_local(value, near)
        assert text is None or datetime.fromisoformat(text).tzinfo is not None


def test_the_ends_of_the_calendar_are_kept_where_they_lie_inside_of_it_in_utc() -> None:
    assert BUDAPEST.utc_text("0001-01-01 00:00:00") == "0001-01-01T00:00:00+00:00"
    assert BUDAPEST.utc_text("9999-12-31 23:59:59") == "9999-12-31T23:59:59+00:00"
    assert local("9999-12-31 23:59:59") == "9999-12-31T22:59:59+00:00"
    assert local("0001-01-01 00:00:00") is None


def comes_back(instant: datetime, zone: str) -> bool:
    """Return whether an instant made local is found again by the uuid of its call."""
    text = f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"
    back = READERS[zone].utc_text_of_local(text, lambda: instant_of(uuid_at(instant)))
    return back == f"{instant:%Y-%m-%dT%H:%M:%S}+00:00"


@given(instants, st.sampled_from(ZONES))
@settings(max_examples=400 * FACTOR, deadline=None)
def test_any_instant_comes_back_from_its_local_text(instant: datetime, zone: str) -> None:
    assert comes_back(instant, zone)


@given(near_changes)
@settings(max_examples=400 * FACTOR, deadline=None)
def test_any_instant_around_a_change_of_the_clocks_comes_back(
    near: tuple[str, datetime, timedelta],
) -> None:
    zone, change, distance = near
    assert comes_back(change + distance, zone)


@given(near_changes, st.none() | distances)
@settings(max_examples=400 * FACTOR, deadline=None)
def test_what_the_clocks_show_twice_or_never_is_read_as_said(
    near: tuple[str, datetime, timedelta], apart: timedelta | None
) -> None:
    """Compared with what zoneinfo says of the instants themselves, as `instant_at` finds them."""
    name, change, distance = near
    zone = ZoneInfo(name)
    # From the offset of a day before, the clock may show what the zone's clocks never do.
    offset = (change - timedelta(days=2)).astimezone(zone).utcoffset() or timedelta()
    clock = (change + distance + offset).replace(tzinfo=None, microsecond=0)
    call = None if apart is None else change + apart
    expected = instant_at(clock, zone, call)
    assert expected is not None
    found = READERS[name].utc_text_of_local(str(clock), lambda: call)
    assert found == expected.isoformat(timespec="seconds")


@given(
    st.from_regex(
        r"[ ]?[0-9]{4}-[01][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-6][0-9]:[0-6][0-9]"
        r"(\.[0-9]{1,9})?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?",
        fullmatch=True,
    )
    | st.text(alphabet="0123456789-:T .,Z+\0é", max_size=30),
    st.sampled_from(ZONES),
    st.none() | instants,
)
@settings(max_examples=300 * FACTOR, deadline=None)
def test_any_text_gives_the_one_form_or_none(value: str, zone: str, near: datetime | None) -> None:
    reader = LocalTime(ZoneInfo(zone))
    for text in (reader.utc_text(value), reader.utc_text_of_local(value, lambda: near)):
        if text is not None:
            assert not is_no_value(value)
            instant = datetime.fromisoformat(text)
            assert instant.utcoffset() == timedelta(0)
            assert text == instant.isoformat(timespec="seconds")
            assert len(text) == 25
