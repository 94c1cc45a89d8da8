"""Stream maps do what they say, or say where they do not; run by the command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tap_vcclive.tap import TapVCCLive
from tests.runs import Run, Runner, entries, log_config_for
from tests.servers import server
from tests.singer.test_catalogs import discovered, metadata_of
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vcclive_sandbox.server import RunningSandbox

UUID = "bbf5825e-85de-11e1-8625-e6eaf5c96b1e"
SEED = "s33d-of-a-user"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    """A sandbox with a few calls, for all tests."""
    with serving(Options(days=1, calls_per_day=8)) as sandbox:
        yield sandbox


def mapped(run_tap: Runner, sandbox: RunningSandbox, maps: dict[str, Any], *more: str) -> Run:
    """Run the tap over a list and the log, with maps."""
    config = log_config_for(sandbox, calls=entries(sandbox), stream_maps=maps)
    run = run_tap(config, None, *more)
    assert SEED not in run.log
    assert "Traceback" not in run.log
    return run


def refused(run_tap: Runner, sandbox: RunningSandbox, maps: dict[str, Any]) -> list[str]:
    """Return the lines with which maps are refused, before any request."""
    asked = len(sandbox.requests)
    run = mapped(run_tap, sandbox, maps)
    assert (run.status, run.messages, len(sandbox.requests)) == (1, [], asked)
    return [line for line in run.errors if line != "Config validation failed"]


def test_a_map_does_not_silently_take_the_place_of_one_that_hides_more(
    run_tap: Runner, sandbox: RunningSandbox
) -> None:
    maps = {"cdr": {"source": None}, "cdr*": {"destination": None}}
    assert refused(run_tap, sandbox, maps) == [
        "stream_maps[cdr*]: takes the place of stream_maps[cdr][source] for cdr"
    ]


def test_names_that_there_are_not_are_refused_each_with_its_place(
    run_tap: Runner, sandbox: RunningSandbox
) -> None:
    maps = {
        "cdrs": {"source": None},
        "cdr_log": {"sorce": None, "destination": "__NULL__", "start_ts_utc": None},
        "copy": {"__source__": "cdrlog", "source": None},
        "cdr*": {"source": None, "sourc": "__NULL__"},
        "users_*": None,
        "cdr": {"uuid": None},
        "36301234567": {"source": None},
    }
    assert refused(run_tap, sandbox, maps) == [
        "stream_maps[cdrs]: no such stream",
        "stream_maps[cdr_log][sorce]: no such property",
        "stream_maps[copy][__source__]: no such stream",
        "stream_maps[cdr*][sourc]: no such property",
        "stream_maps[users_*]: no such stream",
        "stream_maps[cdr]: leaves out a property of its key; __key_properties__ can name others",
        "stream_maps[entry 7]: no such stream",
        "stream_maps[cdr]: takes the place of stream_maps[cdr*][source] for cdr",
        "stream_maps[cdr*]: takes the place of stream_maps[cdr_log][destination] for cdr_log",
    ]


def test_what_the_sdk_would_end_at_with_a_traceback_is_refused_with_a_line(
    run_tap: Runner, sandbox: RunningSandbox
) -> None:
    maps = {"__else__": "x", "__x__": {"a": f"sha256('{SEED}' + source)"}}
    assert refused(run_tap, sandbox, maps) == [
        "stream_maps[__else__]: must be null",
        "stream_maps[__x__]: no such option",
    ]
    failing_alias = {"cdr_log": {"__alias__": "'calls'"}, "cdr": {"__alias__": f"md5x('{SEED}')"}}
    assert refused(run_tap, sandbox, failing_alias) == [
        "stream_maps[cdr]: cannot be used: FunctionNotDefined"
    ]


def test_an_expression_that_fails_on_a_record_is_named_and_neither_it_nor_the_value(
    run_tap: Runner, sandbox: RunningSandbox
) -> None:
    maps = {
        "cdr": {"a": "source", "b": f"int('{SEED}' + source)"},
        "copy": {"__source__": "cdr_log", "c": f"sha265('{SEED}' + source)"},
    }
    run = mapped(run_tap, sandbox, maps)
    assert run.status == 1
    assert run.errors == [
        "stream_maps[cdr][b]: ValueError, on a record of cdr",
        "stream_maps[copy][c]: FunctionNotDefined, on a record of cdr_log",
    ]
    assert "stream_maps[copy] is a copy of cdr_log, which is written as well\n" in run.log
    filtered = mapped(run_tap, sandbox, {"*": {"__filter__": "talktme > 0"}})
    assert filtered.errors == [
        f"stream_maps[*][__filter__]: NameNotDefined, on a record of {stream}"
        for stream in ("cdr", "cdr_log")
    ]


def test_maps_of_streams_and_columns_that_are_not_selected_do_no_harm(
    run_tap: Runner, sandbox: RunningSandbox
) -> None:
    catalog = discovered()
    (cdr, cdr_log) = catalog["streams"]
    metadata_of(cdr, [])["selected"] = False
    metadata_of(cdr_log, ["properties", "destination"])["selected"] = False
    hashed = {"source": "sha256(source)", "destination": "sha256(destination)", "caller": "'x'"}
    maps = {"cdr": hashed, "cdr_log": hashed}
    file = run_tap.file("catalog.json", catalog)
    run = mapped(run_tap, sandbox, maps, "--catalog", file)
    assert run.status == 0
    assert len(run.records) == len(sandbox.calls)
    for record in run.records:
        assert len(record["source"]) == 64
        assert "destination" not in record
    assert "Added to what VCC Live has: stream_maps[cdr_log][caller]\n" in run.log
    # What is hidden cannot be used either, of which the run would end.
    maps = {"cdr_log": {"caller": "sha256(destination)"}}
    run = mapped(run_tap, sandbox, maps, "--catalog", file)
    assert run.errors[0] == (
        "stream_maps[cdr_log][caller]: uses destination, which is not selected"
    )


def test_a_value_that_does_not_fit_a_hidden_column_is_written_nowhere(run_tap: Runner) -> None:
    catalog = discovered()
    for entry in catalog["streams"]:
        metadata_of(entry, ["properties", "destination"])["selected"] = False
    file = run_tap.file("catalog.json", catalog)
    number, called = {"number": "442071838750"}, ["442071838751"]
    odd = {"uuid": UUID, "source": number, "destination": called, "dc": ["x"]}
    body = json.dumps({"response": odd, "errors": []}).encode()
    config = {
        "customer": "acme",
        "api_key": "s3cret-key",
        "calls": [{"uuid": UUID, "year": 2012, "month": 4}],
        "stream_maps": {"cdr": {"source": "sha256(source) if source else source"}},
    }
    with server(lambda _: (200, {}, body)) as answering:
        run = run_tap({**config, "api_url": answering.url}, None, "--catalog", file)
    (record,) = run.records
    assert record["additional_fields"] == {"dc": ["x"]}
    assert "hide their columns, which they do not fit: values of source, destination\n" in run.log
    assert run.status == 0


def test_a_stream_that_is_not_selected_is_never_written_past_its_maps() -> None:
    """A test of the connection syncs all streams, whatever is selected."""
    catalog = discovered()
    metadata_of(catalog["streams"][0], [])["selected"] = False
    config = {"customer": "acme", "api_key": "key", "start_date": "2026-01-01"}
    maps = {"cdr": {"source": None}}
    tap = TapVCCLive(config=config | {"stream_maps": maps}, catalog=catalog, parse_env_config=False)
    (mapping,) = tap.streams["cdr"].stream_maps
    assert mapping.transform({"uuid": "x", "source": "1"}) is None
