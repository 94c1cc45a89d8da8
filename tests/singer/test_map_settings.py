"""The form of stream maps, and the names in them, by themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.singer.map_names import (
    Columns,
    added_to,
    hidden_by,
    maps_for,
    name_problems,
    place_of,
)
from tap_vcclive.singer.map_settings import form_problems, place_in

STREAMS = {
    "cdr": Columns(["uuid", "source"], ["uuid"]),
    "cdr_log": Columns(["uuid", "source", "talktime"], ["uuid"], ["talktime"]),
    "users": Columns(["userid", "name"], ["userid"]),
}


def form(maps: Any) -> list[str]:  # noqa: ANN401 - of any form
    """Return what is wrong with the form of maps."""
    return [*form_problems({"stream_maps": maps})]


def names(maps: dict[str, Any]) -> list[str]:
    """Return what is wrong with the names in maps, without the name of the setting."""
    return [problem.removeprefix("stream_maps") for problem in name_problems(maps, STREAMS)]


@pytest.mark.parametrize(
    "maps",
    [
        {},
        {"cdr": None, "cdr_log": "__NULL__", "__else__": None},
        {"cdr": {"source": None, "a": "__NULL__", "b": "sha256(source)", "__else__": "__NULL__"}},
        {"cdr": {"__filter__": "talktime > 0", "__alias__": "'calls'", "__key_properties__": None}},
        {"cdr": {"__filter__": None, "__key_properties__": ["uuid", "source"]}},
        {"copy": {"__source__": "cdr", "a": "f'{source}'", "b": "[x for x in source]"}},
    ],
    ids=str,
)
def test_a_good_form_is_no_problem(maps: dict[str, Any]) -> None:
    assert form(maps) == []


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"__fliter__": "talktime > 0"}, "[__fliter__]: no such option"),
        ({"__filter__": 5}, "[__filter__]: is not of a form that this setting has"),
        ({"__filter__": "a = 5"}, "[__filter__]: is no expression"),
        ({"a": "source; destination"}, "[a]: is no expression"),
        ({"a": "import os"}, "[a]: is no expression"),
        ({"a": ["source"]}, "[a]: is not of a form that this setting has"),
        ({"__alias__": None}, "[__alias__]: is not of a form that this setting has"),
        ({"__alias__": "my calls"}, "[__alias__]: is no expression"),
        ({"__source__": "cdr", "__alias__": "x"}, "[__alias__]: cannot stand beside __source__"),
        ({"__source__": None}, "[__source__]: must name a stream"),
        ({"__else__": "uuid"}, "[__else__]: must be null"),
        ({"__key_properties__": "uuid"}, "[__key_properties__]: must be a list of properties, or"),
        (
            {"__key_properties__": [5]},
            "[__key_properties__]: must be a list of properties, or null",
        ),
        ({"a": "fake.name()"}, "[a]: fake needs the package faker, which is not installed"),
        ({"sha256('x' + a)": 5}, "[entry 1]: is not of a form that this setting has"),
    ],
    ids=str,
)
def test_a_bad_form_is_named_by_its_place(
    entry: dict[str, Any], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    (found,) = form({"cdr": entry})
    assert found.startswith(f"[cdr]{problem}")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
OPTIONS = st.sampled_from(["__filter__", "__alias__", "__source__", "__key_properties__", "a"])


@settings(max_examples=40)
@given(st.dictionaries(st.text(max_size=9), st.dictionaries(OPTIONS, VALUES) | VALUES, max_size=4))
def test_whatever_is_given_either_has_a_problem_or_has_a_place(maps: dict[str, Any]) -> None:
    """A fault would be an error: the form is looked at before anything is known of it."""
    if not form(maps):
        names(maps)
        for stream, columns in STREAMS.items():
            own = maps_for(maps, stream, columns)
            assert own.keys() <= maps.keys()
            added_to(own, columns)
            hidden_by(maps, stream, columns)


def test_names_of_streams_are_patterns() -> None:
    log = {"source": None, "talktime": None}
    assert names({"*": {"source": None, "name": None}, "cdr?log": log}) == []
    assert names({"*": {"nme": None}, "crd*": None, "x": {"__source__": "*_log"}}) == [
        "[*][nme]: no such property",
        "[crd*]: no such stream",
    ]


def test_a_map_leaves_the_key_that_its_output_is_to_have() -> None:
    lacks = "leaves out a property of its key; __key_properties__ can name others"
    assert names({"cdr": {"__else__": None, "source": "source"}}) == [f"[cdr]: {lacks}"]
    assert names({"cdr": {"__key_properties__": ["caller"]}}) == [f"[cdr]: {lacks}"]
    for good in (
        {"__else__": None, "uuid": "uuid"},
        {"__key_properties__": ["caller"], "caller": "source", "uuid": None},
        {"__key_properties__": None, "uuid": None},
    ):
        assert names({"cdr": good}) == []


def test_a_column_that_is_not_selected_is_not_brought_back() -> None:
    maps = {"*": {"talktime": "5", "a": "1"}, "__else__": None, "users": None}
    assert names(maps) == []
    assert maps_for(maps, "cdr_log", STREAMS["cdr_log"]) == {"*": {"a": "1"}}
    assert maps_for(maps, "cdr", STREAMS["cdr"]) == {"*": {"talktime": "5", "a": "1"}}
    assert maps_for(maps, "users", STREAMS["users"]).keys() == {"*", "users"}
    assert names({"*": {"a": "talktime + 1"}}) == ["[*][a]: uses talktime, which is not selected"]


def test_what_a_map_adds_is_known_by_its_place() -> None:
    maps = {"cdr": {"source": "'x'", "sorce": "md5(source)", "gone": None, "__filter__": "source"}}
    assert added_to(maps, STREAMS["cdr"]) == ["stream_maps[cdr][sorce]"]


def test_the_place_of_what_fails_is_that_of_the_map_that_counts() -> None:
    maps = {
        "*": {"a": "1"},
        "cdr": {"a": "1"},
        "x": {"__source__": "cdr", "a": "1"},
        "y": {"__source__": "cdr", "a": "1"},
    }
    assert place_of(maps, "cdr", None, "a") == "stream_maps[cdr][a]"
    assert place_of(maps, "users", None, "a") == "stream_maps[*][a]"
    assert place_of(maps, "cdr", "x", "a") == "stream_maps[x][a]"
    assert place_of(maps, "cdr", None, None) == "stream_maps[cdr][__filter__]"
    assert place_of({}, "cdr", None, None) == "stream_maps"


def test_a_place_repeats_no_number_and_no_expression() -> None:
    maps = {"36301234567": {}, "cdr": {"sha256('seed')": "a", "a\nb": "a", "p_36_30_12": "a"}}
    text = json.dumps(
        [place_in(maps, "36301234567"), *(place_in(maps, "cdr", n) for n in maps["cdr"])]
    )
    assert text == '["[entry 1]", "[cdr][entry 1]", "[cdr][entry 2]", "[cdr][entry 3]"]'


def test_a_map_that_counts_says_all_that_one_before_it_says() -> None:
    every = {"source": None, "name": "'x'", "__filter__": "uuid", "a": "1"}
    takes = "takes the place of stream_maps"
    maps = {"*": every, "cdr": {"__filter__": "uuid"}, "users": {"name": "name"}}
    assert names(maps) == [
        f"[cdr]: {takes}[*][source] for cdr",
        f"[users]: {takes}[*][__filter__] for users",
    ]
    assert names({"cdr": None, "cdr*": {"source": None}}) == [
        f"[cdr*]: {takes}[cdr], which leaves out cdr"
    ]
    copies = {"cdr": {"source": None}, "x": {"__source__": "cdr"}, "y": {"__source__": "cdr"}}
    assert names(copies) == []
    log = {"source": "source", "__filter__": "source"}
    assert names({"*": every, "cdr": None, "cdr_log": log, "users": None}) == []
    chosen = {"uuid": "uuid", "__else__": None}
    assert names({"cdr*": {"source": None}, "cdr_log": chosen, "cdr": None}) == []
    assert names({"cdr_*": chosen, "cdr_log": {"source": None}}) == [
        f"[cdr_log]: {takes}[cdr_*][talktime] for cdr_log"
    ]


def test_what_a_map_leaves_out_or_changes_is_hidden() -> None:
    maps = {"cdr*": {"source": "md5(source)", "a": "source", "talktime": "talktime"}}
    assert hidden_by(maps, "cdr", STREAMS["cdr"]) == {"source"}
    assert hidden_by(maps, "users", STREAMS["users"]) == set()
    copy = {"x": {"__source__": "cdr", "source": None}}
    assert hidden_by(copy, "cdr", STREAMS["cdr"]) == {"source"}
    chosen = {"cdr": {"uuid": "uuid", "__else__": None}, "__else__": None, "users": None}
    assert hidden_by(chosen, "cdr", STREAMS["cdr"]) == {"source"}
