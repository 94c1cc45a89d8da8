"""Batch files hold what RECORD messages would, and no STATE is ahead of them."""

from __future__ import annotations

import errno
import gzip
import json
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote, urlsplit

import pytest

from tap_vcclive.singer.batches import PrivateStorage
from tap_vcclive.tap import TapVCCLive
from tests.interruptions.outlets import run_into
from tests.interruptions.targets import Stored, Target
from tests.interruptions.truth import Known, Logged, untruths
from tests.runs import Run, Runner, entries, log_config_for, messages_in
from tests.singer.test_catalogs import discovered, metadata_of
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.interruptions.outlets import Process
    from vcclive_sandbox.server import RunningSandbox

OPTIONS = Options(first_day=date(2024, 3, 4), days=2, calls_per_day=40)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    """A sandbox with the calls of two days, for those tests that change nothing of it."""
    with serving(OPTIONS) as sandbox:
        yield sandbox


def batches(folder: Path, **more: object) -> dict[str, Any]:
    """Return a setting that asks for batches."""
    return {"encoding": {"format": "jsonl"}, "storage": {"root": f"file://{folder}"}, **more}


def as_records(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return messages with a RECORD for each line of each file that a BATCH names."""
    replaced = []
    for message in messages:
        if message["type"] != "BATCH":
            replaced.append(message)
            continue
        assert message["encoding"] == {"format": "jsonl", "compression": "gzip"}
        for name in message["manifest"]:
            content = gzip.decompress(Path(unquote(urlsplit(name).path)).read_bytes())
            replaced += [
                {"type": "RECORD", "stream": message["stream"], "record": json.loads(line)}
                for line in content.splitlines()
            ]
    return replaced


def records_in(messages: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Return the records of messages, each behind its stream."""
    return [(m["stream"], m["record"]) for m in messages if m["type"] == "RECORD"]


def untruths_in(run: Run, sandbox: RunningSandbox) -> list[str]:
    """Return what the STATEs of a run say that no file before them holds."""
    known = Known(Logged(call.uuid, str(call.cdr()["start_ts"])) for call in sandbox.calls)
    known.add_list(entries(sandbox))
    target = Target()
    target.begin(Stored({}, {}))
    for message in as_records(run.messages):
        target.take(json.dumps(message).encode() + b"\n")
    return [line for state in target.arrived for line in untruths(*state, known)]


def test_files_hold_what_records_would_and_only_their_owner_reads_them(
    run_tap: Runner, sandbox: RunningSandbox
) -> None:
    catalog = discovered()
    for entry in catalog["streams"]:
        metadata_of(entry, ["properties", "userfullname"])["selected"] = False
    hashed = {"source": "sha256(config['seed'] + source)", "destination": None}
    config = log_config_for(
        sandbox,
        calls=entries(sandbox),
        stream_maps={"cdr": hashed, "cdr_log": {"__alias__": "calls", **hashed, "start_ts": "'x'"}},
        stream_map_config={"seed": "x"},
        flattening_enabled=True,
        flattening_max_depth=1,
    )
    file = run_tap.file("catalog.json", catalog)
    folder = run_tap.path("new") / "deep"
    plain = run_tap(config, None, "--catalog", file)
    packed = run_tap(config | {"batch_config": batches(folder)}, None, "--catalog", file)
    assert (plain.status, packed.status) == (0, 0)
    assert records_in(as_records(packed.messages)) == records_in(plain.messages)
    assert {stream for stream, _ in records_in(plain.messages)} == {"cdr", "calls"}
    assert packed.state == plain.state
    text = json.dumps(as_records(packed.messages))
    numbers = {str(c.cdr()[name]) for c in sandbox.calls for name in ("source", "destination")}
    assert not [n for n in numbers if n.strip("0") and n in text]  # zeros stand in uuids, too
    assert '"userfullname":' not in text
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)} == {0o700}


@pytest.mark.parametrize("size", [1, 40])
def test_each_state_is_true_whatever_the_size_of_a_batch(
    run_tap: Runner, sandbox: RunningSandbox, size: int
) -> None:
    config = log_config_for(
        sandbox,
        calls=entries(sandbox)[:30],
        batch_config=batches(run_tap.path("new"), batch_size=size),
    )
    run = run_tap(config)
    assert run.status == 0
    assert len(records_in(as_records(run.messages))) == 30 + len(sandbox.calls)
    assert untruths_in(run, sandbox) == []
    assert run.bookmark["position"]["calls"] == 30
    assert run.log_bookmark["last_day"] == "2024-03-05"


def test_what_a_filter_leaves_out_makes_no_file_and_counts_as_read(
    run_tap: Runner, sandbox: RunningSandbox
) -> None:
    maps = {"cdr": None, "cdr_log": {"__filter__": "talktime < 0"}}
    folder = run_tap.path("new")
    config = log_config_for(sandbox, calls=entries(sandbox)[:5], stream_maps=maps)
    run = run_tap(config | {"batch_config": batches(folder)})
    assert (run.status, [*folder.iterdir()]) == (0, [])
    assert {message["type"] for message in run.messages} == {"SCHEMA", "STATE"}
    assert run.bookmark["position"]["calls"] == 5
    assert run.log_bookmark["last_day"] == "2024-03-05"


