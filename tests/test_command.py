"""The command line, as any SDK tap's: settings, discovery, selection, maps, signals."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

import tap_vcclive
from tests.catalogs import CALLS
from tests.runs import Run, Runner, config_for, entries, last_state, messages_in
from vcclive_sandbox.server import Faults, Options, serving

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = Options(days=1, calls_per_day=20)
# What each stream is kept by in a warehouse, and what it is incremental by.
KEYS = {
    "cdr": ("uuid", "start_ts_utc"),
    "cdr_log": ("uuid", "start_ts_utc"),
    "dispositions": ("projectid,dispositionid", None),
    "online_users": ("userid,observed_at", None),
    "project_fields": ("projectid,fieldid", None),
    "projects": ("projectid", None),
    "roles": ("id", None),
    "user_states": ("state_id", "prevtime_utc"),
    "users": ("userid", None),
}


def discovered(run_tap: Runner) -> dict[str, Any]:
    """Return the catalog that the tap discovers without any settings."""
    done = subprocess.run(
        run_tap.command("--discover"), env=run_tap.environment(), capture_output=True, check=True
    )
    catalog: dict[str, Any] = json.loads(done.stdout)
    return catalog


def with_metadata(
    catalog: dict[str, Any], breadcrumb: list[str], **metadata: object
) -> dict[str, Any]:
    """Return the catalog with metadata of the stream cdr set at a breadcrumb."""
    (entry,) = [entry for entry in catalog["streams"] if entry["tap_stream_id"] == "cdr"]
    (found,) = [m for m in entry["metadata"] if m["breadcrumb"] == breadcrumb]
    found["metadata"] |= {name.replace("_", "-"): value for name, value in metadata.items()}
    return catalog


def selected(catalog: dict[str, Any]) -> dict[str, Any]:
    """Return the catalog with the stream cdr selected, as Meltano does, and no names."""
    catalog["streams"] = [entry for entry in catalog["streams"] if entry["stream"] in CALLS]
    return with_metadata(catalog, [], selected=True)


def test_discovery_needs_neither_settings_nor_network(run_tap: Runner) -> None:
    streams = discovered(run_tap)["streams"]
    assert [stream["tap_stream_id"] for stream in streams] == sorted(KEYS)
    for stream in streams:
        key, replication_key = KEYS[stream["stream"]]
        assert stream["key_properties"] == key.split(",")
        assert stream.get("replication_key") == replication_key
        by = "INCREMENTAL" if replication_key else "FULL_TABLE"
        assert stream["replication_method"] == by
        properties = stream["schema"]["properties"]
        assert all(declared.get("description") for declared in properties.values())
        assert all("null" in d["type"] for name, d in properties.items() if name not in key)
    assert streams[0]["schema"] == streams[1]["schema"]


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_about_names_every_setting(run_tap: Runner, form: str) -> None:
    more = [] if form == "text" else [f"--format={form}"]
    done = subprocess.run(
        run_tap.command("--about", *more), capture_output=True, text=True, check=True
    )
    for setting in ("customer", "api_key", "calls_file", "requests_per_minute", "stream_maps"):
        assert setting in done.stdout
    if form == "json":
        assert json.loads(done.stdout)["name"] == "tap-vcclive"


def test_the_command_is_installed_and_tells_its_version() -> None:
    command = Path(sys.executable).with_name("tap-vcclive")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"tap-vcclive v{tap_vcclive.__version__}, Meltano SDK v")


def test_bad_settings_are_all_reported_in_one_go_each_by_name(run_tap: Runner) -> None:
    run = run_tap(
        {
            "customer": "no.dots",
            "api_key": 123456789,
            "api_url": "http://example.test/v2",
            "calls": ["36301234567", {"uuid": "95bd5f46-44e0-11e5-a6da-6547f8762750", "year": 1}],
            "calls_file": "calls.xlsx",
            "timezone": "Europe/Buda",
            "max_concurrency": 65,
            "max_tries": "many",
            "retry_minuts": 5,
        }
    )
    errors = [line.split("|")[-1].strip() for line in run.log.splitlines() if "ERROR" in line]
    for setting in (
        "customer", "api_key", "api_url", "calls[0]", "calls[1]", "calls_file", "timezone",
        "max_concurrency", "max_tries", "retry_minuts",
    ):  # fmt: skip
        assert [e for e in errors if e.startswith(f"{setting}: ")], setting
    assert run.status == 1
    assert run.messages == []
    assert "Traceback" not in run.log
    assert "123456789" not in run.log
    assert "36301234567" not in run.log


def test_settings_come_from_several_files_and_from_the_environment(run_tap: Runner) -> None:
    with serving(SMALL) as sandbox:
        config = config_for(sandbox)
        files = [
            run_tap.file(f"{name}.json", {name: value})
            for name, value in config.items()
            if name != "calls"
        ]
        run = run_tap.run(
            run_tap.command(*[f"--config={file}" for file in files], "--config=ENV"),
            {
                "TAP_VCCLIVE_CALLS": json.dumps(config["calls"]),
                "TAP_VCCLIVE_MAX_CONCURRENCY": "2",
                "TAP_VCCLIVE_USER_AGENT": "from the environment",
            },
        )
        assert len(run.records) == 20
        assert sandbox.max_in_flight <= 2


def test_settings_come_from_a_dotenv_file(run_tap: Runner, tmp_path: Path) -> None:
    with serving(SMALL) as sandbox:
        config = config_for(sandbox)
        (tmp_path / ".env").write_text(
            "".join(
                f"TAP_VCCLIVE_{name.upper()}='{value if isinstance(value, (str, int)) else json.dumps(value)}'\n"  # noqa: E501 - one line a setting
                for name, value in config.items()
            )
        )
        (tmp_path / ".env").chmod(0o600)
        run = run_tap.run(run_tap.command("--config=ENV"))
    assert len(run.records) == 20
    (named,) = [line for line in run.log.splitlines() if str(tmp_path / ".env") in line]
    assert "INFO" in named
    assert "api_key" in named


def test_a_bad_value_in_the_environment_is_reported_by_name_with_the_others(
    run_tap: Runner,
) -> None:
    run = run_tap.run(
        run_tap.command("--config=ENV"),
        {
            "TAP_VCCLIVE_MAX_TRIES": "many",
            "TAP_VCCLIVE_STREAM_MAPS": "{",
            "TAP_VCCLIVE_CUSTOMER": "-",
        },
    )
    assert run.status == 1
    for setting in ("max_tries", "stream_maps", "customer", "api_key"):
        assert f"{setting}: " in run.log
    assert "Traceback" not in run.log


def test_the_connection_test_asks_for_a_call_or_two_and_finds_a_wrong_key(run_tap: Runner) -> None:
    with serving(Options(days=1, calls_per_day=100)) as sandbox:
        good = run_tap(config_for(sandbox), None, "--test")
        calls = [one for one in sandbox.requests if one.path.startswith("/cdr/")]
        assert 1 <= len(calls) <= 3
        bad = run_tap(config_for(sandbox, api_key="wrong"), None, "--test")
    assert (good.status, bad.status) == (0, 1)
    assert len(good.records) == 1
    assert "API key is wrong" in bad.log


def test_the_connection_test_reports_bad_settings_without_a_traceback(run_tap: Runner) -> None:
    run = run_tap({"customer": "acme"}, None, "--test")
    assert run.status == 1
    assert "api_key: must be set" in run.log
    assert "Traceback" not in run.log


def test_a_property_that_is_not_selected_stays_out_of_schema_and_records(run_tap: Runner) -> None:
    catalog = selected(discovered(run_tap))
    for name in ("source", "destination"):
        with_metadata(catalog, ["properties", name], selected=False)
    with serving(SMALL) as sandbox:
        run = run_tap(config_for(sandbox), None, "--catalog", run_tap.file("catalog.json", catalog))
    schema = run.messages[0]["schema"]
    assert len(run.records) == 20
    assert {"source", "destination"} & {*schema["properties"], *run.records[0]} == set()
    assert set(run.records[0]) == set(schema["properties"])


def test_a_stream_that_is_not_selected_asks_for_nothing(run_tap: Runner) -> None:
    catalog = with_metadata(selected(discovered(run_tap)), [], selected=False)
    with serving(SMALL) as sandbox:
        run = run_tap(config_for(sandbox), None, "--catalog", run_tap.file("catalog.json", catalog))
        assert sandbox.requests == []
    assert run.status == 0
    assert run.records == []


def test_a_catalog_cannot_make_targets_delete_what_a_run_does_not_send_again(
    run_tap: Runner,
) -> None:
    catalog = selected(discovered(run_tap))
    catalog["streams"][0] |= {"replication_method": "FULL_TABLE", "replication_key": None}
    with_metadata(catalog, [], forced_replication_method="FULL_TABLE", replication_key=None)
    with serving(SMALL) as sandbox:
        config = config_for(sandbox)
        run = run_tap(config, None, "--catalog", run_tap.file("catalog.json", catalog))
    assert {m["type"] for m in run.messages} == {"SCHEMA", "RECORD", "STATE"}
    assert "stays INCREMENTAL" in run.log
    assert run.bookmark["replication_key"] == "start_ts_utc"


def test_a_catalog_cannot_take_the_key_away(run_tap: Runner) -> None:
    catalog = selected(discovered(run_tap))
    catalog["streams"][0]["key_properties"] = ["source"]
    with_metadata(catalog, [], table_key_properties=["source"])
    for name in ("uuid", "start_ts_utc"):
        with_metadata(catalog, ["properties", name], selected=False, inclusion="available")
    with serving(SMALL) as sandbox:
        run = run_tap(config_for(sandbox), None, "--catalog", run_tap.file("catalog.json", catalog))
        uuids = [call.uuid for call in sandbox.calls]
    assert run.messages[0]["key_properties"] == ["uuid"]
    assert run.uuids == uuids
    assert run.bookmark["replication_key_value"]


def test_the_recipe_of_the_readme_hashes_the_phone_numbers(run_tap: Runner) -> None:
    recipe = json.loads(json_block_of_readme("stream_maps"))
    with serving(SMALL) as sandbox:
        plain = run_tap(config_for(sandbox))
        hashed = run_tap(config_for(sandbox, **recipe))
    assert len(hashed.records) == len(plain.records)
    text = json.dumps(hashed.messages)
    for before, after in zip(plain.records, hashed.records, strict=True):
        assert before["destination"] not in text
        assert len(after["source"]) == len(after["destination"]) == 64
        assert after["talktime"] == before["talktime"]
    pairs = {(b["source"], a["source"]) for b, a in zip(plain.records, hashed.records, strict=True)}
    assert len({before for before, _ in pairs}) == len({after for _, after in pairs}) == len(pairs)


def json_block_of_readme(word: str) -> str:
    """Return the JSON example of the README that holds a word."""
    readme = Path(__file__).parents[1].joinpath("README.md").read_text()
    blocks = [block.split("```")[0] for block in readme.split("```json\n")[1:]]
    (block,) = [block for block in blocks if word in block]
    return block


def test_batches_hold_the_records_and_the_state_goes_on(run_tap: Runner, tmp_path: Path) -> None:
    batches = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": f"file://{tmp_path}", "prefix": "calls-"},
        "batch_size": 7,
    }
    with serving(SMALL) as sandbox:
        run = run_tap(config_for(sandbox, batch_config=batches))
        uuids = [call.uuid for call in sandbox.calls]
        files = [f for m in run.messages if m["type"] == "BATCH" for f in m["manifest"]]
        again = run_tap(config_for(sandbox, batch_config=batches), run.state)
        assert len(sandbox.requests) == len(uuids)
    lines = [
        json.loads(line)
        for file in files
        for line in gzip.decompress(Path(urlsplit(file).path).read_bytes()).splitlines()
    ]
    assert [record["uuid"] for record in lines] == uuids
    assert [m for m in again.messages if m["type"] == "BATCH"] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_a_run_with_a_true_state_and_the_next_run_loads_the_rest(
    run_tap: Runner, number: signal.Signals
) -> None:
    with serving(Options(days=1, calls_per_day=400, latency_ms=50)) as sandbox:
        config = config_for(sandbox, max_concurrency=4, request_timeout_seconds=60)
        stopped = interrupted(run_tap, config, lambda process: process.send_signal(number))
        rest = run_tap({**config, "max_concurrency": 32}, stopped.state)
        uuids = [call.uuid for call in sandbox.calls]
    assert stopped.status == 0
    assert [m["type"] for m in stopped.messages[-2:]] == ["STATE", "SCHEMA"]  # of cdr_log
    assert 20 <= len(stopped.uuids) < len(uuids)
    assert stopped.bookmark["position"]["calls"] == len(stopped.uuids)
    assert stopped.uuids + rest.uuids == uuids
    assert "Told to stop" in stopped.log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_does_not_wait_for_what_is_in_flight(
    run_tap: Runner, number: signal.Signals
) -> None:
    faults = Faults(rates={"slow": 1.0}, slow_seconds=60)
    with serving(Options(days=1, calls_per_day=20, faults=faults)) as sandbox:
        with subprocess.Popen(
            run_tap.arguments(config_for(sandbox, max_concurrency=4)),
            env=run_tap.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdout is not None
            while len(sandbox.requests) < 4:
                time.sleep(0.01)
            process.send_signal(number)
            output, _ = process.communicate(timeout=20)
        assert process.returncode == 0
    assert last_state(output)["bookmarks"]["cdr"]["position"]["calls"] == 0


def interrupted(
    run_tap: Runner, config: dict[str, Any], interrupt: Callable[[subprocess.Popen[str]], None]
) -> Run:
    """Run the tap and interrupt it after some records."""
    with subprocess.Popen(
        run_tap.arguments(config),
        env=run_tap.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [process.stdout.readline() for _ in range(22)]
        interrupt(process)
        rest = process.stdout.read()
        log = process.stderr.read()
        status = process.wait(30)
    return Run(status, messages_in("".join(lines) + rest), log)


def test_single_partitions_can_be_listed_and_synced_from_python() -> None:
    from tap_vcclive.tap import TapVCCLive  # noqa: PLC0415 - the other tests run the command

    with serving(SMALL) as sandbox:
        tap = TapVCCLive(config=config_for(sandbox), parse_env_config=False)
        stream = tap.streams["cdr"]
        assert list(stream.partitions or []) == entries(sandbox)
        assert sandbox.requests == []
        context = entries(sandbox)[3]
        (record,) = stream.get_records(context)
        assert isinstance(record, dict)
        assert record["uuid"] == context["uuid"]
        assert len(sandbox.requests) == 1


def test_at_a_terminal_a_live_line_shows_how_far_a_run_has_got(run_tap: Runner) -> None:
    ours, theirs = os.openpty()
    shown = b""
    options = Options(days=1, calls_per_day=300, latency_ms=20, never_rate=0.02)
    with serving(options) as sandbox:
        failing = {call.uuid: ["400*"] for call in list(sandbox.calls)[100:200:20]}
    with (
        serving(replace(options, force=failing)) as sandbox,
        subprocess.Popen(
            run_tap.arguments(config_for(sandbox)),
            stdout=subprocess.DEVNULL,
            stderr=theirs,
        ),
    ):
        os.close(theirs)
        with contextlib.suppress(OSError):  # how the end of a terminal is told on Linux
            while more := os.read(ours, 65536):
                shown += more
    os.close(ours)
    text = re.sub(r"\x1b\[[?0-9]*[a-zA-Z]", "", shown.decode())  # what hides the cursor
    lines = re.split(r"[\r\n]+", text)
    bars = [line for line in lines if line.startswith("cdr  [")]
    assert len(bars) > 2
    assert re.search(r"\d+/300 .* \d+ a second, \d+ pending", bars[-2])
    assert "300/300  100%" in bars[-1]
    # Log lines begin a line of their own.
    for level in ("WARNING", "ERROR"):
        assert any(level in line for line in lines)
        assert not any("]  " in line and level in line for line in lines)
