"""Signals that come more than once, early, late: one end of a run, with its last STATE."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import pytest

from tap_vcclive import signals
from tests.forks import started
from tests.runs import Run, Runner, config_for, messages_in
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.interruptions.outlets import Process

TERM: Final = signal.SIGTERM
INT: Final = signal.SIGINT
SMALLEST_PIPE: Final = 4096
AT_ONCE: Final = 4

# Nothing is registered: a STATE of those that were asked for is longer than the pipe.
LATE: Final = Options(days=1, calls_per_day=400, latency_ms=5, never_rate=1.0)
ASKED: Final = 100


# The command, signalled at a moment that cannot be hit from outside.
SIGNALLED: Final = """
import signal
from tap_vcclive.__main__ import main
from tap_vcclive.signals import SIGNALS
SIGNALS.listen()
{moment}
main()
"""
BEFORE_IMPORTS: Final = "signal.raise_signal(signal.SIGTERM)"
AS_THE_LIST_IS_READ: Final = """
from tap_vcclive.cdr.run import CallsRun
begin = CallsRun.begin
def begin_and_be_told(*arguments):
    begin(*arguments)
    signal.raise_signal(signal.SIGINT)
CallsRun.begin = begin_and_be_told
"""
# Says what would become of a signal after the last word of the command.
ENDED: Final = """
import signal
from tap_vcclive.__main__ import main
try:
    main()
finally:
    print([signal.getsignal(each).name for each in (signal.SIGINT, signal.SIGTERM)])
