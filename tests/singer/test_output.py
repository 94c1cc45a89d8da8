"""Standard output: whole lines as long as somebody takes them, and one line on the log if not."""

from __future__ import annotations

import array
import fcntl
import json
import os
import re
import select
import signal
import socket
import subprocess
import termios
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

from tests.forks import started
from tests.interruptions.outlets import OUTLETS, Outlet
from tests.runs import Runner, config_for, entries, messages_in
from vcclive_sandbox.server import Faults, Options, serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.interruptions.outlets import Process

SMALLEST_PIPE = 4096
CALLS = Options(days=1, calls_per_day=400, latency_ms=5)


@contextmanager
def running(
    run_tap: Runner, config: Mapping[str, Any], *, buffered: bool = True
) -> Iterator[Process]:
    """Run the tap with a pipe for its output, which a few records fill; its log is a file."""
    with (
        run_tap.path("log.txt").open("wb") as log,
        started(
            run_tap.arguments(config),
            env=run_tap.environment({} if buffered else {"PYTHONUNBUFFERED": "1"}),
            stdout=subprocess.PIPE,
            stderr=log,
        ) as process,
    ):
        fcntl.fcntl(out_of(process), fcntl.F_SETPIPE_SZ, SMALLEST_PIPE)
        try:
            yield process
        finally:
            process.kill()


def out_of(process: Process) -> IO[bytes]:
    """Return the standard output of a process."""
    assert process.stdout is not None
    return process.stdout


def wait_until_full(process: Process) -> None:
    """Wait until a process has nothing left to do but to write into a full pipe."""
    size = array.array("i", [0])
    while size[0] < SMALLEST_PIPE // 2:
        fcntl.ioctl(out_of(process), termios.FIONREAD, size)
        time.sleep(0.01)
    time.sleep(0.2)


