"""What the tap takes of memory, whatever it is sent and however slowly its output is read."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.faults.outcomes import CDR, CDR_LOG
from tests.faults.rows import LARGE, MOST_MEGABYTES
from tests.runs import Runner, config_for, log_config_for
from vcclive_sandbox.server import Faults, Options, RunningSandbox, serving

if TYPE_CHECKING:
    from vcclive_sandbox.fault_names import FaultName

CENTRE = Options(first_day=date(2024, 3, 4), days=4, calls_per_day=10, page_cap=1)
# Of full pages there are more than the tap fetches ahead.
BUSY = replace(CENTRE, calls_per_day=1_500, page_cap=500)

# A process has the memory of the one that started it as its own peak: so a small one starts it.
MEASURED = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(status.returncode, peak)
"""

# Reads 50 lines a second until it is told that all is fetched that is fetched ahead.
READ_SLOWLY = """
import resource, subprocess, sys, threading, time
told, records = threading.Event(), 0
threading.Thread(target=lambda: (sys.stdin.read(), told.set()), daemon=True).start()
with subprocess.Popen(
    sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
) as tap:
    for line in tap.stdout:
        records += line.startswith(b'{"type":"RECORD"')
        time.sleep(0.02)
        if told.is_set():
            break
    tap.kill()
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(records, peak)
"""
# Seconds without a request, from which on nothing more is fetched ahead; and the most of all.
QUIET = 3
LONGEST = 20


@pytest.mark.parametrize("fault", LARGE)
def test_the_memory_that_a_run_takes_is_bounded(run_tap: Runner, fault: FaultName) -> None:
    options = replace(CENTRE, faults=Faults({fault: 1.0}))
    with serving(options) as sandbox:
        command = run_tap.arguments(config_for(sandbox, request_timeout_seconds=20, max_tries=2))
        measured = [sys.executable, "-c", MEASURED, *command]
        output = subprocess.run(measured, capture_output=True, text=True, check=True, timeout=100)
    status, kilobytes = map(int, output.stdout.split())
    assert status == 1
    assert kilobytes < MOST_MEGABYTES * 1024


@pytest.mark.parametrize(
    ("fault", "stream"), [("fat", CDR_LOG), ("large", CDR), ("large", CDR_LOG)]
)
def test_the_memory_is_bounded_while_the_output_is_read_slowly(
    run_tap: Runner, fault: FaultName, stream: str
) -> None:
    """Of what is valid, but for whole pages that are too large even for one row."""
    with serving(replace(BUSY, faults=Faults({fault: 1.0}))) as sandbox:
        command = run_tap.arguments((config_for if stream == CDR else log_config_for)(sandbox))
        with subprocess.Popen(
            [sys.executable, "-c", READ_SLOWLY, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as reader:
            wait_until_quiet(sandbox, reader)
            output, _ = reader.communicate(timeout=60)
    records, kilobytes = map(int, output.split())
    assert records > 0 or (fault, stream) == ("large", CDR_LOG)
    assert kilobytes < MOST_MEGABYTES * 1024


def wait_until_quiet(sandbox: RunningSandbox, reader: subprocess.Popen[str]) -> None:
    """Wait until the tap has fetched what it fetches ahead, or has ended, or long enough."""
    begin = time.monotonic()
    while reader.poll() is None and time.monotonic() - begin < LONGEST:
        requests = sandbox.requests
        last = requests[-1].time if requests else time.monotonic()
        if not sandbox.in_flight and time.monotonic() - last > QUIET:
            return
        time.sleep(0.1)
