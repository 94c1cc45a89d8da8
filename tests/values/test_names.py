"""Which names of fields stand in a log: what can be a number or a person is counted only."""

from __future__ import annotations

import pytest

from tap_vcclive.values.names import named


@pytest.mark.parametrize(
    "name",
    [
        "agent_mood",
        "deletedUserId",
        "CallID",
        "UUID",
        "vcc_score2",
        "x_2024",
        "_id",
        "Note",
        "CALL",
    ],
)
def test_a_name_of_a_field_is_shown(name: str) -> None:
    assert named([name]) == name


@pytest.mark.parametrize(
    "name",
    [
        "p_36_30_123_4567",
        "x12345",
        "Kovacs_Marker_Janos",
        "KovacsJanos",
        "KOVACS_JANOS",
        "K_Janos",
        "anna@example.com",
        "Kovács",
        "no name",
        "a" * 41,
        "",
    ],
)
def test_what_can_be_something_else_is_counted_only(name: str) -> None:
    assert named([name]) == "1 odd name"
    assert named(["mood", name, "dc", name + "!"]) == "mood, dc, 2 odd names"
