"""No settings end in a traceback: what the checks let through can be used, all else has a line."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from singer_sdk.exceptions import ConfigValidationError

from tap_vcclive.api.connection import Connection
from tap_vcclive.settings.checks import problems_of
from tap_vcclive.settings.typed import Settings
from tap_vcclive.tap import TapVCCLive
from tests.soak import FACTOR

UUID = "95bd5f46-44e0-11e5-a6da-6547f8762750"
GOOD: dict[str, Any] = {
    "customer": "acme",
    "api_key": "k",
    "calls": [UUID],
    "start_date": "2026-01-01",
}
TapVCCLive.append_builtin_config(TapVCCLive.config_jsonschema)
# What stream maps and batches may say has tests of its own.
NAMES = sorted(TapVCCLive.config_jsonschema["properties"].keys() - {"stream_maps", "batch_config"})

WHOLE = st.integers() | st.integers(-3, 70) | st.sampled_from([10**400, -(10**400), 2**63])
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=4,
)
HOSTS = st.text("ab.-*%[]:@/\\v1z0_~!$&'()+,;=é", max_size=12)
DATES = st.text("0123456789-:TZ+W .", max_size=25) | st.datetimes().map(str)
TEXTS: dict[str, st.SearchStrategy[Any]] = {
    "api_url": st.text(max_size=20)
    | st.builds("https://{}{}".format, HOSTS, st.text("/%v2:.?#[]z ")),
    "customer": st.text("ab-c.0", max_size=70),
    "end_date": DATES,
    "start_date": DATES,
    "timezone": st.sampled_from(
        ["Factory", "posixrules", "tzdata.zi", "__init__.py", "UTC\0", "a/.."]
    ),
}


def is_taken(config: dict[str, Any]) -> bool:
    """Return whether the tap takes settings; it can then use them up to the first request."""
    try:
        tap = TapVCCLive(config=copy.deepcopy(GOOD | config), parse_env_config=False)
    except ConfigValidationError as error:
        if not error.errors or any("\n" in line for line in error.errors):
            raise
        return False
    Connection(Settings.of(tap.config)).close()
    for stream in (one for one in tap.streams.values() if one.selected):
        (schema,) = stream._generate_schema_messages()  # noqa: SLF001 - as the SDK does
        assert {*stream.primary_keys} <= schema.schema["properties"].keys()
    return True


@given(st.data(), st.sampled_from(NAMES))
@settings(max_examples=100 * FACTOR, deadline=None)
def test_any_value_of_any_setting_is_taken_or_refused(data: st.DataObject, name: str) -> None:
    value = data.draw(TEXTS.get(name, st.text(max_size=12)) | JSON, name)
    flattening = {"flattening_enabled": True, "flattening_max_depth": 1}
    is_taken((flattening if "flattening" in name else {}) | {name: value})


@given(HOSTS)
@settings(max_examples=100 * FACTOR, deadline=None)
@example(".x")
@example("*.x")
@example("a%zz")
@example("[v1.x]")
@example("a..b")
@example("a" * 64 + ".example")
@example("%")
def test_any_address_is_taken_or_refused(host: str) -> None:
    config = GOOD | {"api_url": f"https://{host}/v2"}
    if not problems_of(config, TapVCCLive.config_jsonschema):
        Connection(Settings.of(config)).close()


@pytest.mark.parametrize(
    "host", [".x", "*.x", "a%zz", "[v1.x]", "a..b", "a" * 64 + ".example", "%"]
)
def test_a_host_that_can_have_no_name_is_refused(host: str) -> None:
    assert not is_taken({"api_url": f"https://{host}/v2"})


@pytest.mark.parametrize(
    "date", ["9999-12-31T23:00Z", "0001-01-01T01:00Z", "9999-12-31T12:00-12:00"]
)
def test_a_time_that_some_zone_has_no_day_for_is_refused(date: str) -> None:
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12", "UTC"):
        for name in ("start_date", "end_date"):
            assert not is_taken({name: date, "timezone": zone})


@pytest.mark.parametrize(
    ("least", "is_enough"), [(-(10**400), False), (0, False), (22, False), (23, True)]
)
def test_columns_keep_names_of_their_own_or_the_length_is_refused(
    least: int,
    is_enough: bool,  # noqa: FBT001 - an example
) -> None:
    flattening = {"flattening_enabled": True, "flattening_max_depth": 1}
    config = {**flattening, "flattening_max_key_length": least}
    assert is_taken(config) == is_enough
    assert is_taken({**config, "flattening_enabled": False})
    if not is_enough:
        with pytest.raises(ConfigValidationError) as raised:
            TapVCCLive(config=GOOD | config, parse_env_config=False)
        says = "flattening_max_key_length: must be at least 23, or columns would share a name"
        assert raised.value.errors == [says]


def test_flattening_needs_a_depth_that_is_one() -> None:
    assert is_taken({"flattening_enabled": True, "flattening_max_depth": 0})
    assert not is_taken({"flattening_enabled": True})
    assert not is_taken({"flattening_enabled": True, "flattening_max_depth": -1})


def test_settings_of_a_megabyte_are_taken() -> None:
    assert is_taken({"calls": [UUID] * 15_000, "stream_map_config": {"seed": "x" * 2**19}})
