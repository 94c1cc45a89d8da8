"""Whatever stands in a catalog, records hold what their SCHEMA declares; run by the command."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from tap_vcclive.tap import TapVCCLive
from tests.catalogs import CALLS
from tests.runs import Run, Runner, entries, log_config_for
from tests.values.schema import PROPERTIES
from vcclive_sandbox.server import Options, Variants, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from vcclive_sandbox.server import RunningSandbox

SMALL = Options(days=1, calls_per_day=8)
STREAMS = ("cdr", "cdr_log")
KEYS = {"uuid", "start_ts_utc"}
LACKS = "The catalog lacks columns of the stream, which are left out: "

Entry = dict[str, Any]


def discovered() -> dict[str, Any]:
    """Return the catalog that the tap discovers of the calls, all of it selected."""
    tap = TapVCCLive(config={}, validate_config=False)
    catalog: dict[str, Any] = json.loads(tap.catalog_json_text)
    catalog["streams"] = [entry for entry in catalog["streams"] if entry["stream"] in CALLS]
    for entry in catalog["streams"]:
        metadata_of(entry, [])["selected"] = True
    return catalog


def metadata_of(entry: Entry, breadcrumb: list[str]) -> dict[str, Any]:
    """Return the metadata of a stream or of one of its columns, to be changed."""
    (found,) = [item for item in entry["metadata"] if item["breadcrumb"] == breadcrumb]
    metadata: dict[str, Any] = found["metadata"]
    return metadata


def without(*names: str, keep_metadata: bool = False) -> Callable[[Entry], None]:
    """Return what takes columns out of a stream's entry."""

    def change(entry: Entry) -> None:
        for name in names:
            del entry["schema"]["properties"][name]
        if not keep_metadata:
            entry["metadata"] = [i for i in entry["metadata"] if i["breadcrumb"][1:] != [*names]]

    return change


def declaring(name: str, **declared: object) -> Callable[[Entry], None]:
    """Return what declares a column in another way."""

    def change(entry: Entry) -> None:
        entry["schema"]["properties"][name] = declared

    return change


def without_keys_of_the_entry(*names: str) -> Callable[[Entry], None]:
    """Return what takes parts out of a stream's entry."""

    def change(entry: Entry) -> None:
        for name in names:
            del entry[name]

    return change


def with_metadata(
    breadcrumb: list[str], metadata: dict[str, Any] | None
) -> Callable[[Entry], None]:
    """Return what sets the metadata of a stream or a column, or takes it away."""

    def change(entry: Entry) -> None:
        others = [item for item in entry["metadata"] if item["breadcrumb"] != breadcrumb]
        own = [] if metadata is None else [{"breadcrumb": breadcrumb, "metadata": metadata}]
        entry["metadata"] = others + own

    return change


def with_name(name: str) -> Callable[[Entry], None]:
    """Return what gives a stream another name than its id."""

    def change(entry: Entry) -> None:
        entry["stream"] = name

    return change


def columns_of(run: Run, stream: str) -> set[str]:
    """Return the columns of a stream's records, each of which its SCHEMA must declare.

    Every record must hold every column that the SCHEMA declares, and be valid.
    """
    (schema,) = [m for m in run.messages if m["type"] == "SCHEMA" and m["stream"] == stream]
    records = [m["record"] for m in run.messages if m["type"] == "RECORD" and m["stream"] == stream]
    assert len(records) == SMALL.calls_per_day
    validator = Draft202012Validator(schema["schema"])
    for record in records:
        validator.validate(record)
        assert record.keys() == schema["schema"]["properties"].keys()
    assert schema["key_properties"] == ["uuid"]
    assert schema["bookmark_properties"] == ["start_ts_utc"]
    assert set(records[0]) >= KEYS
    assert all(record["uuid"] and record["start_ts_utc"] for record in records)
    return set(records[0])


def warnings_in(run: Run, text: str) -> list[str]:
    """Return the lines of the log that warn with a text."""
    return [line for line in run.log.splitlines() if "| WARNING" in line and text in line]


def run_with(run_tap: Runner, sandbox: RunningSandbox, catalog: dict[str, Any]) -> Run:
    """Run both streams with a catalog."""
    config = log_config_for(sandbox, calls=entries(sandbox))
    return run_tap(config, None, "--catalog", run_tap.file("catalog.json", catalog))


