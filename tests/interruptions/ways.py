"""The ways in which a run is interrupted, each at a moment of chance."""

from __future__ import annotations

import fcntl
import os
import re
import resource
import select
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Final

from demo.meltano import PROJECT
from tests import leaks
from tests.forks import started
from tests.interruptions.outlets import Outlet

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from random import Random

    from tests.interruptions.outlets import Process
    from tests.interruptions.targets import Target
    from tests.runs import Runner

_LONGEST_SECONDS: Final = 60
_SMALLEST_PIPE: Final = 4096
_USUAL: Final = re.compile(r"\| (DEBUG|INFO|WARNING) ")


class RunningTap:
    """A run of the tap, whose output is taken as a target pleases.

    Attributes:
        process: Its process.
        target: What takes the output.
    """

    def __init__(self, process: Process, out: IO[bytes], log: IO[bytes], target: Target) -> None:
        """Take nothing yet."""
        self.process = process
        self.target = target
        self._log = log
        self._out = out

    def narrow(self) -> None:
        """Make the pipe so narrow that it is full after a few records."""
        fcntl.fcntl(self._out, fcntl.F_SETPIPE_SZ, _SMALLEST_PIPE)

    def limit(self, most_bytes: int) -> None:
        """Leave so much room for the output on the disk, if it goes into a file."""
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    def take(self) -> bool:
        """Take what is there, or wait for it; return False at the end of the output."""
        assert self._is_ready(_LONGEST_SECONDS), "neither output nor its end"
        piece = os.read(self._out.fileno(), 65536)
        self.target.take(piece)
        return bool(piece)

    def take_for(self, seconds: float) -> None:
        """Take what comes from the first output on, for some seconds or up to the end."""
        goes_on = self.take()
        until = time.monotonic() + seconds
        while goes_on and (left := until - time.monotonic()) > 0:
            goes_on = not self._is_ready(left) or self.take()

    def _is_ready(self, seconds: float) -> bool:
        """Wait until there is output, or its end, or so many seconds are over."""
        return bool(select.select([self._out], [], [], seconds)[0])

    def take_all(self) -> None:
        """Take the output to its end."""
        while self.take():
            pass

    def go_away(self) -> None:
        """Take nothing any more, as a target that has died."""
        self._out.close()

    def status(self) -> int:
        """Wait for the end; return the exit status."""
        return self.process.wait(_LONGEST_SECONDS)

    @property
    def log(self) -> str:
        """What stands on standard error."""
        self._log.seek(0)
        return self._log.read().decode()


