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


@contextmanager
def demo() -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Start the demo, and hand it over with the folder that all its folders are in."""
    # Not pytest's folder: the path of a socket must stay short.
    with TemporaryDirectory(prefix="d-") as folder:
        command = [sys.executable, "-m", "demo"]
        env = {**os.environ, "TMPDIR": folder}
        with subprocess.Popen(
            command, cwd=PROJECT, env=env, stdout=subprocess.PIPE, text=True
        ) as process:
            yield process, Path(folder)


def assert_nothing_is_left(folder: Path, shown: str) -> None:
    """Check that files, processes and the sandbox's port are gone."""
    assert not [path.name for path in folder.iterdir()]
    processes = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert str(folder) not in processes.stdout
    address = re.search(r"127\.0\.0\.1:(\d+)", shown)
    assert address
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(address[1])), timeout=5)


def test_the_demo_succeeds_and_leaves_nothing() -> None:
    project_file = (PROJECT / "meltano.yml").read_text()
    with demo() as (process, folder):
        shown, _ = process.communicate()
        assert process.returncode == 0
        assert "PostgreSQL has all 600 calls, each of them once." in shown
        assert "Everything that was started has been stopped." in shown
        assert not re.search(r"\b3600\d{7}\b", shown), "it shows a telephone number"
        assert_nothing_is_left(folder, shown)
    # Meltano rewrites it when it misses something in it.
    assert (PROJECT / "meltano.yml").read_text() == project_file


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
