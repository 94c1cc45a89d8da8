"""Lists of calls by the command: what is taken, what is named, and what is left."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.runs import config_for, log_config_for
from vcclive_sandbox import listing
from vcclive_sandbox.options import Options
from vcclive_sandbox.server import serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.runs import Runner

SMALL = Options(days=1, calls_per_day=40)
PHONE = "36301234567"
NO_CALL = "bbf5825e-85de-4ec1-8625-e6eaf5c96b1e"


def test_bad_rows_are_named_and_all_others_fetched_and_mended_ones_by_the_next_run(
    run_tap: Runner, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    with serving(SMALL) as sandbox:
        calls = [f"{c.uuid},{c.year}.0,{int(c.month)}.0" for c in sandbox.calls]
        rows = ["uuid,year,month", *calls[:10], PHONE, f"{NO_CALL},2026,13", *calls[11:], NO_CALL]
        rows += [PHONE] * 30
        path.write_text("\n".join(rows) + "\n")
        config = config_for(sandbox, calls_file=str(path))
        first = run_tap(config)
        rows[11] = calls[10]
        path.write_text("\n".join([*rows[:12], *rows[13:42]]) + "\n")
        second = run_tap(config, first.state)
        third = run_tap(config, second.state)
        uuids = [call.uuid for call in sandbox.calls]
        assert len(sandbox.requests) == len(uuids)
    assert first.uuids == uuids[:10] + uuids[11:]
    assert first.status == 1
    assert first.errors[:2] == [
        "calls_file: a.csv line 12: malformed uuid",
        f"calls_file: a.csv line 13: call {NO_CALL}: month must be 01 to 12",
    ]
    assert first.errors[2].startswith(f"calls_file: a.csv line 43: call {NO_CALL}: year and month")
    assert first.errors[20:] == [
        "and 13 more rows of the list",
        "cdr: left 33 rows of the list that name no call",
    ]
    assert second.uuids == [uuids[10]]
    assert third.uuids == []
    for run in (second, third):
        assert (run.status, run.errors) == (0, [])
        assert run.bookmark["position"]["calls"] == len(uuids)


def test_of_a_broken_archive_the_calls_before_the_fault_are_loaded_and_other_streams_run(
    run_tap: Runner, tmp_path: Path
) -> None:
    path = tmp_path / "list.txt.gz"
    options = replace(SMALL, calls_per_day=10)
    with serving(options) as sandbox:
        listed = [call for call in sandbox.calls if call.version == 1]
        packed = gzip.compress("".join(f"{call.uuid}\n" for call in listed).encode())
        path.write_bytes(packed[:-12])
        config = log_config_for(sandbox, calls_file=str(path))
        first = run_tap(config)
        path.write_bytes(packed)
        second = run_tap(config, first.state)
        path.write_bytes(packed[:20])
        third = run_tap(config, second.state)
        missing = run_tap({**config, "calls_file": "none.csv"}, second.state)
        requests = [request.path for request in sandbox.requests if "/cdr/" in request.path]
        everything = {call.uuid for call in sandbox.calls}
    assert len(requests) == len(listed)
    for run in (first, third, missing):
        assert run.status == 1
        of_log = {
            m["record"]["uuid"]
            for m in run.messages
            if m.get("stream") == "cdr_log" and "record" in m
        }
        assert of_log == everything
    assert first.errors[0].startswith("calls_file: list.txt.gz cannot be read after line ")
    assert first.errors[1:] == ["cdr: left the rest of calls_file"]
    assert second.status == 0
    # What cannot be read as far as it is done leaves the state as it was.
    for run in (third, missing):
        assert run.bookmark == second.bookmark
        (error,) = run.errors
        assert "cannot be read" in error


def test_a_log_of_webhooks_is_read_while_it_is_written(run_tap: Runner, tmp_path: Path) -> None:
    """Across the end of a month, with events of other kinds, and a line cut in each run."""
    path = tmp_path / "hooks.jsonl"
    options = Options(days=2, calls_per_day=40, first_day=SMALL.first_day.replace(month=10, day=31))
    with serving(options) as sandbox:
        log = io.StringIO()
        listing.write(sandbox.calls, "jsonl", log)
        data = log.getvalue().encode()
        config = config_for(sandbox, calls_file=str(path))
        state = None
        uuids: list[str] = []
        first_log = ""
        for cut in (len(data) // 2, len(data) // 2 + 40, len(data)):
            path.write_bytes(data[:cut])
            run = run_tap(config, state)
            assert (run.status, run.errors) == (0, [])
            uuids += run.uuids
            state = run.state
            first_log = first_log or run.log
        assert uuids == [call.uuid for call in sandbox.calls]
        assert run.bookmark["pending"] == []
        assert "objects without a uuid passed over" in run.log
        assert "has no line end and may be a piece" in first_log