CHANGES: dict[str, tuple[Callable[[Entry], None], set[str]]] = {
    "a column": (without("vcc_score"), {"vcc_score"}),
    "a column of the schema only": (without("vcc_score", keep_metadata=True), {"vcc_score"}),
    "some columns": (
        without("billing_ts_utc", "additional_fields", "source", keep_metadata=True),
        {"billing_ts_utc", "additional_fields", "source"},
    ),
    "the key": (without("uuid"), set()),
    "the replication key": (without("start_ts_utc"), set()),
    "all columns": (without(*PROPERTIES), set(PROPERTIES) - KEYS),
    "a schema": (without_keys_of_the_entry("schema"), set()),
    "properties": (lambda entry: entry.update(schema={"type": "object"}), set()),
    "metadata": (without_keys_of_the_entry("metadata"), set()),
    "metadata of the stream": (with_metadata([], None), set()),
    "metadata of a column": (with_metadata(["properties", "source"], None), set()),
    "a schema and metadata": (without_keys_of_the_entry("schema", "metadata"), set()),
    "keys": (without_keys_of_the_entry("key_properties", "replication_key"), set()),
    "its name": (without_keys_of_the_entry("stream"), set()),
}


@pytest.mark.parametrize("lack", CHANGES)
def test_records_hold_what_their_schema_declares_whatever_a_catalog_lacks(
    run_tap: Runner, lack: str
) -> None:
    change, left_out = CHANGES[lack]
    catalog = discovered()
    for entry in catalog["streams"]:
        change(entry)
    with serving(SMALL) as sandbox:
        run = run_with(run_tap, sandbox, catalog)
    assert run.status == 0
    for stream in STREAMS:
        assert columns_of(run, stream) == set(PROPERTIES) - left_out
        names = ", ".join(name for name in PROPERTIES if name in left_out)
        lines = warnings_in(run, f"{stream}: {LACKS}")
        assert [line.rpartition(": ")[2] for line in lines] == ([names] if names else [])
    assert len(warnings_in(run, "atalog")) == (2 if left_out else 0)


OTHERS: dict[str, tuple[Callable[[Entry], None], str | None]] = {
    "text for a number": (declaring("ringtime", type=["string", "null"]), "in another way"),
    "no null": (declaring("billing_ts", type="string"), "in another way"),
    "text for an object": (declaring("additional_fields", type="string"), "in another way"),
    "a date": (declaring("start_ts_utc", type="string", format="date"), "in another way"),
    "a shorter text": (
        declaring("dc", type=["null", "string"], maxLength=1),
        "in another way",
    ),
    "no type": (declaring("dc", description="x"), None),
    "a note": (
        declaring("dc", type=["null", "string"], **{"x-sql-datatype": "varchar"}),
        None,
    ),
    "an extra column": (declaring("agent_mood", type="integer"), "does not have: agent_mood"),
    "an extra column that is required": (
        lambda entry: entry["schema"].update(
            properties={**entry["schema"]["properties"], "agent_mood": {"type": "string"}},
            required=["uuid", "agent_mood"],
        ),
        "does not have: agent_mood",
    ),
    "columns with odd names": (
        lambda entry: entry["schema"]["properties"].update(
            {name: {} for name in ("kovacs@example.com", "36301234567", "agent_mood")}
        ),
        "does not have: agent_mood, 2 odd names",
    ),
    "another replication": (
        lambda entry: entry.update(replication_method="Kovács 36301234567"),
        "The catalog asks for 1 odd name",
    ),
    "another key": (lambda entry: entry.update(key_properties=["source"]), None),
    "another name": (with_name("calls"), None),
    "a key that is deselected": (
        with_metadata(["properties", "uuid"], {"inclusion": "unsupported", "selected": False}),
        None,
    ),
}


