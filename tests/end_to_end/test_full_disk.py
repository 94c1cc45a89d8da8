"""A disk that fills under the real target-jsonl."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from demo.meltano import PROJECT
from demo.processes import environment_without
from tests.end_to_end.test_jsonl import TAP, TARGET
from tests.records import record_of
from tests.runs import config_for
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.conftest import Pipelines

# Less than the records of all calls take, and more than those of a few.
MOST_BYTES = 200_000
LIMITED = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({MOST_BYTES}, {MOST_BYTES}))
os.execv(sys.argv[1], sys.argv[1:])
"""


def pipe(config: Path, folder: Path, state: str, *, is_full: bool) -> tuple[int, int, str, str]:
    """Run tap and target; return their statuses, the log of the tap, and the states stored."""
    folder.mkdir()
    folder.joinpath("state.json").write_text(state)
    target_config = folder / "target.json"
    target_config.write_text(
        json.dumps({"destination_path": str(folder), "do_timestamp_file": False})
    )
    limited = [sys.executable, "-c", LIMITED] if is_full else []
    env = environment_without("TAP_VCCLIVE_", "TARGET_")
    with (
        folder.joinpath("log.txt").open("w+") as log,
        subprocess.Popen(
            [TAP, "--config", config, "--state", folder / "state.json"],
            cwd=PROJECT, env=env, stdout=subprocess.PIPE, stderr=log,
        ) as tap,
        subprocess.Popen(
            [*limited, TARGET, "--config", target_config],
            env=env, stdin=tap.stdout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        ) as target,
    ):  # fmt: skip
        assert tap.stdout is not None
        tap.stdout.close()
        states, _ = target.communicate(timeout=60)
        status = tap.wait(timeout=60)
        log.seek(0)
        return status, target.returncode, log.read(), states


def test_a_disk_that_fills_ends_both_and_the_next_run_loads_what_lacks(
    pipelines: Pipelines,
) -> None:
    with serving(Options(days=5, calls_per_day=150, latency_ms=2)) as sandbox:
        pipelines.meltano(sandbox).run("tap-vcclive", "target-jsonl")  # installs the target
        config = pipelines.folder / "tap.json"
        config.write_text(json.dumps(config_for(sandbox)))
        full, rest = pipelines.folder / "full", pipelines.folder / "rest"
        status, status_of_target, log, states = pipe(config, full, "{}", is_full=True)
        assert status_of_target != 0
        assert status == 1
        (error,) = [line for line in log.splitlines() if "| INFO " not in line]
        assert error.endswith("its output cannot be written: the target has gone")
        state = states.splitlines()[-1] if states else "{}"
        status, status_of_target, *_ = pipe(config, rest, state, is_full=False)
        assert (status, status_of_target) == (0, 0)
        calls = {call.uuid: record_of(call) for call in sandbox.calls}
    loaded = {}
    for folder in (full, rest):
        for line in folder.joinpath("cdr.jsonl").read_text().splitlines(keepends=True):
            if line.endswith("\n"):  # where the disk was full, the last one is half a line
                record = json.loads(line)
                loaded[record["uuid"]] = record
    assert full.joinpath("cdr.jsonl").stat().st_size == MOST_BYTES
    assert loaded == calls
