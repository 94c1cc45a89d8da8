"""However a run ends, and whatever its output is: what it says it has loaded has been written."""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from tests.catalogs import STREAMS
from tests.interruptions.outlets import OUTLETS, ended_with, run_into
from tests.interruptions.targets import Stored, Target
from tests.interruptions.truth import Known, Logged, untruths
from tests.runs import Run, Runner, config_for, entries, log_config_for
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.interruptions.outlets import Process
    from vcclive_sandbox.server import RunningSandbox

TWO_DAYS: Final = Options(first_day=date(2024, 3, 4), days=2, calls_per_day=100)
# Long enough for a signal to come in the middle, with a state that is not always worth saving.
LONG: Final = Options(days=1, calls_per_day=2000, latency_ms=5, never_rate=0.2)

NOTHING: Final = Stored({}, {})

# Ends the command in the middle of a stream, as nothing that is foreseen does.
BREAKING: Final = """
import itertools, sys
from tap_vcclive.__main__ import main
from tap_vcclive.values.record import Values
numbers, record = itertools.count(), Values.record
def breaking(*arguments):
    if next(numbers) == {number}:
        {end}
    return record(*arguments)
Values.record = breaking
main()
"""
# Leaves records to the last resort: nothing ends the stream that they are of.
LEAVING: Final = """
import sys
from singer_sdk.singerlib import RecordMessage
from tap_vcclive.singer import output
output._LONGEST_KEPT = 3600
out = output.Output()
for number in range(20):
    record = {"uuid": str(number), "start_ts_utc": ""}
    out.write_message(RecordMessage(stream="cdr", record=record))
"""
# Ends without what Python does at its end, as soon as all streams have been synced.
CUT_OFF: Final = """
import json, os, sys
from pathlib import Path
from tap_vcclive.singer import output
from tap_vcclive.tap import TapVCCLive
output._LONGEST_KEPT = 3600
config, state = [json.loads(Path(name).read_text()) for name in sys.argv[1:]]
TapVCCLive(config=config, state=state).sync_all()
os._exit(0)
"""
LIMITED: Final = """
import os, resource, sys
most = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
os.execv(sys.argv[2], sys.argv[2:])
"""


def loaded(run: Run) -> int:
    """Return how many calls a run says it has loaded."""
    return sum(int(n.replace(",", "")) for n in re.findall(r"\| ([\d,]+) calls loaded", run.log))


def known_of(sandbox: RunningSandbox) -> Known:
    """Return what there is to speak of."""
    known = Known(Logged(call.uuid, str(call.cdr()["start_ts"])) for call in sandbox.calls)
    known.add_list(entries(sandbox))
    return known


def untruths_of(run: Run, known: Known, begun_with: Stored = NOTHING) -> list[str]:
    """Return what the STATEs of a run say that is not so."""
    arrived = arrived_from(run, begun_with)
    return [line for stored in arrived for line in untruths(*stored, known)]


def arrived_from(run: Run, begun_with: Stored) -> list[Stored]:
    """Return the STATEs of a run as a target takes them."""
    target = Target()
    target.begin(begun_with)
    target.take("".join(f"{json.dumps(message)}\n" for message in run.messages).encode())
    return target.arrived


@pytest.mark.parametrize("outlet", OUTLETS)
def test_a_run_that_finds_nothing_newer_writes_all_that_it_reads_again(
    run_tap: Runner, outlet: str
) -> None:
    with serving(TWO_DAYS) as sandbox:
        config = log_config_for(sandbox)
        first = run_into(outlet, run_tap, config)
        again = run_into(outlet, run_tap, config, first.state)
        calls = {call.uuid for call in sandbox.calls}
        known = known_of(sandbox)
    for run in (first, again):
        assert run.status == 0
        assert set(run.uuids) == calls
        assert loaded(run) == len(run.uuids)
        assert untruths_of(run, known, arrived_from(first, NOTHING)[-1]) == []


@pytest.mark.parametrize("outlet", OUTLETS)
@pytest.mark.parametrize(
    "numbers",
    [
        [signal.SIGTERM],
        [signal.SIGINT],
        [signal.SIGTERM, signal.SIGTERM],
        [signal.SIGINT, signal.SIGTERM],
    ],
    ids=["SIGTERM", "SIGINT", "SIGTERM-twice", "SIGINT-SIGTERM"],
)
def test_a_run_that_a_signal_ends_has_written_what_it_says(
    run_tap: Runner, outlet: str, numbers: list[signal.Signals]
) -> None:
    with serving(LONG) as sandbox:

        def interrupt(process: Process) -> None:
            wait_until(lambda: len(sandbox.requests) > 400, process)
            for number in numbers:
                process.send_signal(number)
                time.sleep(0.01)

        run = run_into(outlet, run_tap, config_for(sandbox), meanwhile=interrupt)
        known = known_of(sandbox)
        assert len(sandbox.requests) < 2000
    assert run.status == 0
    assert 0 < len(run.uuids) == loaded(run)
    position, pending = run.bookmark["position"], run.bookmark["pending"]
    assert position["calls"] == len(run.uuids) + len(pending)
    assert untruths_of(run, known) == []