def unusual_lines(log: str) -> list[str]:
    """Return what a log says besides what every run says."""
    return [line for line in log.splitlines() if not re.search(r"\| (DEBUG|INFO) ", line)]


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize("moment", ["at once", "after a line", "when the pipe is full"])
def test_a_target_that_dies_ends_the_run_with_one_line(
    run_tap: Runner,
    moment: str,
    buffered: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    with serving(CALLS) as sandbox:
        with running(run_tap, config_for(sandbox), buffered=buffered) as process:
            if moment != "at once":
                out_of(process).readline()
            if moment == "when the pipe is full":
                wait_until_full(process)
            out_of(process).close()
            process.wait(timeout=30)
        log = run_tap.path("log.txt").read_text()
        # Where all is fetched ahead that there is room for, that is more.
        assert len(sandbox.requests) < 400 or moment == "when the pipe is full"
        assert sandbox.api_key not in log
    assert process.returncode == 1
    (line,) = unusual_lines(log)
    assert line.endswith("its output cannot be written: the target has gone")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
def test_a_full_disk_ends_the_run_with_one_line(run_tap: Runner) -> None:
    with serving(CALLS) as sandbox, Path("/dev/full").open("w") as full:
        done = subprocess.run(
            run_tap.arguments(config_for(sandbox)),
            env=run_tap.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    (line,) = unusual_lines(done.stderr)
    assert line.endswith("its output cannot be written: No space left on device")


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("message", ["SCHEMA", "STATE"])
def test_a_message_that_a_signal_interrupts_is_written_to_its_end(
    run_tap: Runner,
    message: str,
    number: signal.Signals,
    buffered: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A message longer than the pipe, which nobody reads until the signal has come."""
    # The only STATE of the second, 100 pending calls long.
    options = Options(days=1, calls_per_day=100, never_rate=1.0)
    with (
        serving(options) as sandbox,
        running(run_tap, config_for(sandbox), buffered=buffered) as process,
    ):
        before = out_of(process).readline() if message == "STATE" else b""
        wait_until_full(process)
        process.send_signal(number)
        time.sleep(0.2)
        assert process.poll() is None
        after, _ = process.communicate(timeout=30)
    messages = messages_in((before + after).decode())
    assert process.returncode == 0
    assert "SCHEMA" in {m["type"] for m in messages}
    states = [m["value"]["bookmarks"]["cdr"] for m in messages if m["type"] == "STATE"]
    assert [len(state["pending"]) for state in states] == [100] * (message == "STATE")


@pytest.mark.parametrize("outlet", OUTLETS)
def test_no_record_is_kept_back_while_the_tap_waits_for_the_next_call(
    run_tap: Runner, outlet: str
) -> None:
    """Somebody who reads a pipe, or a file as it grows, has all but the call that is awaited."""
    options = Options(days=1, calls_per_day=30, faults=Faults(slow_seconds=50))
    with serving(options) as sandbox:
        calls = entries(sandbox)
    slow = calls[20]["uuid"]
    with (
        serving(Options(**{**vars(options), "force": {slow: ["slow"]}})) as sandbox,
        Outlet(outlet, run_tap) as into,
        started(
            run_tap.arguments(config_for(sandbox)),
            env=run_tap.environment(),
            stdout=into.stdout,
            stderr=subprocess.DEVNULL,
        ) as process,
    ):
        try:
            if outlet == "pipe":
                lines = [out_of(process).readline() for _ in range(21)]
            else:
                while into.so_far().count(b"\n") < 21:
                    assert process.poll() is None
                    time.sleep(0.01)
                lines = into.so_far().splitlines()
            # They are there although one of the answers is not.
            (asked,) = [request for request in sandbox.requests if request.path.endswith(slow)]
            assert asked.status is None
        finally:
            process.kill()
    messages = [json.loads(line) for line in lines]
    assert [message["type"] for message in messages] == ["SCHEMA", *["RECORD"] * 20]
    uuids = [message["record"]["uuid"] for message in messages[1:]]
    assert uuids == [call["uuid"] for call in calls[:20]]


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_an_output_that_must_not_block_gets_every_line(run_tap: Runner, kind: str) -> None:
    """As a program leaves it that shares it with the tap, and reads slowly."""
    if kind == "pipe":
        theirs, ours = os.pipe()
        fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, SMALLEST_PIPE)
    else:
        ends = socket.socketpair()
        ends[1].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALLEST_PIPE)
        theirs, ours = (end.detach() for end in ends)
    os.set_blocking(ours, False)
    with serving(CALLS) as sandbox:
        process = subprocess.Popen(
            run_tap.arguments(config_for(sandbox)),
            env=run_tap.environment(),
            stdout=ours,
            stderr=subprocess.DEVNULL,
        )
        os.close(ours)
        with process, os.fdopen(theirs, "rb", buffering=0) as out:
            select.select([out], [], [])
            time.sleep(0.2)  # the SCHEMA is longer than there is room for
            output = out.readall()
        uuids = [call.uuid for call in sandbox.calls]
    assert process.returncode == 0
    assert [m["record"]["uuid"] for m in messages_in(output.decode()) if "record" in m] == uuids


def test_an_output_that_is_closed_ends_the_run_with_one_line(run_tap: Runner) -> None:
    with serving(CALLS) as sandbox:
        done = subprocess.run(
            ["sh", "-c", 'exec "$@" >&-', "sh", *run_tap.arguments(config_for(sandbox))],
            env=run_tap.environment(),
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert sandbox.requests == []
    assert done.returncode == 1
    (line,) = unusual_lines(done.stderr)
    assert line.endswith("its output cannot be written: Bad file descriptor")


def test_a_file_gets_the_same_messages_in_the_same_order_as_a_pipe(
    run_tap: Runner, tmp_path: Path
) -> None:
    """Records go into it together, and a STATE still after those that it speaks of."""
    with serving(Options(days=1, calls_per_day=600, late_rate=0.1)) as sandbox:
        config = config_for(sandbox, calls=entries(sandbox)[:600])
        with (tmp_path / "output").open("wb") as file:
            subprocess.run(
                run_tap.arguments(config), env=run_tap.environment(), stdout=file, check=True
            )
    with serving(Options(days=1, calls_per_day=600, late_rate=0.1)) as sandbox:
        piped = run_tap({**config, "api_url": sandbox.api_url})
    filed = messages_in((tmp_path / "output").read_text())
    assert [kind_of(message) for message in filed] == [kind_of(m) for m in piped.messages]
    assert len(piped.states) > 2


def kind_of(message: dict[str, Any]) -> object:
    """Return what is the same of a message in each run."""
    if message["type"] != "STATE":
        return message["type"], message.get("stream"), message.get("record")
    bookmark = message["value"]["bookmarks"]["cdr"]
    return "STATE", bookmark["position"], [entry["uuid"] for entry in bookmark["pending"]]