@pytest.mark.parametrize("other", OTHERS)
def test_a_column_is_declared_as_the_tap_fills_it_whatever_a_catalog_says(
    run_tap: Runner, other: str
) -> None:
    change, said = OTHERS[other]
    catalog = discovered()
    for entry in catalog["streams"]:
        change(entry)
    with serving(SMALL) as sandbox:
        run = run_with(run_tap, sandbox, catalog)
    assert run.status == 0
    for stream in STREAMS:
        assert columns_of(run, stream) == set(PROPERTIES)
    assert len(warnings_in(run, "atalog")) == (2 if said else 0)
    assert len(warnings_in(run, said or LACKS)) == (2 if said else 0)


def test_a_note_on_a_column_for_the_target_is_passed_on(run_tap: Runner) -> None:
    catalog = discovered()
    for entry in catalog["streams"]:
        entry["schema"]["properties"]["dc"]["x-sql-datatype"] = "varchar"
    with serving(SMALL) as sandbox:
        run = run_with(run_tap, sandbox, catalog)
    declared = [m["schema"]["properties"]["dc"] for m in run.messages if m["type"] == "SCHEMA"]
    assert [one["x-sql-datatype"] for one in declared] == ["varchar", "varchar"]


def test_a_column_that_is_lacking_and_deselected_is_left_out_without_a_word(
    run_tap: Runner,
) -> None:
    catalog = discovered()
    for entry in catalog["streams"]:
        metadata_of(entry, ["properties", "vcc_score"])["selected"] = False
        without("vcc_score", keep_metadata=True)(entry)
    with serving(SMALL) as sandbox:
        run = run_with(run_tap, sandbox, catalog)
    for stream in STREAMS:
        assert columns_of(run, stream) == set(PROPERTIES) - {"vcc_score"}
    assert not warnings_in(run, "atalog")


@pytest.mark.parametrize("stream", STREAMS)
def test_a_stream_that_a_catalog_does_not_name_is_left_out(run_tap: Runner, stream: str) -> None:
    catalog = discovered()
    catalog["streams"] = [e for e in catalog["streams"] if e["tap_stream_id"] == stream]
    with serving(SMALL) as sandbox:
        run = run_with(run_tap, sandbox, catalog)
    assert run.status == 0
    assert columns_of(run, stream) == set(PROPERTIES)
    assert {m["stream"] for m in run.messages if "stream" in m} == {stream}


def test_streams_are_told_apart(run_tap: Runner) -> None:
    catalog = discovered()
    changed = deepcopy(catalog)
    without("vcc_score")(changed["streams"][0])
    with serving(SMALL) as sandbox:
        run = run_with(run_tap, sandbox, changed)
    first, second = (entry["tap_stream_id"] for entry in catalog["streams"])
    assert columns_of(run, first) == set(PROPERTIES) - {"vcc_score"}
    assert columns_of(run, second) == set(PROPERTIES)
    assert len(warnings_in(run, "atalog")) == 1


def test_a_stream_that_is_deselected_is_warned_of_nothing(run_tap: Runner) -> None:
    catalog = discovered()
    for entry in catalog["streams"]:
        without("vcc_score")(entry)
    metadata_of(catalog["streams"][0], [])["selected"] = False
    with serving(SMALL) as sandbox:
        run = run_with(run_tap, sandbox, catalog)
    assert len(warnings_in(run, "atalog")) == 1


def test_a_column_is_left_out_however_its_values_are_sent(
    run_tap: Runner,
) -> None:
    catalog = discovered()
    for entry in catalog["streams"]:
        without("ringtime")(entry)
    options = replace(SMALL, variants=Variants(numbers="text"))
    with serving(options) as sandbox:
        run = run_with(run_tap, sandbox, catalog)
    for stream in STREAMS:
        assert columns_of(run, stream) == set(PROPERTIES) - {"ringtime"}


def test_a_map_that_takes_the_replication_key_out_leaves_no_bookmark_without_a_column(
    run_tap: Runner,
) -> None:
    with serving(SMALL) as sandbox:
        run = run_tap(
            log_config_for(sandbox, stream_maps={"cdr_log": {"start_ts_utc": "__NULL__"}})
        )
    (schema,) = [m for m in run.messages if m["type"] == "SCHEMA" and m["stream"] == "cdr_log"]
    assert "start_ts_utc" not in schema["schema"]["properties"]
    assert not schema.get("bookmark_properties")
    assert len(run.records) == SMALL.calls_per_day
    assert run.log_bookmark["replication_key_value"]