class FilingTap(RunningTap):
    """A run of the tap into a file, which is read while it grows, as by `tail -f`."""

    @override
    def _is_ready(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            # In this order: what was written last is there once the process has ended.
            has_ended = self.process.poll() is not None
            if has_ended or os.fstat(self._out.fileno()).st_size > self._out.tell():
                return True
            time.sleep(0.002)
        return False


@contextmanager
def running(
    run_tap: Runner,
    command: list[str],
    target: Target,
    outlet: str,
    environment: Mapping[str, str] | None = None,
) -> Iterator[RunningTap]:
    """Run a command of the tap for as long as the block lasts; a target takes its output."""
    with (
        run_tap.path("log.txt").open("w+b") as log,
        Outlet(outlet, run_tap) as into,
        started(
            command,
            cwd=PROJECT,
            env=run_tap.environment(environment),
            stdout=into.stdout,
            stderr=log,
        ) as process,
    ):
        tap = (
            RunningTap(process, process.stdout, log, target)
            if process.stdout is not None
            else FilingTap(process, into.read(), log, target)
        )
        try:
            yield tap
        finally:
            process.kill()
        leaks.check(tap.log)


def _killed(tap: RunningTap, draws: Random) -> None:
    tap.take_for(_moment(draws))
    tap.process.kill()
    tap.take_all()


def _signalled(number: signal.Signals) -> Callable[[RunningTap, Random], None]:
    def interrupt(tap: RunningTap, draws: Random) -> None:
        tap.take_for(_moment(draws))
        tap.process.send_signal(number)
        tap.take_all()
        _ended_well(tap)

    return interrupt


def _target_died(tap: RunningTap, draws: Random) -> None:
    tap.take_for(_moment(draws))
    tap.go_away()
    _ended_with_a_line(tap)


def _full_and_killed(tap: RunningTap, draws: Random) -> None:
    _fill(tap, draws)
    tap.process.kill()
    tap.take_all()


def _full_and_terminated(tap: RunningTap, draws: Random) -> None:
    _fill(tap, draws)
    tap.process.terminate()
    time.sleep(draws.uniform(0, 0.1))
    tap.take_all()
    _ended_well(tap)


def _full_and_on(tap: RunningTap, draws: Random) -> None:
    _fill(tap, draws)
    tap.take_all()
    _ended_well(tap)


def _full_and_target_died(tap: RunningTap, draws: Random) -> None:
    _fill(tap, draws)
    if draws.random() < 0.5:
        tap.process.terminate()
        time.sleep(draws.uniform(0, 0.1))
    tap.go_away()
    _ended_with_a_line(tap)


def _moment(draws: Random) -> float:
    return draws.uniform(0, 0.7)


def _fill(tap: RunningTap, draws: Random) -> None:
    """Take output for a while, then leave the pipe to get full."""
    tap.narrow()
    tap.take_for(_moment(draws))
    time.sleep(draws.uniform(0, 0.3))


def _disk_full(tap: RunningTap, draws: Random) -> None:
    """Let the file become no larger than some size."""
    tap.limit(draws.randrange(20_000, 500_000))
    tap.take_all()
    _ended_with_a_line(tap, "File too large")


def _ended_well(tap: RunningTap) -> None:
    """A run that was told to stop, or that was let go on, ends as one that is done."""
    assert tap.status() == 0, tap.log
    assert not tap.target.has_half_a_line
    assert "Traceback" not in tap.log


def _ended_with_a_line(tap: RunningTap, reason: str = "the target has gone") -> None:
    """A run whose output is not taken says so in one line, if it had anything left to write."""
    status = tap.status()
    lines = [line for line in tap.log.splitlines() if not _USUAL.search(line)]
    assert status in {0, 1}, tap.log
    assert len(lines) == status, tap.log
    assert all(line.endswith(f"cannot be written: {reason}") for line in lines)


def _filed_on_a_full_disk(tap: RunningTap, draws: Random) -> None:
    """Leave the output to a target whose file cannot become as large as it has to be."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "output.jsonl")
        most = draws.randrange(20_000, 500_000)
        with subprocess.Popen(
            [sys.executable, "-m", "tests.interruptions.filing", str(file), str(most)],
            cwd=PROJECT,
            stdin=tap.process.stdout,
            stderr=subprocess.DEVNULL,
        ) as filing:
            tap.go_away()  # the other process has the pipe now
            _ended_with_a_line(tap)
            filing.wait(_LONGEST_SECONDS)
        tap.target.take(file.read_bytes())


WAYS: Final[dict[str, Callable[[RunningTap, Random], None]]] = {
    "kill": _killed,
    "SIGTERM": _signalled(signal.SIGTERM),
    "SIGINT": _signalled(signal.SIGINT),
    "target-dies": _target_died,
    "full-pipe-kill": _full_and_killed,
    "full-pipe-SIGTERM": _full_and_terminated,
    "full-pipe-goes-on": _full_and_on,
    "full-pipe-target-dies": _full_and_target_died,
    "full-disk": _filed_on_a_full_disk,
}

FILE_WAYS: Final[dict[str, Callable[[RunningTap, Random], None]]] = {
    "file-kill": _killed,
    "file-SIGTERM": _signalled(signal.SIGTERM),
    "file-SIGINT": _signalled(signal.SIGINT),
    "file-full-disk": _disk_full,
}
"""Those into a file of the tap's own."""
