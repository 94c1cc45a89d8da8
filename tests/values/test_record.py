"""Objects of the API become complete records that every target reads, and nothing is dropped."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from singer_sdk.singerlib.json import serialize_json

from tap_vcclive import schemas
from tap_vcclive.values.record import Values
from tests.documented import DOCUMENTED, INSTANT, UUID

SCHEMA: dict[str, Any] = json.loads(resources.files(schemas).joinpath("cdr.json").read_text())
PROPERTIES: dict[str, dict[str, Any]] = SCHEMA["properties"]
INTEGERS = [name for name, declared in PROPERTIES.items() if "integer" in declared["type"]]
TWINS = [name for name, declared in PROPERTIES.items() if declared.get("format") == "date-time"]
TEXTS = [
    name for name in PROPERTIES if name not in {*INTEGERS, *TWINS, "uuid", "additional_fields"}
]
# Of the formats that a plain installation can check, date-time is not one.
FORMATS = FormatChecker()
BUDAPEST = ZoneInfo("Europe/Budapest")


@FORMATS.checks("date-time", raises=ValueError)
def is_the_one_form(value: object) -> bool:
    """Return whether a value is an instant in the one form of this project."""
    if not isinstance(value, str):
        return True
    instant = datetime.fromisoformat(value)
    return value == instant.astimezone(UTC).isoformat(timespec="seconds")


VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FORMATS)


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


def texts_in(value: object) -> list[str]:
    """Return every text in a JSON value, names included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [*value, *(text for item in value.values() for text in texts_in(item))]
    return [text for item in value for text in texts_in(item)] if isinstance(value, list) else []


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
        "1e3",
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
    bottomless: list[Any] = []
    for _ in range(100_000):
        bottomless = [bottomless]
    assert serialize_json(kept(new=bottomless, dc=bottomless))


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


@pytest.mark.parametrize("twin", TWINS)
def test_an_impossible_timestamp_stays_and_has_no_twin(twin: str) -> None:
    local = twin.removesuffix("_utc")
    made = record(**{local: "2015-02-30 15:05:08"})
    assert made[local] == "2015-02-30 15:05:08"
    assert made[twin] is None


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


characters = st.characters() | st.sampled_from(["\0", "\ud800", "\udfff", "\u2028"])
texts = st.text(characters, max_size=8)
numbers = (
    st.integers()
    | st.sampled_from([2**63, -(2**63), 10**400])
    | st.sampled_from(["1E+400", "1E-400", "1E+999999999", "-1E-999999999"]).map(Decimal)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False, min_value=-10, max_value=10, places=2)
    | st.floats()
)
timestamps = st.from_regex(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-5][0-9]:[0-5][0-9]"
    r"(\.[0-9]+)?(Z|[+-]0[0-9]:00)?",
    fullmatch=True,
)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts | timestamps | st.integers().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(st.sampled_from([*PROPERTIES, "new"]) | texts, json_values, max_size=8)


@given(objects, st.none() | st.datetimes(timezones=st.just(UTC)))
@settings(max_examples=400, deadline=None)
def test_any_object_becomes_a_record_that_every_target_reads(
    fields: dict[str, Any], instant: datetime | None
) -> None:
    made = Values(SCHEMA, BUDAPEST).record(fields, lambda: instant)
    made["uuid"] = UUID  # as the stream does, which knows the call
    VALIDATOR.validate(made)
    assert list(made) == list(PROPERTIES)
    for text in texts_in(made):
        assert "\0" not in text
        text.encode()
    line = serialize_json(made)
    assert "\\u0000" not in line.replace("\\\\", "")
    assert json.loads(line)["uuid"] == UUID


@given(objects)
@settings(max_examples=200, deadline=None)
def test_every_value_is_in_its_column_or_in_the_additional_fields(fields: dict[str, Any]) -> None:
    made = Values(SCHEMA, BUDAPEST).record(fields, lambda: None)
    additional = made["additional_fields"] or {}
    undeclared = 0
    for name, value in fields.items():
        empty = value is None or (isinstance(value, str) and not value.strip(" \t\n\r\v\f0-:TZ.+"))
        if name not in PROPERTIES or name == "additional_fields":
            undeclared += value is not None
        elif not empty and made[name] is None:
            assert [key for key in additional if key.startswith(name)]
    assert len(additional) >= undeclared
