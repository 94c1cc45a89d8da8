"""The demo holds what it shows, and leaves nothing behind, also when it is interrupted."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from demo.meltano import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator


# The demo with a pipeline that makes the table and loads nothing.
LOSES_CALLS = """
import sys
from demo.__main__ import main
from demo.pipeline import Pipeline

def run(pipeline, *_):
    pipeline.database.execute("CREATE SCHEMA vcclive_sandbox")
    pipeline.database.execute(
        "CREATE TABLE vcclive_sandbox.cdr_log "
        "(uuid text, start_ts text, _sdc_sync_started_at bigint)"
    )

Pipeline.run = run
sys.exit(main())
"""


@contextmanager
def demo(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Start the demo, and hand it over with the folder that all its folders are in.

    Args:
        arguments: What Python runs instead of the demo as it is.
    """
    # Not pytest's folder: the path of a socket must stay short.
    with TemporaryDirectory(prefix="d-") as folder:
        Path(folder).chmod(0o711)  # as root, PostgreSQL is another user's
        command = [sys.executable, *(arguments or ("-m", "demo"))]
        env = {**os.environ, "TMPDIR": folder}
        with subprocess.Popen(
            command,
            cwd=PROJECT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            yield process, Path(folder)


def assert_nothing_is_left(folder: Path, shown: str) -> None:
    """Check that files, processes and the sandboxes' ports are gone."""
    assert not [path.name for path in folder.iterdir()]
    processes = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert str(folder) not in processes.stdout
    ports = re.findall(r"127\.0\.0\.1:(\d+)", shown)
    assert ports
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int(port)), timeout=5)


def test_the_demo_succeeds_and_leaves_nothing() -> None:
    project_file = (PROJECT / "meltano.yml").read_text()
    with demo() as (process, folder):
        shown, said = process.communicate()
        assert process.returncode == 0, said
        # Any seven days have as many calls; the eighth can be one of a weekend.
        assert "All 560 calls of these 7 days, each of them once." in shown
        assert "reading 7 days" in shown
        assert re.search(r"All \d+ calls of these 8 days, each of them once\.", shown)
        assert "reading 4 days" in shown  # two once more, the new one, and today
        assert "PostgreSQL has all 600 calls, each of them once." in shown
        assert "Everything that was started has been stopped." in shown
        assert not re.search(r"\b3600\d{7}\b", shown), "it shows a telephone number"
        assert_nothing_is_left(folder, shown)
    # Meltano rewrites it when it misses something in it.
    assert (PROJECT / "meltano.yml").read_text() == project_file


def test_the_demo_fails_when_a_count_does_not_agree() -> None:
    with demo("-c", LOSES_CALLS) as (process, folder):
        shown, said = process.communicate()
        assert process.returncode == 1
        assert re.fullmatch(
            r"The demo failed: of [\d-]+, PostgreSQL has 0 calls, the sandbox \d+", said.strip()
        )
        assert_nothing_is_left(folder, shown)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_nothing(number: signal.Signals) -> None:
    with demo() as (process, folder):
        assert process.stdout
        shown = ""
        while "run tap-vcclive" not in shown:
            shown += process.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2)  # until Meltano is at work
        process.send_signal(number)
        assert process.wait(60) == 128 + number
        assert_nothing_is_left(folder, shown)
