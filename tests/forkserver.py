"""The process that has imported the tap, and starts it whenever `tests.forks` asks for it.

For each start it is asked for by a message, which comes with standard input, output and error, and
a socket: there the number of the process is told, and at its end the exit status.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
from typing import Final, NamedTuple

# Besides the tap, what it imports when it first needs it.
_IMPORTED: Final = (
    "tap_vcclive.tap",
    "fsspec.implementations.local",
    "idna",
    "singer_sdk.contrib.msgspec",
    "zoneinfo",
)
_DESCRIPTORS: Final = 4
NUMBER: Final = 8
"""So many bytes has a number that is sent."""


class Start(NamedTuple):
    """How the tap is to be started.

    Attributes:
        arguments: Those of the command.
        folder: The working folder.
        environment: The whole environment.
    """

    arguments: list[str]
    folder: str
    environment: dict[str, str]


def send_number(to: socket.socket, number: int, descriptors: list[int] | None = None) -> None:
    """Send a number, and open files with it."""
    socket.send_fds(to, [number.to_bytes(NUMBER, signed=True)], descriptors or [])


def number_of(data: bytes) -> int:
    """Return the number that was sent."""
    return int.from_bytes(data, signed=True)


def _serve(control: socket.socket) -> Start | None:
    """Start a process whenever asked to; return in each of them what it is to run.

    Returns:
        None when nobody can ask any more.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait
    while True:
        length, descriptors, *_ = socket.recv_fds(control, NUMBER, _DESCRIPTORS)
        if not length:
            return None
        start = Start(*json.loads(control.recv(number_of(length), socket.MSG_WAITALL)))
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            control.close()
            *standard, status = descriptors
            _start_and_wait(standard, socket.socket(fileno=status))
            return start
        for descriptor in descriptors:
            os.close(descriptor)


def _start_and_wait(standard: list[int], status: socket.socket) -> None:
    """Fork once more; the parent tells how the child ended and ends, the child returns."""
    if process := os.fork():
        for number in range(3):  # or a reader would wait for its end, too
            os.close(number)
        for descriptor in standard:
            os.close(descriptor)
        with status:
            send_number(status, process)
            send_number(status, os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
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
    runpy.run_module("tap_vcclive", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
