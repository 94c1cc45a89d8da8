"""Runs contenders and the server as processes of their own, and measures what they use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode
from urllib.request import urlopen

from benchmarks.call_log import NO_CALLS
from benchmarks.server import CONTROL, Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.call_log import CallLog

# ru_maxrss is in kilobytes, but on macOS in bytes.
_RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024
_ROOT: Final = Path(__file__).parents[1]
_ENVIRONMENT: Final = {
    **{name: value for name, value in os.environ.items() if not name.startswith("TAP_VCCLIVE_")},
    "RUNTIME__DLTHUB_TELEMETRY": "false",  # nothing of the benchmark leaves the machine
}


class FailedError(RuntimeError):
    """A process of the benchmark did not end well."""


@dataclass(frozen=True)
class Ran:
    """What a process has cost.

    Attributes:
        wall: Seconds from its start to its end.
        cpu: Processor seconds, in user and system mode.
        rss: The most memory that it held, in bytes.
    """

    wall: float
    cpu: float
    rss: int


def run(command: Sequence[str], output: Path | None = None, *, one_core: bool = False) -> Ran:
    """Run a command to its end, its output to a file or to nowhere.

    Args:
        command: The command.
        output: The file.
        one_core: Keep the process to a core that is not the server's.

    Raises:
        FailedError: When its exit status is not 0.
    """
    with Path(output or os.devnull).open("wb") as stdout, _cores(one=one_core):
        begun = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - the benchmark's own commands, no shell
            command,
            cwd=_ROOT,
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
        )
        # Popen.wait would not tell the memory of this one process. What wait4 tells is never less
        # than what this process holds, so that nothing large is imported here.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise FailedError(f"{command} ended with status {process.returncode}")
    return Ran(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _RSS_UNIT)


def seconds_to(mark: bytes, command: Sequence[str]) -> float:
    """Return how long a command takes to the first line with a mark, and let it end.

    Raises:
        FailedError: When there is none.
    """
    begun = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - see above
        command,
        cwd=_ROOT,
        env=_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        for line in process.stdout or ():
            if mark in line:
                seconds = time.perf_counter() - begun
                # Or it would write into a pipe that nobody reads.
                process.communicate()
                return seconds
    raise FailedError(f"{command} wrote no {mark!r}")


@contextmanager
def _cores(*, one: bool) -> Iterator[None]:
    """Start processes on one core, which is not the server's, for as long as the block lasts."""
    if not one or not hasattr(os, "sched_setaffinity"):
        yield
        return
    # What this process may use goes over to those it starts.
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


class Server:
    """The benchmark's server, as its contenders and its measurements see it."""

    def __init__(self, address: str) -> None:
        """Keep where it is."""
        self._address = address
        self.url = f"{address}/v2"

    def reset(self, latency: float = 0.0, log: CallLog = NO_CALLS) -> Counts:
        """Return what the server has counted, and begin anew.

        Args:
            latency: After how many seconds it answers from now on.
            log: The log that it has from now on.
        """
        query = urlencode({"latency": latency, **asdict(log)})
        with urlopen(f"{self._address}{CONTROL}?{query}") as response:  # noqa: S310 - the server's own address
            return Counts(**json.load(response))


@contextmanager
def serving() -> Iterator[Server]:
    """Run the server for as long as the block lasts."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server"],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        address = process.stdout.readline().strip() if process.stdout else ""
        if not address:
            raise FailedError("the server did not start")
        yield Server(address)
        if process.stdin:
            process.stdin.close()
