"""What a value says in a column of each JSON type: what can mean one thing only is taken for it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tap_vcclive.values.record import Values

SCHEMA: dict[str, Any] = {
    "properties": {
        "id": {"type": "integer"},
        "rate": {"type": ["number", "null"]},
        "is_agent": {"type": ["boolean", "null"]},
        "teams": {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
        "numbers": {"type": ["array", "null"], "items": {"type": ["integer", "null"]}},
        "anything": {"type": ["array", "null"]},
        "custom": {"type": ["object", "null"]},
        "call": {"type": ["string", "null"], "x-form": "uuid"},
        "additional_fields": {"type": ["object", "null"]},
    }
}
UUID = "95bd5f46-44e0-11e5-a6da-6547f8762750"


def record(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return the record of an object."""
    return Values(SCHEMA, ZoneInfo("Europe/Budapest")).record({"id": 1, **fields})


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("rate", 3, 3),
        ("rate", Decimal("3.50"), Decimal("3.50")),
        ("rate", " -3.5 ", Decimal("-3.5")),
        ("rate", "3", Decimal(3)),
        ("rate", " ", None),
        ("is_agent", True, True),
        ("is_agent", False, False),
        ("is_agent", 1, True),
        ("is_agent", 0, False),
        ("is_agent", "Yes", True),
        ("is_agent", " no ", False),
        ("is_agent", "true", True),
        ("is_agent", "FALSE", False),
        ("is_agent", "1", True),
        ("is_agent", "", None),
        ("teams", [], []),
        ("teams", ["a\0", "b"], ["a", "b"]),
        ("teams", [1, None, Decimal("2.0")], ["1", None, "2.0"]),
        ("teams", {"0": "a", "1": "b"}, ["a", "b"]),
        ("teams", "", None),
        ("numbers", ["1", 2, "3.0", None], [1, 2, 3, None]),
        ("anything", [{"a": ["\0"]}, 1], [{"a": [""]}, 1]),
        ("custom", {"a": "\ud800", "b": None}, {"a": "\ufffd", "b": None}),
        ("custom", [], {}),
        ("custom", "", None),
        ("call", UUID, UUID),
        ("call", "{" + UUID.upper() + "}", UUID),
        ("call", "", None),
    ],
)
def test_values_arrive_in_many_forms_and_leave_in_one(
    column: str, value: object, expected: object
) -> None:
    made = record(**{column: value})
    assert made[column] == expected
    assert type(made[column]) is type(expected)
    assert made["additional_fields"] is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("rate", "3,5"),
        ("rate", "1e3"),
        ("rate", True),
        ("rate", [3]),
        ("is_agent", 2),
        ("is_agent", "on"),
        ("is_agent", Decimal("1.5")),
        ("is_agent", []),
        ("teams", "a, b"),
        ("teams", 3),
        ("teams", [["a"]]),
        ("teams", {"a": "b"}),
        ("numbers", ["1", "x"]),
        ("custom", ["a"]),
        ("custom", "a"),
        ("call", "x"),
        ("call", 5),
    ],
)
def test_the_original_of_what_does_not_fit_is_kept(column: str, value: object) -> None:
    made = record(**{column: value})
    assert made[column] is None
    assert made["additional_fields"] == {column: value}


def test_a_number_that_no_target_reads_is_kept_as_text() -> None:
    for number in ("1e400", str(2**63)):
        made = record(rate=Decimal(number))
        assert made["rate"] is None
        assert Decimal(made["additional_fields"]["rate"]) == Decimal(number)
