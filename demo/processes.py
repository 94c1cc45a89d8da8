"""Starts programs so that each ends with the block that started it, whatever ends the block."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from types import FrameType
    from typing import NoReturn

SECONDS_TO_STOP = 10


class NotStartedError(Exception):
    """A program ended before it said where it is."""


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    stdout: int | IO[str] = subprocess.PIPE,
    stderr: int | IO[str] | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """Run a program, and end it and the programs it started at the end of the block.

    It gets a process group of its own: Ctrl-C in a terminal goes to the whole group of the program
    in front, and what runs here is to end in order, not all at once.
    """
    process = subprocess.Popen(  # noqa: S603 - the callers' own commands, no shell
        command,
        env=env,
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        text=True,
        start_new_session=True,
    )
    with process:  # closes the pipes
        try:
            yield process
        finally:
            _stop(process)


def environment_without(*prefixes: str) -> dict[str, str]:
    """Return this process's environment variables, those left out whose names begin so."""
    return {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}


def first_line(process: subprocess.Popen[str]) -> str:
    """Return the first line that a program writes: where it can be reached.

    Raises:
        NotStartedError: The program ended without one.
    """
    line = process.stdout.readline().strip() if process.stdout else ""
    if not line:
        raise NotStartedError(f"{process.args!r} ended with status {process.wait()}")
    return line


def stop_on_signals() -> None:
    """Make SIGINT and SIGTERM end the program through its `finally` blocks, undisturbed."""

    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)


def _stop(process: subprocess.Popen[str]) -> None:
    """End a program that still runs: ask its group, wait, then end what is left of the group."""
    if process.poll() is None:
        _signal_group(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_STOP)
    _signal_group(process, signal.SIGKILL)


def _signal_group(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Send a signal to a program and all that it started; nothing when none of them is left."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
