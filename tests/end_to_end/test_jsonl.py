"""The way from the sandbox into a file of JSON Lines: with Meltano, and with a plain pipe."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.meltano import PROJECT
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Pipelines

TAP = Path(sys.executable).with_name("tap-vcclive")
TARGET = PROJECT / ".meltano/loaders/target-jsonl/venv/bin/target-jsonl"


def lines(path: Path) -> list[dict[str, Any]]:
    """Return the records in a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_there_is_a_line_a_call(pipelines: Pipelines) -> None:
    with serving(Options(days=1, calls_per_day=50)) as sandbox:
        calls = [call.uuid for call in sandbox.calls]
        pipelines.meltano(sandbox).run("tap-vcclive", "target-jsonl")
        with_meltano = lines(pipelines.files / "cdr.jsonl")
        assert [record["uuid"] for record in with_meltano] == calls

        # The run above has installed the target.
        tap_config = pipelines.folder / "tap.json"
        tap_config.write_text(
            json.dumps(
                {
                    "customer": sandbox.customer,
                    "api_key": sandbox.api_key,
                    "api_url": sandbox.api_url,
                    "calls_file": str(pipelines.calls_file(sandbox)),
                }
            )
        )
        target_config = pipelines.folder / "target.json"
        target_config.write_text(
            json.dumps({"destination_path": str(pipelines.folder), "do_timestamp_file": False})
        )
        with subprocess.Popen([TAP, "--config", tap_config], stdout=subprocess.PIPE) as tap:
            state = subprocess.run(
                [TARGET, "--config", target_config],
                stdin=tap.stdout,
                capture_output=True,
                check=True,
            ).stdout
        assert tap.returncode == 0
    assert lines(pipelines.folder / "cdr.jsonl") == with_meltano
    # The target hands on the state that the next run begins with.
    assert json.loads(state)["bookmarks"]["cdr"]["position"]["calls"] == len(calls)