def wait_until(condition: Callable[[], bool], process: Process) -> None:
    """Wait for something that a process that runs brings about."""
    while not condition():
        assert process.poll() is None
        time.sleep(0.005)


@pytest.mark.parametrize("outlet", OUTLETS)
def test_an_error_leaves_the_state_as_it_is_and_all_records_before_it_written(
    run_tap: Runner, outlet: str
) -> None:
    """A stream map that a record does not fit, in a day that was read before."""
    with serving(TWO_DAYS) as sandbox:
        uuids = [call.uuid for call in sandbox.calls]
        maps = {"cdr_log": {"ratio": f"1 / int(uuid != '{uuids[150]}')"}}
        state = run_tap(log_config_for(sandbox)).state
        run = run_into(outlet, run_tap, log_config_for(sandbox, stream_maps=maps), state)
    assert run.status == 1
    assert run.uuids == uuids[:150]
    bookmark = state["bookmarks"]["cdr_log"]
    assert all(state["bookmarks"]["cdr_log"] == bookmark for state in run.states)
    assert [message["type"] for message in run.messages[-50:]] == ["RECORD"] * 50


@pytest.mark.parametrize("outlet", OUTLETS)
def test_a_test_of_the_connection_writes_its_record_of_each_stream(
    run_tap: Runner, outlet: str
) -> None:
    with serving(TWO_DAYS) as sandbox:
        config = log_config_for(sandbox, calls=entries(sandbox)[:20])
        run = run_into(outlet, run_tap, config, None, "--test")
        known = known_of(sandbox)
        known.add_list(entries(sandbox)[:20])
    assert run.status == 0
    streams = [m["stream"] for m in run.messages if m["type"] == "RECORD"]
    assert streams == sorted(set(STREAMS) - {"online_users"})
    assert untruths_of(run, known) == []


@pytest.mark.parametrize("outlet", OUTLETS)
@pytest.mark.parametrize(
    ("end", "status"),
    [("raise RuntimeError", 1), ("sys.exit(5)", 5), ("raise KeyboardInterrupt", None)],
)
def test_a_run_that_breaks_has_written_what_came_before(
    run_tap: Runner, outlet: str, end: str, status: int | None
) -> None:
    with serving(TWO_DAYS) as sandbox:
        config = run_tap.file("config.json", config_for(sandbox))
        code = BREAKING.format(number=137, end=end)
        run = ended_with(outlet, run_tap, [sys.executable, "-c", code, "--config", config])
        known = known_of(sandbox)
    assert run.status == status if status is not None else run.status != 0
    assert len(run.uuids) == loaded(run) == 137
    assert untruths_of(run, known) == []


@pytest.mark.parametrize("outlet", ["file", "append"])
@pytest.mark.parametrize(
    ("end", "status"), [("", 0), ("sys.exit(5)", 5), ("raise RuntimeError", 1)]
)
def test_what_nobody_has_flushed_is_written_at_the_end_of_the_process(
    run_tap: Runner, outlet: str, end: str, status: int
) -> None:
    run = ended_with(outlet, run_tap, [sys.executable, "-c", LEAVING + end])
    assert run.status == status
    assert run.uuids == [str(number) for number in range(20)]


def test_the_end_of_a_stream_writes_what_was_kept_of_it(run_tap: Runner) -> None:
    with serving(TWO_DAYS) as sandbox:
        config = log_config_for(sandbox)
        files = [run_tap.file("c.json", config), run_tap.file("s.json", run_tap(config).state)]
        run = ended_with("file", run_tap, [sys.executable, "-c", CUT_OFF, *files])
        assert len(run.uuids) == len(sandbox.calls)
    assert run.status == 0


def limited(most_bytes: int, command: list[str]) -> list[str]:
    """Return a command whose files cannot become larger than so many bytes."""
    return [sys.executable, "-c", LIMITED, str(most_bytes), *command]


@pytest.mark.parametrize("is_left", [False, True], ids=["at-the-end", "by-the-last-resort"])
def test_a_disk_that_fills_at_the_very_end_gives_status_1_and_one_line(
    run_tap: Runner,
    is_left: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """As a limit that the last records do not fit into."""
    with serving(TWO_DAYS) as sandbox:
        config = log_config_for(sandbox)
        if is_left:
            command = [sys.executable, "-c", LEAVING]
        else:  # the last message is a RECORD, as the STATE stays as it is
            command = run_tap.arguments(config, run_tap(config).state)
        whole = ended_with("file", run_tap, command)
        most = run_tap.path("output.jsonl").stat().st_size * 9 // 10
        full = ended_with("file", run_tap, limited(most, command), is_cut=True)
    assert (whole.status, full.status) == (0, 1)
    (line,) = [line for line in full.log.splitlines() if not re.search(r"\| (DEBUG|INFO) ", line)]
    assert line.endswith("as its output cannot be written: File too large")
    (lost,) = re.findall(r"ends here without its last (\d+) messages", line)
    assert len(full.messages) == len(whole.messages) - int(lost)
    assert full.uuids == whole.uuids[: len(full.uuids)]