"""


class Started:
    """A run of the tap that has begun, with a narrow pipe that is read when a test says so."""

    def __init__(
        self,
        run_tap: Runner,
        config: dict[str, Any],
        name: str = "run",
        start: Callable[..., Process] = started,
    ) -> None:
        """Start it, with files of its own.

        Args:
            run_tap: Runs the tap in a folder, of which this run gets one of its own.
            config: The settings.
            name: The name of that folder.
            start: Starts the process; `subprocess.Popen` where the whole start counts.
        """
        own = Runner(run_tap.path(name))
        own.path("").mkdir()
        self._log = own.path("log.txt")
        with self._log.open("wb") as log:
            self.process = start(
                own.arguments(config), env=own.environment(), stdout=subprocess.PIPE, stderr=log
            )
        assert self.process.stdout is not None
        self._out = self.process.stdout
        self._read = b""
        fcntl.fcntl(self._out, fcntl.F_SETPIPE_SZ, SMALLEST_PIPE)

    @property
    def log(self) -> str:
        """What stands on standard error."""
        return self._log.read_text()

    def read_schema(self) -> None:
        """Read the first line, and let the run begin."""
        self._read = self._out.readline()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that the run brings about."""
        while not condition():
            assert self.process.poll() is None
            time.sleep(0.002)

    def takes_signals(self) -> bool:
        """Return whether it takes SIGTERM itself by now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (mask,) = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
        return bool(int(mask, 16) >> (TERM - 1) & 1)

    def ended(self) -> Run:
        """Read its output to the end."""
        out, _ = self.process.communicate(timeout=60)
        messages = messages_in((self._read + out).decode())
        return Run(self.process.wait(), messages, self.log)


def assert_ended_well(run: Run) -> None:
    """A run that was told to stop ends as one that is done, with a STATE of all that it did."""
    assert run.status == 0, run.log
    assert "Traceback" not in run.log
    assert run.log.count("Told to stop") == 1
    assert run.bookmark["position"]["calls"] == len(run.bookmark["pending"]) > 0
    # The other stream has come to its end as well.
    assert [m["stream"] for m in run.messages if m["type"] == "SCHEMA"] == ["cdr", "cdr_log"]


@pytest.mark.parametrize("pair", [(TERM, TERM), (INT, TERM), (TERM, INT)], ids=str)
def test_signals_moments_apart_are_one_in_seven_of_seven_runs(
    run_tap: Runner, pair: tuple[signal.Signals, signal.Signals]
) -> None:
    """The second comes while the last STATE waits for somebody to read it, or before."""
    apart = [0.0, 0.002, 0.01, 0.05, 0.1, 0.3, 0.6]

    def signalled_twice(seconds: float) -> Run:
        with serving(LATE) as sandbox:
            run = Started(run_tap, config_for(sandbox, max_concurrency=2), f"run-{seconds}")
            run.read_schema()
            run.wait_until(lambda: len(sandbox.requests) > ASKED)
            run.process.send_signal(pair[0])
            time.sleep(seconds)
            run.process.send_signal(pair[1])
            return run.ended()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for run in pool.map(signalled_twice, apart):
            assert_ended_well(run)


def test_signals_that_go_on_to_the_very_end_are_one(run_tap: Runner) -> None:
    """From the middle of the run over its last STATE to the end of Python."""

    def hammered(number: int) -> Run:
        with serving(LATE) as sandbox, ThreadPoolExecutor(1) as reading:
            run = Started(run_tap, config_for(sandbox, max_concurrency=2), f"run-{number}")
            run.read_schema()
            run.wait_until(lambda: len(sandbox.requests) > ASKED)
            ended = reading.submit(run.ended)
            until = time.monotonic() + 0.5
            while not ended.done() and time.monotonic() < until:
                run.process.send_signal(TERM)
                time.sleep(0.001)
                run.process.send_signal(INT)
            return ended.result()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for run in pool.map(hammered, range(4)):
            assert_ended_well(run)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells who listens")
def test_a_signal_while_the_tap_starts_lets_no_run_begin_or_ends_it_well(run_tap: Runner) -> None:
    numbers = cycle([TERM, INT])

    def signalled(number: int) -> Run:
        with serving(LATE) as sandbox:
            run = Started(run_tap, config_for(sandbox), f"run-{number}", subprocess.Popen)
            run.wait_until(run.takes_signals)
            time.sleep(number * 0.06)
            run.process.send_signal(cases[number])
            return run.ended()

    cases = [next(numbers) for _ in range(8)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = list(pool.map(signalled, range(8)))
    for run in runs:
        assert run.status == 0, run.log
        assert "Traceback" not in run.log
        # Whatever was asked for is in the STATE.
        if run.states:
            assert run.bookmark["position"]["calls"] == len(run.bookmark["pending"])


@pytest.mark.parametrize("moment", [BEFORE_IMPORTS, AS_THE_LIST_IS_READ], ids=["start", "list"])
def test_a_signal_before_the_first_request_leaves_the_state_as_it_is(
    run_tap: Runner, moment: str
) -> None:
    with serving(LATE) as sandbox:
        state = {"bookmarks": {"cdr": {"replication_key_value": "2024-03-05T22:59:59+00:00"}}}
        arguments = run_tap.arguments(config_for(sandbox), state)
        options = arguments[arguments.index("--config") :]
        code = SIGNALLED.format(moment=moment)
        run = run_tap.run([sys.executable, "-c", code, *options])
        assert sandbox.requests == []
    assert run.status == 0
    assert run.states == [state]
    assert run.log.count("nothing to do, as the run was told to stop") == 2


def test_a_signal_after_the_last_word_ends_nothing(run_tap: Runner) -> None:
    """Python lets go of its own handlers when it ends, and keeps that a signal is ignored."""
    done = subprocess.run(
        [sys.executable, "-c", ENDED, "--version"],
        env=run_tap.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.endswith("['SIG_IGN', 'SIG_IGN']\n")


def test_who_waits_and_signals_again_ends_the_process(run_tap: Runner) -> None:
    with serving(LATE) as sandbox:
        run = Started(run_tap, config_for(sandbox))
        run.read_schema()
        run.wait_until(lambda: len(sandbox.requests) > ASKED)
        run.process.send_signal(TERM)
        run.wait_until(lambda: "Told to stop" in run.log)
        time.sleep(2.1)
        run.process.send_signal(TERM)
        assert run.process.wait(60) == -TERM
        run.process.communicate()
    assert "Traceback" not in run.log


@pytest.mark.parametrize(
    ("after", "ends"), [([0.001], 0), ([1.5], 0), ([0.5, 1.99], 0), ([2.01], 1), ([1.5, 2.5], 1)]
)
def test_two_seconds_from_the_first_signal_on_make_the_difference(
    monkeypatch: pytest.MonkeyPatch, after: list[float], ends: int
) -> None:
    now, told, raised = [100.0], list[None](), list[int]()
    monkeypatch.setattr(signals, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(signal, "raise_signal", raised.append)
    ours = signals.Signals()
    ours.tell = lambda: told.append(None)
    ours.take(INT)
    for seconds in after:
        now[0] = 100.0 + seconds
        ours.take(TERM)
    assert len(told) == 1
    assert ours.have_come
    assert raised == [TERM] * ends


def test_a_tap_in_a_process_of_somebody_else_leaves_its_signals_alone() -> None:
    from tap_vcclive.tap import TapVCCLive  # noqa: PLC0415 - the other tests run the command

    before = [signal.getsignal(number) for number in (INT, TERM)]
    TapVCCLive(parse_env_config=False, validate_config=False)
    assert [signal.getsignal(number) for number in (INT, TERM)] == before
