"""Objects of the API become complete records that every target reads, and nothing is dropped."""

from __future__ import annotations

import json
import re
import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from singer_sdk.singerlib.json import serialize_json

from tap_vcclive.values.record import Values
from tests.documented import DOCUMENTED, INSTANT, UUID
from tests.values.schema import INTEGERS, PROPERTIES, SCHEMA, SECONDS, TEXTS, TWINS, VALIDATOR

BUDAPEST = ZoneInfo("Europe/Budapest")


def record(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return the record of an object of the API."""
    return Values(SCHEMA, BUDAPEST).record({"uuid": UUID, **fields}, lambda: INSTANT)


def kept(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return the additional fields of a record."""
    additional: dict[str, Any] = record(**fields)["additional_fields"]
    return additional


def api_value(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value as the answers hand it on."""
    return json.loads(text, parse_float=Decimal, parse_constant=str)


def test_the_documented_call_value_for_value() -> None:
    nothing = dict.fromkeys(PROPERTIES)
    expected = DOCUMENTED | {
        "start_ts_utc": "2015-08-17T13:05:08+00:00",
        "billing_ts_utc": "2015-08-17T13:05:17+00:00",
    }
    values = Values(SCHEMA, BUDAPEST)
    assert values.record(DOCUMENTED, lambda: INSTANT) == nothing | expected
    assert not values.undeclared
    assert not values.misfits


def test_a_record_has_the_keys_of_the_schema_in_its_order() -> None:
    for fields in ({}, DOCUMENTED, {"new": 1, "uuid": UUID}, {"ringtime": "x"}):
        assert list(Values(SCHEMA, BUDAPEST).record(fields, lambda: None)) == list(PROPERTIES)


def test_what_is_sent_is_not_changed() -> None:
    fields = {**DOCUMENTED, "new": {"a": ["b\0"]}, "ringtime": "x"}
    before = json.dumps(fields)
    record(**fields)
    assert json.dumps(fields) == before


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        ("0", 0),
        ("007", 7),
        (" 12 ", 12),
        ("-1", -1),
        ("+5", 5),
        ("3.0", 3),
        ("-3.00", -3),
        (" 3,0 ", 3),
        ("3.0000", 3),
        (2**63 - 1, 2**63 - 1),
        (str(-(2**63)), -(2**63)),
        (Decimal("7.0"), 7),
        (Decimal("1E+3"), 1000),
    ],
)
def test_integers_arrive_in_many_forms_and_leave_as_integers(
    name: str, value: object, expected: int
) -> None:
    made = record(**{name: value})
    assert made[name] == expected
    assert type(made[name]) is int
    assert made["additional_fields"] is None


@pytest.mark.parametrize("name", SECONDS)
@pytest.mark.parametrize(
    ("value", "expected"),
    [("00:12:05", 725), ("0:00:00", 0), (" 1:00:01 ", 3601), ("100:59:59", 363599)],
)
def test_durations_arrive_as_hours_minutes_and_seconds_too(
    name: str, value: str, expected: int
) -> None:
    made = record(**{name: value})
    assert made[name] == expected
    assert made["additional_fields"] is None


def test_all_columns_of_seconds_are_known_and_no_other_reads_them() -> None:
    assert {name for name in INTEGERS if PROPERTIES[name].get("x-form") == "duration"} == {*SECONDS}
    for name in {*INTEGERS} - {*SECONDS}:
        assert kept(**{name: "00:12:05"}) == {name: "00:12:05"}


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_empty_text_is_no_number(value: object) -> None:
    made = record(ringtime=value)
    assert made["ringtime"] is None
    assert made["additional_fields"] is None


@pytest.mark.parametrize(
    "value",
    [
        "twelve",
        "12 s",
        "1.5",
        "3.000",  # three, or three thousand
        "3,000",
        "1.000.000",
        "3.",
        ".0",
        "1e3",
        "12:05",  # minutes and seconds, or hours and minutes
        "0:60:00",
        "00:00:60",
        "-00:12:05",
        "00:12:05.5",
        "0x10",
        "1_000",
        "١٢",
        "9" * 25,
        True,
        False,
        2**63,
        -(2**63) - 1,
        Decimal("1.5"),
        Decimal("-0.1"),
        Decimal("9223372036854775807.5"),
        [],
        [3],
        {},
        {"id": 3},
    ],
    ids=repr,
)
def test_the_original_of_what_is_no_integer_is_kept(value: object) -> None:
    values = Values(SCHEMA, BUDAPEST)
    made = values.record({"uuid": UUID, "ringtime": value}, lambda: None)
    assert made["ringtime"] is None
    original = made["additional_fields"]["ringtime"]
    # Beyond 64 bits, numbers are kept as text.
    beyond = type(value) is int
    assert original == (str(value) if beyond else value)
    assert type(original) is (str if beyond else type(value))
    assert list(values.misfits) == ["ringtime"]
    assert not values.undeclared


@pytest.mark.parametrize(
    "number",
    ["1e400", "-1e400", "1e-400", "1e999999999", "-1e999999999", "1e-999999999", "0e999999999"],
)
@pytest.mark.parametrize("name", ["ringtime", "vcc_score", "new", "start_ts", "billing_ts_utc"])
def test_a_number_of_any_size_is_kept_as_text_or_has_its_value(name: str, number: str) -> None:
    value = api_value(number)
    made = record(**{name: value})
    left = made.get(name)
    if left is None:
        left = made["additional_fields"][name]
    assert Decimal(left) == value
    if value:
        assert left == str(value)


@pytest.mark.parametrize("number", [str(2**63), "9223372036854775808e0", "1000000000000000000.0e1"])
def test_no_integer_beyond_64_bits_is_written_as_a_number(number: str) -> None:
    # Beside an integer of thousands of digits, all integers are handed on as Decimal.
    for value in (api_value(number), Decimal(number)):
        for original in (kept(new=value)["new"], kept(new=[value])["new"][0]):
            assert not re.search(r"(?<![0-9.])[0-9]{19}(?![0-9.eE\"])", serialize_json(original))
            assert Decimal(original) == Decimal(number)


@pytest.mark.parametrize("digits", [31, 5000])
@pytest.mark.parametrize("name", ["ringtime", "vcc_score", "new"])
def test_an_integer_of_any_length_is_kept_as_text(name: str, digits: int) -> None:
    number = "7" * digits
    # The answers hand integers of thousands of digits on as Decimal.
    value: object = int(number) if digits < 4000 else Decimal(number)
    made = record(**{name: value})
    assert (made.get(name) or made["additional_fields"][name]) == number


@pytest.mark.parametrize("name", TEXTS)
def test_text_stays_as_it_was_sent(name: str) -> None:
    for value in ("text", "", " árvíztűrő 🙂 ", "0000000000", "1.50"):
        made = record(**{name: value})
        assert made[name] == value
        assert made["additional_fields"] is None


@pytest.mark.parametrize(
    ("number", "expected"),
    [("5", "5"), ("-0", "0"), ("1.50", "1.50"), ("36301234567", "36301234567")],
)
def test_numbers_become_text_as_they_were_written(number: str, expected: str) -> None:
    made = record(vcc_score=api_value(number), source=api_value(number))
    assert (made["vcc_score"], made["source"]) == (expected, expected)


@pytest.mark.parametrize("value", [True, False, [], ["a"], {}, {"a": 1}], ids=repr)
def test_the_original_of_what_is_no_text_is_kept(value: object) -> None:
    made = record(dc=value)
    assert made["dc"] is None
    assert made["additional_fields"] == {"dc": value}


def test_nul_characters_are_removed_and_lone_surrogates_replaced() -> None:
    made = record(dc="a\0b", userfullname="á\0\ud83d!", new={"x\0y\udc00": ["\0", "\ud800é"]})
    assert made["dc"] == "ab"
    assert made["userfullname"] == "á\ufffd!"
    assert made["additional_fields"] == {"new": {"xy\ufffd": ["", "\ufffdé"]}}


def test_names_that_differ_in_a_nul_character_only_are_all_kept() -> None:
    sent = {"new\0": 1, "new": 2, "\0new": 3, "dc\0": "x"}
    assert sorted(map(str, kept(**sent).values())) == ["1", "2", "3", "x"]
    inner = kept(new=sent)["new"]
    assert sorted(map(str, inner.values())) == ["1", "2", "3", "x"]


def test_any_number_of_names_that_are_cleaned_to_the_same_are_all_kept() -> None:
    halves = [chr(code) for code in range(0xD800, 0xDC00)]
    sent = {
        first + second: number
        for number, (first, second) in enumerate(product(halves[:20], halves))
    }
    for names in (kept(**sent), kept(new=sent)["new"]):
        assert sorted(names.values()) == list(range(20 * 1024))


def test_names_of_any_length_are_not_remembered() -> None:
    values = Values(SCHEMA, BUDAPEST)
    tracemalloc.start()
    try:
        for number in range(50):
            values.record({f"{number}" + "x" * 2**20: 1}, lambda: None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * 2**20


@pytest.mark.parametrize(
    "value", [0, "", "text", False, 1.5, [], {}, [1, {"a": None}], {"b": [True, "x"]}], ids=repr
)
def test_what_the_schema_does_not_declare_is_kept(value: object) -> None:
    values = Values(SCHEMA, BUDAPEST)
    sent = api_value(json.dumps(value))
    made = values.record({**DOCUMENTED, "agentMood": sent}, lambda: INSTANT)
    assert made["additional_fields"] == {"agentMood": sent}
    assert list(values.undeclared) == ["agentMood"]
    assert not values.misfits


def test_an_undeclared_field_is_kept_even_when_it_is_null() -> None:
    assert kept(agentMood=None) == {"agentMood": None}


def test_a_field_of_the_api_named_like_the_column_is_kept_in_it() -> None:
    assert kept(additional_fields={"a": 1}) == {"additional_fields": {"a": 1}}


def test_the_names_seen_are_gathered_over_all_records() -> None:
    values = Values(SCHEMA, BUDAPEST)
    for fields in ({"b": 1}, {"a": 1, "dc": []}, {"b": 2, "ringtime": "x"}):
        values.record(fields, lambda: None)
    assert list(values.undeclared) == ["b", "a"]
    assert list(values.misfits) == ["dc", "ringtime"]


def test_deep_values_are_kept_without_depth() -> None:
    for depth in (10, 31, 32, 33, 100, 500):
        value = api_value("[" * depth + '{"a": "\\u0000\\ud800é"}' + "]" * depth)
        made = kept(new=value, ringtime=value)
        for original in made.values():
            assert '"a"' in serialize_json(original) or '\\"a\\"' in serialize_json(original)
            levels = 0
            while isinstance(original, list):
                original, levels = original[0], levels + 1  # noqa: PLW2901
            assert levels <= 40
    bottomless: Any = {"a": [Decimal("1.10"), None, "x"], "b": {}}
    for _ in range(100_000):
        bottomless = [bottomless]
    for original in kept(new=bottomless, dc=bottomless).values():
        text = serialize_json(original).replace("\\", "")
        assert '[{"a": ["1.10", null, "x"], "b": {}}]' in text
        assert text.count("[") == 100_001


@pytest.mark.parametrize("twin", TWINS)
def test_a_timestamp_of_the_api_stays_and_gets_its_twin(twin: str) -> None:
    local = twin.removesuffix("_utc")
    made = record(**{local: "2015-08-17 15:05:08"})
    assert made[local] == "2015-08-17 15:05:08"
    assert made[twin] == "2015-08-17T13:05:08+00:00"
    assert made["additional_fields"] is None


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("nothing", [None, "", "0000-00-00 00:00:00"])
def test_no_timestamp_has_no_twin(twin: str, nothing: str | None) -> None:
    local = twin.removesuffix("_utc")
    made = record(**{local: nothing, twin: nothing})
    assert made[local] == nothing
    assert made[twin] is None
    assert made["additional_fields"] is None


UNREAD = ["2015-02-30 15:05:08", "05.08.2015 15:05:08", "15:05:08", "Mon 17 Aug", 1439816708]


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("value", UNREAD)
def test_a_time_that_cannot_be_read_stays_and_is_told(twin: str, value: object) -> None:
    local = twin.removesuffix("_utc")
    values = Values(SCHEMA, BUDAPEST)
    made = values.record({"uuid": UUID, local: value}, lambda: None)
    assert made[local] == str(value)
    assert made[twin] is None
    assert made["additional_fields"] is None
    (line,) = values.warnings()
    assert f"do not fit their columns of time: values of {local}; their _utc" in line


@pytest.mark.parametrize("value", [*UNREAD, ["2015-08-17"], True])
def test_the_start_of_a_call_that_cannot_be_read_is_the_uuids_instant(value: object) -> None:
    values = Values(SCHEMA, BUDAPEST)
    made = values.record({"uuid": UUID, "start_ts": value, "billing_ts": value}, lambda: INSTANT)
    assert made["start_ts_utc"] == "2015-08-17T13:05:08+00:00"
    assert made["billing_ts_utc"] is None
    (line,) = values.warnings()
    assert "values of start_ts, billing_ts" in line


def test_a_start_in_utc_that_cannot_be_read_is_the_uuids_instant() -> None:
    values = Values(SCHEMA, BUDAPEST)
    made = values.record({"uuid": UUID, "start_ts_utc": "soon"}, lambda: INSTANT)
    assert made["start_ts_utc"] == "2015-08-17T13:05:08+00:00"
    assert made["additional_fields"] == {"start_ts_utc": "soon"}
    (line,) = values.warnings()
    assert line.endswith("values of start_ts_utc")


@pytest.mark.parametrize(
    "sent",
    [
        "17.08.2015 15:05:08",
        "8/17/2015 3:05:08 PM",
        "2015.08.17. 15:05:08",
        "2015-08-17 13:05:08 UTC",
    ],
)
def test_a_start_in_another_form_that_can_mean_one_thing_only_is_read(sent: str) -> None:
    values = Values(SCHEMA, BUDAPEST)
    made = values.record({"uuid": UUID, "start_ts": sent}, lambda: None)
    assert (made["start_ts"], made["start_ts_utc"]) == (sent, "2015-08-17T13:05:08+00:00")
    assert made["additional_fields"] is None
    assert not [*values.warnings()]


def test_nothing_to_tell_is_told_of_clean_values() -> None:
    values = Values(SCHEMA, BUDAPEST)
    for fields in (DOCUMENTED, {"uuid": UUID}, {"uuid": UUID, "start_ts": "", "start_ts_utc": " "}):
        values.record(fields, lambda: INSTANT)
    assert not [*values.warnings()]


@pytest.mark.parametrize("name", ["UUID", "Uuid", "uuiD"])
@pytest.mark.parametrize("spelt", [UUID, UUID.upper(), UUID.replace("-", ""), f"{{{UUID}}}"])
def test_the_uuid_under_a_name_of_other_case_is_not_kept_twice(name: str, spelt: str) -> None:
    for others in ({}, {"uuid": UUID}, {"uuid": None}, DOCUMENTED):
        values = Values(SCHEMA, BUDAPEST)
        made = values.record({**others, name: spelt}, lambda: INSTANT)
        assert made["additional_fields"] is None
        assert not values.undeclared


def test_what_is_not_the_uuid_is_kept_whatever_its_name() -> None:
    other = "bbf5825e-85de-4ec1-8625-e6eaf5c96b1e"
    assert kept(UUID=other) == {"UUID": other}
    assert kept(UUID="x", Uuid=None) == {"UUID": "x"}
    assert kept(uuid="broken", UUID=UUID) == {"uuid": "broken"}
    assert kept(uuid="broken", UUID=UUID, Uuid=UUID) == {"uuid": "broken"}
    assert kept(uuid=None, UUID=UUID, Uuid=other) == {"Uuid": other}


@pytest.mark.parametrize("twin", TWINS)
def test_the_apis_own_twin_is_taken(twin: str) -> None:
    local = twin.removesuffix("_utc")
    made = record(**{local: "2015-08-17 15:05:17", twin: "2015-08-17 12:00:00"})
    assert made[twin] == "2015-08-17T12:00:00+00:00"
    assert made["additional_fields"] is None


@pytest.mark.parametrize("nothing", [None, "", "0000-00-00 00:00:00"])
def test_an_empty_twin_is_worked_out(nothing: str | None) -> None:
    made = record(billing_ts="2015-08-17 15:05:17", billing_ts_utc=nothing)
    assert made["billing_ts_utc"] == "2015-08-17T13:05:17+00:00"
    assert made["additional_fields"] is None


@pytest.mark.parametrize(
    "broken", ["soon", "2015-02-30 00:00:00", 0, 1439816708, False, [], {"a": 1}], ids=repr
)
def test_a_broken_twin_is_kept_and_worked_out(broken: object) -> None:
    values = Values(SCHEMA, BUDAPEST)
    made = values.record(
        {"billing_ts": "2015-08-17 15:05:17", "billing_ts_utc": broken}, lambda: None
    )
    assert made["billing_ts_utc"] == "2015-08-17T13:05:17+00:00"
    assert made["additional_fields"] == {"billing_ts_utc": broken}
    assert list(values.misfits) == ["billing_ts_utc"]


@pytest.mark.parametrize("fraction", [".25", ",25"])
def test_a_fraction_that_the_twin_has_no_room_for_is_kept(fraction: str) -> None:
    sent = f"2015-08-17 13:05:17{fraction}"
    made = record(billing_ts_utc=sent)
    assert made["billing_ts_utc"] == "2015-08-17T13:05:17+00:00"
    assert made["additional_fields"] == {"billing_ts_utc": sent}


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2026, 10, 25, 0, 29, 59, tzinfo=UTC), "2026-10-25T00:30:00+00:00"),
        (datetime(2026, 10, 25, 1, 29, 59, tzinfo=UTC), "2026-10-25T01:30:00+00:00"),
        (None, "2026-10-25T00:30:00+00:00"),
    ],
)
def test_the_uuids_instant_decides_in_the_repeated_hour(
    instant: datetime | None, expected: str
) -> None:
    fields = dict.fromkeys(["start_ts", "billing_ts"], "2026-10-25 02:30:00")
    made = Values(SCHEMA, BUDAPEST).record(fields, lambda: instant)
    assert (made["start_ts_utc"], made["billing_ts_utc"]) == (expected, expected)


@pytest.mark.parametrize("fields", [DOCUMENTED, {"uuid": UUID}])
def test_the_schema_holds_and_is_strict(fields: dict[str, Any]) -> None:
    made = record(**fields)
    VALIDATOR.validate(made)
    # The checks below would find a broken record.
    for name, bad in (("ringtime", "9"), ("start_ts_utc", "2015-08-17 15:05:08"), ("new", 1)):
        assert not VALIDATOR.is_valid({**made, name: bad})


def test_an_original_does_not_bring_back_what_is_hidden() -> None:
    values = Values(SCHEMA, BUDAPEST, hidden=["source", "next_contact"])
    odd = ["36301234567"]
    sent = {"uuid": UUID, "source": odd, "Source": odd, "next_contact": odd, "dc": odd}
    made = values.record(sent, lambda: INSTANT)
    assert made["additional_fields"] == {"dc": odd}
    assert [*values.warnings()] == [
        "In additional_fields, as they do not fit their columns: values of dc",
        (
            "Not written, as stream_maps or the selection hide their columns, which they do not "
            "fit: values of source, next_contact, Source"
        ),
    ]
    made = values.record({**sent, "source": "36301234567"}, lambda: INSTANT)
    assert made["source"] == "36301234567"


@pytest.mark.parametrize("name", ["userId", "USERID", "UserID"])
def test_a_field_finds_its_column_whatever_its_case(name: str) -> None:
    for value in (7, "7"):
        made = Values(SCHEMA, BUDAPEST).record({"uuid": UUID, name: value})
        assert (made["userid"], made["additional_fields"]) == (7, None)


def test_a_time_and_its_instant_are_found_whatever_their_case() -> None:
    made = Values(SCHEMA, BUDAPEST).record({"uuid": UUID, "Next_Contact": "2015-08-17 15:05:08"})
    assert made["next_contact"] == "2015-08-17 15:05:08"
    assert made["next_contact_utc"] == "2015-08-17T13:05:08+00:00"
    made = Values(SCHEMA, BUDAPEST).record({"billing_ts_UTC": "2015-08-17 13:05:08"})
    assert made["billing_ts_utc"] == "2015-08-17T13:05:08+00:00"
    assert made["additional_fields"] is None


def test_of_fields_that_differ_in_case_nothing_is_lost() -> None:
    """The one named like the column has it, as far as it holds something that fits."""
    cases: list[tuple[dict[str, Any], int | None, dict[str, Any] | None]] = [
        ({"userId": 5, "userid": 6}, 6, {"userId": 5}),
        ({"userId": 6, "userid": 6}, 6, None),
        ({"userId": 5, "userid": None}, 5, None),
        ({"userId": 5, "userid": "x"}, 5, {"userid": "x"}),
        ({"userId": "5", "USERID": "6"}, 5, {"USERID": "6"}),
        ({"userId": None, "userid": None}, None, None),
    ]
    for fields, userid, left in cases:
        made = Values(SCHEMA, BUDAPEST).record(fields)
        assert (made["userid"], made["additional_fields"]) == (userid, left)
        assert list(made) == list(PROPERTIES)
    made = record(start_ts=None, START_TS="2015-08-17 15:05:08", Start_ts="x")
    assert made["start_ts_utc"] == "2015-08-17T13:05:08+00:00"
    assert (made["start_ts"], made["additional_fields"]) == (
        "2015-08-17 15:05:08",
        {"Start_ts": "x"},
    )


def test_one_instant_of_two_that_differ_in_case_is_kept_as_it_is() -> None:
    first, second = "2015-08-17 13:05:08", "2015-08-17 13:05:09"
    made = record(billing_ts_utc=first, Billing_ts_utc=second)
    assert made["billing_ts_utc"] == "2015-08-17T13:05:08+00:00"
    assert made["additional_fields"] == {"Billing_ts_utc": second}