def test_an_error_leaves_the_records_before_it_in_a_file_and_other_streams_go_on(
    run_tap: Runner, sandbox: RunningSandbox
) -> None:
    calls = entries(sandbox)[:20]
    maps = {"cdr": {"ratio": f"1 / int(uuid != '{calls[15]['uuid']}')"}}
    config = log_config_for(sandbox, calls=calls, stream_maps=maps)
    run = run_tap(config | {"batch_config": batches(run_tap.path("new"), batch_size=10)})
    assert run.status == 1
    assert run.errors == ["stream_maps[cdr][ratio]: ZeroDivisionError, on a record of cdr"]
    loaded = records_in(as_records(run.messages))
    assert [r["uuid"] for stream, r in loaded if stream == "cdr"] == [c["uuid"] for c in calls[:15]]
    assert len([record for stream, record in loaded if stream == "cdr_log"]) == len(sandbox.calls)
    assert run.bookmark["position"]["calls"] == 15
    assert untruths_in(run, sandbox) == []


def test_what_ends_the_run_comes_after_the_file_and_the_state_of_what_came_before(
    run_tap: Runner,
) -> None:
    with serving(OPTIONS) as sandbox:
        calls = entries(sandbox)[:20]
    with serving(replace(OPTIONS, force={calls[11]["uuid"]: ["redirect*"]})) as sandbox:
        config = log_config_for(sandbox, calls=calls, max_concurrency=1)
        # None in hand when it ends: nothing but the end itself says that the last one is done.
        run = run_tap(config | {"batch_config": batches(run_tap.path("new"), batch_size=11)})
        assert untruths_in(run, sandbox) == []
    assert run.status == 1
    loaded = records_in(as_records(run.messages))
    assert [(stream, r["uuid"]) for stream, r in loaded] == [("cdr", c["uuid"]) for c in calls[:11]]
    assert run.bookmark["position"]["calls"] == 11
    assert "cdr_log" not in run.state["bookmarks"]


def test_a_signal_in_the_middle_of_a_batch_loses_nothing(run_tap: Runner) -> None:
    with serving(replace(OPTIONS, calls_per_day=150, latency_ms=30)) as sandbox:
        config = log_config_for(sandbox, calls=entries(sandbox), max_concurrency=2)
        config |= {"start_date": "2024-03-05", "batch_config": batches(run_tap.path("new"))}

        def interrupt(process: Process) -> None:
            while len(sandbox.requests) < 20:
                assert process.poll() is None
            process.terminate()

        stopped = run_into("pipe", run_tap, config, meanwhile=interrupt)
        rest = run_tap(config | {"max_concurrency": 32}, stopped.state)
        assert untruths_in(stopped, sandbox) == []
    loaded = records_in(as_records(stopped.messages))
    assert (stopped.status, rest.status) == (0, 0)
    assert 0 < len(loaded) < len(sandbox.calls)
    assert stopped.bookmark["position"]["calls"] == len(loaded)
    loaded += [one for one in records_in(as_records(rest.messages)) if one[0] == "cdr"]
    assert [r["uuid"] for _, r in loaded] == [call.uuid for call in sandbox.calls]


def test_what_a_storage_says_is_not_repeated(
    sandbox: RunningSandbox,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def refuse(_: PrivateStorage) -> NoReturn:
        raise OSError(errno.EIO, "The key s3cret-of-a-store may not write")  # as s3fs does

    monkeypatch.setattr(PrivateStorage, "prepare", refuse)
    tap = TapVCCLive(config=log_config_for(sandbox, batch_config=batches(tmp_path)))
    with pytest.raises(SystemExit):
        tap.streams["cdr_log"].sync()
    assert "no batch file can be written: Input/output error" in caplog.text
    assert "s3cret-of-a-store" not in caplog.text


LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def test_a_storage_that_takes_nothing_ends_the_run_with_a_line(
    run_tap: Runner, sandbox: RunningSandbox
) -> None:
    asked = len(sandbox.requests)
    run_tap.path("file").touch()
    config = log_config_for(sandbox, batch_config=batches(run_tap.path("file") / "below"))
    run = run_tap(config)
    line = "The run ends here, as no batch file can be written: "
    assert (run.status, run.errors) == (1, [f"{line}Not a directory"])
    assert (run.states, len(sandbox.requests)) == ([], asked)
    # A disk that is full: what there is of the file stays nowhere.
    (temporary := run_tap.path("temporary")).mkdir()
    config = log_config_for(sandbox, batch_config=batches(folder := run_tap.path("new")))
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, *run_tap.arguments(config)[1:]],
        env=run_tap.environment({"TMPDIR": str(temporary)}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    full = Run(done.returncode, messages_in(done.stdout), done.stderr)
    assert (full.status, full.errors) == (1, [f"{line}File too large"])
    assert full.states == []
    assert [*temporary.iterdir(), *folder.iterdir()] == []
    assert "Traceback" not in full.log
