"""What a setting of batches can be, found out before anything is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from singer_sdk.exceptions import ConfigValidationError

from tap_vcclive.singer.batch_settings import batch_problems
from tap_vcclive.tap import TapVCCLive

GOOD: dict[str, Any] = {"encoding": {"format": "jsonl"}, "storage": {"root": "file:///tmp/x"}}
FLAT = {"flattening_enabled": True, "flattening_max_depth": 1}


def problems(batches: dict[str, Any], **settings: object) -> list[str]:
    """Return what is wrong with batches."""
    return [*batch_problems({"batch_config": batches, **settings})]


@pytest.mark.parametrize(
    "batches",
    [
        {},
        GOOD,
        GOOD | {"batch_size": 1},
        GOOD | {"batch_size": None, "storage": {"root": "memory://x", "prefix": None}},
        GOOD | {"storage": {"root": "out", "prefix": "a/", "params": {"auto_mkdir": True}}},
        GOOD | {"encoding": {"format": "jsonl", "compression": "gzip"}},
    ],
    ids=str,
)
def test_a_good_setting_is_no_problem(batches: dict[str, Any]) -> None:
    assert problems(batches) == []


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ({"batch_size": 0}, "[batch_size]: must be an integer of at least 1"),
        ({"batch_size": True}, "[batch_size]: must be an integer of at least 1"),
        ({"batch_size": "7"}, "[batch_size]: must be an integer of at least 1"),
        ({"batch_wait_limit_seconds": 5}, "[batch_wait_limit_seconds]: no such setting"),
        ({"encoding": None}, "[encoding][format]: must be set"),
        ({"encoding": {"format": "csv"}}, "[encoding][format]: must be jsonl or parquet"),
        (
            {"encoding": {"format": "jsonl", "compression": "none"}},
            "[encoding][compression]: must be gzip, as the SDK writes no other",
        ),
        (
            {"encoding": {"format": "jsonl", "delimiter": ","}},
            "[encoding][delimiter]: no such setting",
        ),
        ({"storage": {}}, "[storage][root]: must be set"),
        ({"storage": {"root": ""}}, "[storage][root]: must be set"),
        ({"storage": {"root": 5}}, "[storage][root]: must be of type string"),
        ({"storage": {"root": "x", "prefix": 5}}, "[storage][prefix]: must be of type string"),
        ({"storage": {"root": "x", "params": []}}, "[storage][params]: must be of type object"),
        (
            {"storage": {"root": "nope://u:s3cr3t@host/x"}},
            "[storage][root]: is of a kind that no package installed here writes to",
        ),
    ],
    ids=str,
)
def test_a_bad_part_is_named_by_its_place(part: dict[str, Any], line: str) -> None:
    assert problems(GOOD | part) == [line]


def test_parquet_needs_its_package_and_flat_records(monkeypatch: pytest.MonkeyPatch) -> None:
    parquet = GOOD | {"encoding": {"format": "parquet"}}
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert problems(parquet, **FLAT) == [
        "[encoding][format]: needs the package pyarrow, which is not installed"
    ]
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    needs = "[encoding][format]: needs flattening_enabled and flattening_max_depth"
    assert problems(parquet) == problems(parquet, flattening_enabled=True) == [needs]
    assert problems(parquet, **FLAT) == []


def test_a_stream_of_which_maps_make_copies_cannot_be_written_into_files() -> None:
    config = {
        "customer": "acme",
        "api_key": "key",
        "start_date": "2026-01-01",
        "batch_config": GOOD,
    }
    copy: dict[str, Any] = {"calls": {"__source__": "cdr_log"}}
    with pytest.raises(ConfigValidationError) as refused:
        TapVCCLive(config=config | {"stream_maps": copy}, parse_env_config=False)
    assert refused.value.errors == [
        "batch_config: cannot be used where stream_maps makes copies of cdr_log"
    ]
    only = {**copy, "cdr_log": None}
    tap = TapVCCLive(config=config | {"stream_maps": only}, parse_env_config=False)
    stream = tap.streams["cdr_log"]
    batches = stream.get_batch_config(tap.config)
    assert batches is not None
    (message,) = stream._generate_batch_messages(batches.encoding, ["file"])  # noqa: SLF001
    assert message.stream == "calls"
