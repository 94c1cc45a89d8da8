"""The ways in which a run is interrupted, each at a moment of chance."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, Final

from demo.meltano import PROJECT
from tests import leaks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from random import Random

    from tests.interruptions.targets import Stored, Target
    from tests.runs import Runner

_LONGEST_SECONDS: Final = 60
_SMALLEST_PIPE: Final = 4096
_STREAMS: Final = 2
_USUAL: Final = re.compile(r"\| (DEBUG|INFO|WARNING) ")


class RunningTap:
    """A run of the tap, whose output is taken as a target pleases.

    Attributes:
        process: Its process.
        target: What takes the output.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: IO[bytes], target: Target) -> None:
        """Take nothing yet."""
        self.process = process
        self.target = target
        self._log = log
        assert process.stdout is not None
        self._out = process.stdout

    def narrow(self) -> None:
        """Make the pipe so narrow that it is full after a few records."""
        fcntl.fcntl(self._out, fcntl.F_SETPIPE_SZ, _SMALLEST_PIPE)

    def take(self) -> bool:
        """Take what is there, or wait for it; return False at the end of the output."""
        ready, _, _ = select.select([self._out], [], [], _LONGEST_SECONDS)
        assert ready, "neither output nor its end"
        piece = os.read(self._out.fileno(), 65536)
        self.target.take(piece)
        return bool(piece)

    def take_for(self, seconds: float) -> None:
        """Take what comes from the first output on, for some seconds or up to the end."""
        goes_on = self.take()
        until = time.monotonic() + seconds
        while goes_on and (left := until - time.monotonic()) > 0:
            ready, _, _ = select.select([self._out], [], [], left)
            goes_on = not ready or self.take()

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


@contextmanager
def running(
    run_tap: Runner,
    config: Mapping[str, Any],
    target: Target,
    stored: Stored,
    environment: Mapping[str, str] | None = None,
) -> Iterator[RunningTap]:
    """Run the tap from a stored state for as long as the block lasts."""
    target.begin(stored)
    with (
        run_tap.path("log.txt").open("w+b") as log,
        subprocess.Popen(
            run_tap.arguments(config, stored.state),
            cwd=PROJECT,
            env=run_tap.environment(environment),
            stdout=subprocess.PIPE,
            stderr=log,
        ) as process,
    ):
        tap = RunningTap(process, log, target)
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
        _ended_well(tap, number)

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
    _ended_well(tap, signal.SIGTERM)


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
    _ended_with_a_line(tap, signal.SIGTERM)


def _moment(draws: Random) -> float:
    return draws.uniform(0, 0.7)


def _fill(tap: RunningTap, draws: Random) -> None:
    """Take output for a while, then leave the pipe to get full."""
    tap.narrow()
    tap.take_for(_moment(draws))
    time.sleep(draws.uniform(0, 0.3))


def _ended_well(tap: RunningTap, number: signal.Signals | None = None) -> None:
    """A run that was told to stop, or that was let go on, ends as one that is done."""
    assert tap.status() == 0 or _was_done_before(tap, number), tap.log
    assert not tap.target.has_half_a_line
    assert "Traceback" not in tap.log


def _was_done_before(tap: RunningTap, number: signal.Signals | None) -> bool:
    """Return whether a signal came when all was written, and ended Python at its own end."""
    is_done = tap.log.count('"record_count"') == _STREAMS
    return number is not None and tap.status() == -number and is_done


def _ended_with_a_line(tap: RunningTap, number: signal.Signals | None = None) -> None:
    """A run whose target is gone says so in one line, if it had anything left to write."""
    status = 0 if _was_done_before(tap, number) else tap.status()
    lines = [line for line in tap.log.splitlines() if not _USUAL.search(line)]
    assert status in {0, 1}, tap.log
    assert len(lines) == status, tap.log
    assert all(line.endswith("cannot be written: the target has gone") for line in lines)


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
