"""What people write for a setting, and what is meant by it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_vcclive.settings.config import normalize
from tap_vcclive.tap import TapVCCLive

TapVCCLive.append_builtin_config(TapVCCLive.config_jsonschema)
SCHEMA: dict[str, Any] = TapVCCLive.config_jsonschema
UUIDS = ["95bd5f46-44e0-11e5-a6da-6547f8762750", "bbf5825e-85de-4ec1-8625-e6eaf5c96b1e"]


def meant(**config: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return what is meant by a config."""
    normalize(config, SCHEMA)
    return config


@pytest.mark.parametrize(
    "said",
    [
        *("1,2", " 1 , 2 ", "1;2", "1 2", "1,\n2,\n", "01,2", '"1","2"', "'1' , '2'"),
        *("[1,2]", " [1, 2] ", '["1","2"]', "['1', '2']", [1, 2], ["1", " 2 "]),
    ],
    ids=repr,
)
def test_projects_in_any_form_are_a_list_of_numbers(said: object) -> None:
    assert meant(project_ids=said) == {"project_ids": [1, 2]}


@pytest.mark.parametrize("said", ["5", " 5\n", "[5]", '["5"]', 5, [5], ["5"], "5,"], ids=repr)
def test_so_is_a_single_one(said: object) -> None:
    assert meant(project_ids=said) == {"project_ids": [5]}


@pytest.mark.parametrize("said", [",".join(UUIDS), "\n".join(UUIDS), str(UUIDS), UUIDS], ids=repr)
def test_calls_can_be_named_in_a_row(said: object) -> None:
    assert meant(calls=said) == {"calls": UUIDS}


def test_a_call_with_its_month_can_be_a_text_or_an_object() -> None:
    call = {"uuid": UUIDS[1], "year": "2026", "month": 1}
    text = f'{{"uuid": "{UUIDS[1]}", "year": "2026", "month": 1}}'
    for said in (call, [call], text, f"[{text}]"):
        assert meant(calls=said) == {"calls": [call]}


@pytest.mark.parametrize("said", ["true", "True", " TRUE\n", "1", "yes", "on", True], ids=repr)
def test_what_is_true_is_true_and_what_is_false_false(said: object) -> None:
    opposites = {"true": "false", "1": "0", "yes": "no", "on": "off"}
    opposite = False if said is True else opposites[str(said).strip().lower()]
    config = meant(calls_from_log=said, flattening_enabled=opposite)
    assert config == {"calls_from_log": True, "flattening_enabled": False}


def test_objects_are_read_out_of_texts_and_an_empty_one_is_not_set() -> None:
    maps = '{"cdr": {"source": "md5(source)"}}'
    config = meant(stream_maps=maps, stream_map_config="{'seed': ' x '}", batch_config=" {} ")
    assert config == {
        "stream_maps": {"cdr": {"source": "md5(source)"}},
        "stream_map_config": {"seed": " x "},  # what a map makes of it is its own matter
    }


@pytest.mark.parametrize("broken", ["[", "[1,", '{"a": 1', "{", "[" * 10**5, '{"a":' * 10**4])
def test_what_cannot_be_read_is_left_for_the_check_to_name(broken: str) -> None:
    for name in ("calls", "project_ids", "stream_maps", "batch_config"):
        assert meant(**{name: broken}) == {name: broken}


def test_unknown_settings_are_kept_for_the_check_to_name() -> None:
    assert meant(nonsense=" x ", other=[None]) == {"nonsense": "x", "other": [None]}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(SCHEMA["properties"])), JSON)
def test_what_is_meant_means_the_same_again(name: str, value: object) -> None:
    once = meant(**{name: value})
    assert repr(meant(**once)) == repr(once)  # not-a-number is not equal to itself
