"""Restart: starting again on a long list that is loaded already."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from benchmarks import calls, processes
from benchmarks.contenders.registry import TAP
from benchmarks.contenders.work import Work
from benchmarks.results import Figure, Section
from benchmarks.tasks import CallByCall
from tap_vcclive.call_list.position import Position
from tap_vcclive.calls.call import Call

if TYPE_CHECKING:
    from typing import Any

    from benchmarks.bench import Bench

_MOST_SECONDS: Final = 15
_MOST_BYTES: Final = 1024


def measure(bench: Bench) -> Section:
    """Run the tap on a list with the state of a run that has loaded all of it.

    Raises:
        FailedError: When the tap writes no STATE.
    """
    count = bench.sizes.listed
    listed = bench.listed(CallByCall(count))
    with bench.folder() as folder:
        state, output = folder / "state.json", folder / "output.jsonl"
        state.write_text(json.dumps(_state_of(count)))
        command = TAP.command(Work(bench.server.url, listed, bench.sizes.concurrency, folder))
        bench.server.reset()
        ran = processes.run([*command, "--state", str(state)], output)
        requests = bench.server.reset().requests
        states = [line for line in output.read_bytes().splitlines() if b'"STATE"' in line]
    listed.unlink()
    if not states:
        raise processes.FailedError("the tap wrote no STATE")
    return Section(
        "Starting again",
        f"On a list of {count:,} calls with the state of a run that has loaded all of them; "
        f"start-up counted, {ran.rss / 2**20:.0f} MB of memory at the peak.",
        (
            Figure(
                f"Starting again on {count:,} loaded calls",
                f"<= {_MOST_SECONDS} s",
                f"{ran.wall:.1f} s",
                ran.wall <= _MOST_SECONDS,
            ),
            Figure("Requests of that run", "0", str(requests), requests == 0),
            Figure(
                f"State: its line for {count:,} loaded calls",
                f"< {_MOST_BYTES} bytes",
                f"{len(states[-1])} bytes",
                len(states[-1]) < _MOST_BYTES,
            ),
        ),
    )


def _state_of(count: int) -> dict[str, Any]:
    """Return the state of a run that has loaded the first so many calls.

    It is worked out rather than run for: a million requests take longer than all the rest.
    """
    digest = Position()
    for entry in calls.entries(count):
        digest.add(Call(*entry))
    return {
        "bookmarks": {
            "cdr": {
                "replication_key": "start_ts_utc",
                "replication_key_value": "2026-03-22T06:00:00+00:00",
                "position": {"calls": count, "digest": digest.hexdigest()},
            }
        }
    }
