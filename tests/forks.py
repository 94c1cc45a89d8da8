"""Starts the tap out of a process that has imported it already, as imports take most of a start.

What runs is the tap's own process all the same, with its own arguments, environment, folder, output
and exit status; it ends as Python ends. Only what Python does before the first line of the tap is
not done anew: what depends on that is tested with a start of the whole command.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Besides the tap, what it imports when it first needs it.
_IMPORTED = (
    "tap_vcclive.tap",
    "fsspec.implementations.local",
    "idna",
    "singer_sdk.contrib.msgspec",
    "zoneinfo",
)
_DESCRIPTORS = 4  # standard input, output and error, and where the status goes
_LENGTH = 8


class _Start(NamedTuple):
    """How a process is to be started."""

    module: str
    arguments: list[str]
    folder: str
    environment: dict[str, str]


class Forks:
    """A process that has imported the tap, and starts it as often as it is asked to."""

    def __init__(self) -> None:
        """Start it; it ends when the process that has started it does."""
        self._control, theirs = socket.socketpair()
        self._lock = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forks", str(theirs.fileno())],
                cwd=Path(__file__).parents[1],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        atexit.register(self._end)

    def run(
        self, module: str, arguments: list[str], folder: Path, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run a module to its end, as `python -m` does; it is killed after 100 seconds."""
        start = _Start(module, arguments, str(folder), dict(environment))
        status, theirs = socket.socketpair()
        (out, out_theirs), (err, err_theirs) = os.pipe(), os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        with theirs:
            self._send(start, [nothing, out_theirs, err_theirs, theirs.fileno()])
        for descriptor in (nothing, out_theirs, err_theirs):
            os.close(descriptor)
        with status, status.makefile() as said:
            process = int(said.readline())
            timer = threading.Timer(100, os.kill, (process, signal.SIGKILL))
            timer.start()
            texts = _read((out, err))
            code = int(said.readline())
            timer.cancel()
        return subprocess.CompletedProcess(arguments, code, *texts)

    def _send(self, start: _Start, descriptors: list[int]) -> None:
        data = json.dumps(start).encode()
        with self._lock:
            socket.send_fds(self._control, [len(data).to_bytes(_LENGTH)], descriptors)
            self._control.sendall(data)

    def _end(self) -> None:
        self._control.close()
        self._process.wait()


def _read(descriptors: Iterable[int]) -> list[str]:
    """Return what comes out of pipes, which are read side by side."""
    texts: dict[int, str] = {}

    def read(descriptor: int) -> None:
        with os.fdopen(descriptor, encoding="utf-8", newline=None) as file:
            texts[descriptor] = file.read()

    readers = [threading.Thread(target=read, args=(one,)) for one in descriptors]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return [texts[one] for one in descriptors]


@cache
def forks() -> Forks:
    """Return the one of this process."""
    return Forks()


def _serve(control: socket.socket) -> _Start | None:
    """Start a process whenever asked to; return in each of them what it is to run.

    Returns:
        None when nobody can ask any more.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait
    while True:
        length, descriptors, *_ = socket.recv_fds(control, _LENGTH, _DESCRIPTORS)
        if not length:
            return None
        start = _Start(*json.loads(_received(control, int.from_bytes(length))))
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            control.close()
            *standard, status = descriptors
            _start_and_wait(standard, socket.socket(fileno=status))
            return start
        for descriptor in descriptors:
            os.close(descriptor)


def _received(control: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        data += control.recv(length - len(data))
    return data


def _start_and_wait(standard: list[int], status: socket.socket) -> None:
    """Fork once more; the parent tells how the child ended and ends, the child returns."""
    if process := os.fork():
        for descriptor in standard:
            os.close(descriptor)
        status.sendall(f"{process}\n".encode())
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        status.sendall(f"{code}\n".encode())
        os._exit(0)
    status.close()
    for number, descriptor in enumerate(standard):
        os.dup2(descriptor, number)
        os.close(descriptor)


def _main() -> None:
    with socket.socket(fileno=int(sys.argv[1])) as control:
        for name in _IMPORTED:
            importlib.import_module(name)
        gc.freeze()
        start = _serve(control)
    if start is None:
        return
    os.chdir(start.folder)
    os.environ.clear()
    os.environ.update(start.environment)
    sys.argv[1:] = start.arguments
    runpy.run_module(start.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
