"""The invented calls: repeatable, unique, in the right month, and as a call centre's look."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcclive_sandbox.calls import Calls
from vcclive_sandbox.cdr import OLD_FIELDS
from vcclive_sandbox.options import Options

WEEK = Calls(Options(days=7, calls_per_day=300))
UUID_EPOCH = datetime(1582, 10, 15, tzinfo=UTC)


def instant_of(uuid: str) -> datetime:
    """Return the instant that a version-1 uuid carries, to the microsecond."""
    return UUID_EPOCH + timedelta(microseconds=UUID(uuid).time // 10)


def test_same_seed_same_calls_other_seed_other_calls() -> None:
    again = Calls(Options(days=7, calls_per_day=300))
    other = Calls(Options(days=7, calls_per_day=300, seed=2))
    assert list(again) == list(WEEK)
    assert [call.cdr() for call in again[:50]] == [call.cdr() for call in WEEK[:50]]
    assert not {call.uuid for call in other} & {call.uuid for call in WEEK}


def test_a_day_is_the_same_however_many_days_there_are() -> None:
    two = Calls(Options(days=2, calls_per_day=300))
    tuesday = Calls(Options(days=1, calls_per_day=300, first_day=date(2026, 11, 17)))
    assert list(two) == list(WEEK[:600])
    assert list(tuesday) == list(WEEK[300:600])


def test_uuids_are_unique_and_valid_and_found() -> None:
    assert len({call.uuid for call in WEEK}) == len(WEEK)
    for position, call in enumerate(WEEK):
        uuid = UUID(call.uuid)
        assert str(uuid) == call.uuid
        assert uuid.variant == "specified in RFC 4122"
        assert uuid.version == call.version
        assert WEEK.find(call.uuid) == position
    assert 0.85 < sum(call.version == 1 for call in WEEK) / len(WEEK) < 0.95


def test_calls_come_in_order_of_start() -> None:
    starts = [call.start for call in WEEK]
    assert starts == sorted(starts)
    assert WEEK[-1] == WEEK[len(WEEK) - 1]
    with pytest.raises(IndexError):
        WEEK[len(WEEK)]


@given(
    first_day=st.dates(date(2016, 1, 1), date(2035, 12, 1)),
    timezone=st.sampled_from(
        ("Europe/Budapest", "Pacific/Auckland", "America/Santiago", "Africa/Cairo", "UTC")
    ),
)
@settings(deadline=None, max_examples=40)
def test_uuid_start_and_local_day_agree(first_day: date, timezone: str) -> None:
    calls = Calls(Options(first_day=first_day, days=2, calls_per_day=20, timezone=timezone))
    for call in calls:
        local = call.start.astimezone(ZoneInfo(timezone))
        assert call.cdr()["start_ts"] == f"{local:%Y-%m-%d %H:%M:%S}"
        assert (call.year, call.month, call.day) == (f"{local:%Y}", f"{local:%m}", local.date())
        if call.version == 1:
            assert instant_of(call.uuid) == call.start


def test_both_passes_of_a_repeated_hour_have_calls() -> None:
    calls = Calls(Options(first_day=date(2026, 10, 25), days=1, calls_per_day=100_000))
    zone = ZoneInfo("Europe/Budapest")
    local = (call.start.astimezone(zone) for call in calls)
    assert {moment.fold for moment in local if moment.hour == 2} == {0, 1}


def test_a_day_that_begins_with_a_skipped_hour_keeps_its_calls() -> None:
    day = date(2026, 4, 24)  # the clocks of Cairo go from 00:00 to 01:00
    calls = Calls(
        Options(first_day=day, days=1, calls_per_day=20_000, timezone="Africa/Cairo"),
    )
    assert {call.start.astimezone(ZoneInfo("Africa/Cairo")).date() for call in calls} == {day}


def test_days_have_working_hours_and_weekends() -> None:
    local = [call.start.astimezone(ZoneInfo("Europe/Budapest")) for call in WEEK]
    assert sum(8 <= moment.hour < 20 for moment in local) > 0.9 * len(local)
    a_day = [sum(moment.weekday() == day for moment in local) for day in range(7)]
    assert a_day == [300, 300, 300, 300, 300, 120, 60]


def test_positions_of_days() -> None:
    assert WEEK.between(date(2026, 11, 17), date(2026, 11, 18)) == range(300, 900)
    assert WEEK.between(date(2026, 11, 1), date(2026, 11, 30)) == range(len(WEEK))
    assert not WEEK.between(date(2026, 10, 1), date(2026, 10, 31))
    assert not WEEK.between(date(2026, 12, 1), date(2026, 12, 31))


def test_fields_hang_together() -> None:
    cdrs = [call.cdr() for call in WEEK]
    for cdr in cdrs:
        assert set(OLD_FIELDS) < cdr.keys()
        waited, talked = cdr["queuetime"], cdr["talktime"]
        assert isinstance(waited, int)
        assert isinstance(talked, int)
        assert (cdr["billing_ts"] is None) == (talked == 0) == (cdr["billing_ts_utc"] is None)
        assert cdr["billingtime"] == cdr["beforequeuetime"] + waited + talked  # type: ignore[operator] # integers
        if cdr["billing_ts"] is not None:
            assert str(cdr["billing_ts"]) > str(cdr["start_ts"])
            assert cdr["userid"] != -1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("direction", "inbound"),
        ("direction", "outbound"),
        ("source", "0000000000"),
        ("userid", -1),
        ("billing_ts", None),
        ("queue_label", ""),
        ("disposition_label", ""),
        ("hangup_disposition", "operator"),
        ("hangup_disposition", "customer"),
        ("dispositionreach", 1),
        ("dispositionreach", 2),
        ("dispositionreach", 3),
    ],
)
def test_what_occurs_in_a_week(field: str, value: object) -> None:
    share = sum(call.cdr()[field] == value for call in WEEK) / len(WEEK)
    assert 0.005 < share < 0.95


def test_some_comments_are_not_ascii_and_call_backs_have_a_date() -> None:
    cdrs = [call.cdr() for call in WEEK]
    assert any(not str(cdr["disposition_comment"]).isascii() for cdr in cdrs)
    for cdr in cdrs:
        assert (cdr["next_contact"] is not None) == (cdr["dispositionstatus"] == 2)
