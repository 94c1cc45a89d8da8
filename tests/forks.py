"""Starts the tap out of a process that has imported it already, as imports take most of a start.

What runs is the tap's own process all the same, with its own arguments, environment, folder, output
and exit status; it ends as Python ends. Only what Python does before the first line of the tap is
not done anew: what depends on that is tested with a start of the whole command.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from tests.forkserver import NUMBER, Start, number_of, send_number

if TYPE_CHECKING:
    from collections.abc import Mapping


class Fork:
    """A process of the tap; it is used as one of `subprocess` is.

    Attributes:
        pid: Its number.
        returncode: Its exit status, once somebody has waited for it.
        stdout: What it writes, if that is a pipe.
    """

    def __init__(self, status: socket.socket, stdout: IO[bytes] | None) -> None:
        """Wait until it runs."""
        self._status = status
        self.pid = self._told()
        self.returncode: int | None = None
        self.stdout = stdout

    def __enter__(self) -> Self:
        """Do nothing more: it runs."""
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for its end."""
        if self.stdout is not None:
            self.stdout.close()
        self.wait()

    def _told(self) -> int:
        return number_of(self._status.recv(NUMBER, socket.MSG_WAITALL))

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return the exit status.

        Raises:
            TimeoutError: When it takes longer than so many seconds.
        """
        if self.returncode is None:
            self._status.settimeout(timeout)
            self.returncode = self._told()
            self._status.close()
        return self.returncode

    def poll(self) -> int | None:
        """Return the exit status, or None as long as it runs."""
        try:
            return self.wait(0)
        except BlockingIOError:
            return None

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has ended, and that is still to be told
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[bytes, None]:
        """Wait for its end; return what it has written, which is nothing if that is no pipe."""
        timer = threading.Timer(timeout or threading.TIMEOUT_MAX, self.kill)
        timer.daemon = True
        timer.start()
        out = b""
        if self.stdout is not None and not self.stdout.closed:
            with self.stdout:
                out = self.stdout.read()
        self.wait()
        timer.cancel()
        return out, None


class Forks:
    """A process that has imported the tap, and starts it as often as it is asked to."""

    def __init__(self) -> None:
        """Start it; it ends when the process that has started it does."""
        self._control, theirs = socket.socketpair()
        self._lock = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forkserver", str(theirs.fileno())],
                cwd=Path(__file__).parents[1],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        atexit.register(self._end)

    def started(self, start: Start, stdout: int | IO[bytes], stderr: int | IO[bytes]) -> Fork:
        """Start the tap; `stdout` can be `subprocess.PIPE`, and `stderr` go to DEVNULL."""
        status, theirs = socket.socketpair()
        read = write = None
        if stdout == subprocess.PIPE:
            read, write = os.pipe()
            stdout = write
        with theirs, Path(os.devnull).open("r+b") as nothing:
            files = (nothing, stdout, nothing if stderr == subprocess.DEVNULL else stderr, theirs)
            self._send(start, [f if isinstance(f, int) else f.fileno() for f in files])
        if read is None or write is None:
            return Fork(status, None)
        os.close(write)
        return Fork(status, os.fdopen(read, "rb"))

    def _send(self, start: Start, descriptors: list[int]) -> None:
        data = json.dumps(start).encode()
        with self._lock:
            send_number(self._control, len(data), descriptors)
            self._control.sendall(data)

    def _end(self) -> None:
        self._control.close()
        self._process.wait()


@cache
def forks() -> Forks:
    """Return the one of this process."""
    return Forks()


def start_of(
    command: list[str], folder: Path | None, environment: Mapping[str, str]
) -> Start | None:
    """Return how a command is started, or None if that takes a start of the whole command.

    So it is for another command than the tap's, and for what Python itself reads when it starts.
    """
    python, *arguments = command
    changed = [name for name, value in environment.items() if os.environ.get(name) != value]
    if (
        python != sys.executable
        or arguments[:2] != ["-m", "tap_vcclive"]
        or any(name.startswith("PYTHON") for name in changed)
    ):
        return None
    return Start(arguments[2:], str(folder or Path.cwd()), dict(environment))


def started(
    command: list[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str],
    stdout: int | IO[bytes],
    stderr: int | IO[bytes],
) -> Fork | subprocess.Popen[bytes]:
    """Start a command, out of what is imported already if it is the tap's."""
    if (start := start_of(command, cwd, env)) is not None:
        return forks().started(start, stdout, stderr)
    return subprocess.Popen(command, cwd=cwd, env=env, stdout=stdout, stderr=stderr)
