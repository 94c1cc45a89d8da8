"""Logs of webhooks: several kinds of events, and no year and no month."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tap_vcclive.calls.call import BadCallError, Call, CallOrBefore, call_from, neighbours_of
from tests.call_list.lists import BUDAPEST, PHONE, V1, V4, read

START = "2026-11-30 23:58:01"
END = "2026-12-01 00:10:00"
ISO = "2026-11-30T23:10:00Z"


def month_of(**event: object) -> str:
    """Return the month in which the call of a webhook is looked for."""
    call = call_from({"uuid": V4, **event}, BUDAPEST)
    before = [f"{one.year}/{one.month}" for one in neighbours_of(call, BUDAPEST)]
    return ", ".join([f"{call.year}/{call.month}", *before])


@pytest.mark.parametrize(
    ("event", "month"),
    [
        ({"call_start_time": START, "create_time": END, "timestamp": ISO}, "2026/11"),
        ({"create_time": END}, "2026/12, 2026/11"),
        ({"create_time": "2026-12-01 00-10-00"}, "2026/12, 2026/11"),
        ({"create_time": "2026-12-01 23:59:59"}, "2026/12, 2026/11"),
        ({"create_time": "2026-12-02 00:00:00"}, "2026/12"),
        ({"create_time": "2027-01-01 00:00:00"}, "2027/01, 2026/12"),
        ({"timestamp": ISO}, "2026/12, 2026/11"),
        ({"timestamp": "2026-11-30T23:10:00.123+00:00"}, "2026/12, 2026/11"),
        ({"timestamp": "2026-12-01T00:10:00+0100"}, "2026/12, 2026/11"),
        ({"timestamp": "2026-11-30T16:10:00-05:00"}, "2026/11"),
        ({"timestamp": "2026-12-15T12:00:00+01:00"}, "2026/12"),
        (
            {"call_start_time": "0000-00-00 00:00:00", "create_time": "2026-12-15 10:00:00"},
            "2026/12",
        ),
        ({"call_start_time": "", "create_time": None, "timestamp": "2026-12-15 10:00"}, "2026/12"),
        ({"call_start_time": START, "year": 2026, "month": 10}, "2026/10"),
        ({"call_start_time": START, "year": None, "month": ""}, "2026/11"),
    ],
)
def test_the_month_follows_from_the_times(event: dict[str, Any], month: str) -> None:
    assert month_of(**event) == month


@pytest.mark.parametrize(
    "time", [None, "", "yesterday", "2026-13-01 00:00:00", "2026-02-30 00:00:00", 5, [START], PHONE,
             "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-11-30T00:00:00+99:99"]
)  # fmt: skip
def test_what_is_no_time_tells_no_month(time: object) -> None:
    with pytest.raises(BadCallError, match="year and month must be given"):
        month_of(call_start_time=time, create_time=time, timestamp=time)


def test_a_uuid_that_tells_the_instant_goes_before_the_times() -> None:
    call = call_from({"uuid": V1, "create_time": END}, BUDAPEST)
    assert call == Call(V1, "2015", "08")
    assert not isinstance(call, CallOrBefore)


CALL = {"uuid": V4, "call_start_time": START}


@pytest.mark.parametrize(
    "event",
    [
        CALL,
        {"event": "call", "data": CALL},
        {"event": "call", "uuid": "", "data": CALL, "timestamp": "2020-01-01T00:00:00Z"},
        {"uuid": V4.upper(), "data": CALL},
        {"UUID": V4, "Call_Start_Time": START},
        {"Data": {"Uuid": V4}, "call_start_time": START},
    ],
)
def test_the_uuid_is_found_where_it_stands(event: dict[str, Any]) -> None:
    resources, _ = read(json.dumps(event) + "\n", "hooks.jsonl")
    assert resources == [f"2026/11/{V4}"]
    assert call_from(event, BUDAPEST) == Call(V4, "2026", "11")


def test_events_of_other_kinds_are_counted_and_passed_over_and_no_call_is() -> None:
    others = [{}, {"ticketId": 5, "timestamp": ISO}, {"data": {"emailId": 5}}, {"data": [CALL]}]
    bad = [{"uuid": None}, {"uuid": V4}, {"uuid": V1, "data": CALL}, {"Uuid": V1, "UUID": V4}]
    lines = [json.dumps(one) for one in [CALL, *others, *bad, CALL]]
    # The vendor's sample receiver leaves an empty line after each body; bodies can be encrypted.
    resources, reading = read("\n\n".join([*lines, "ZW5jcnlwdGVk", ""]), "hooks.jsonl")
    assert resources == [f"2026/11/{V4}"] * 2
    assert reading.other_events == len(others)
    problems = [problem.partition("hooks.jsonl ")[2] for problem in reading.problems]
    assert [problem.replace(V4, "*") for problem in problems] == [
        "line 11: no uuid",
        "line 13: call *: year and month must be given, as its uuid is not of version 1",
        "line 15: more than one uuid",
        "line 17: more than one uuid",
        "line 21: no JSON object",
    ]  # fmt: skip
