"""Each fault at every resource that is no call's: nothing is lost without a word, no call at all.

What exactly becomes of a stream with a fault is shown where its rows are read; here, whatever the
stream, what must hold. A stream of tomorrow is tried without a line more.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from tests.catalogs import CALLS, STREAMS
from tests.runs import Run, Runner, log_config_for
from vcclive_sandbox.lists import LISTS
from vcclive_sandbox.options import FAULT_NAMES
from vcclive_sandbox.server import Faults, Options, serving
from vcclive_sandbox.user_states import PATH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OTHERS: Final = [stream for stream in STREAMS if stream not in CALLS]
RESOURCES: Final = [*LISTS, "/projects/3", "/projects/5", PATH]
# It needs https, or closes the port for all.
_OF_THE_PORT: Final = {"certificate", "refuse"}
# It leads to another host, which ends all.
_ENDING: Final = {"redirect"}
NAMES: Final = sorted(set(FAULT_NAMES) - _OF_THE_PORT)
# An empty list is what an empty account has; three times it is believed, with a warning.
_BELIEVED: Final = {"empty-list"}
CENTRE: Final = {"first_day": date(2024, 3, 4), "days": 1, "calls_per_day": 5}
AT_ONCE: Final = 4


def keys_of(run: Run, stream: str) -> set[tuple[object, ...]]:
    """Return the keys of a stream's records, but for the instant of a snapshot."""
    (schema,) = [m for m in run.messages if m["type"] == "SCHEMA" and m["stream"] == stream]
    names = [name for name in schema["key_properties"] if name != "observed_at"]
    return {tuple(record[name] for name in names) for record in run.records_of(stream)}


def run_with(folder: Path, force: dict[str, list[str]]) -> Run:
    """Run all streams against a sandbox with faults."""
    folder.mkdir()
    run_tap = Runner(folder)
    run_tap.streams = STREAMS
    faults = Faults(retry_after_seconds=0, slow_seconds=4)
    with serving(Options(**CENTRE, force=force, faults=faults)) as sandbox:  # type: ignore[arg-type] # options by name
        return run_tap(log_config_for(sandbox, max_tries=2, request_timeout_seconds=1))


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run without faults."""
    run = run_with(tmp_path_factory.mktemp("well") / "run", {})
    assert run.status == 0
    return run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    """A run for each fault that each resource meets once, and one for each that stays."""
    folder = tmp_path_factory.mktemp("faults")
    cells = [name + how for name in NAMES for how in ("", "*")]

    def run(cell: str) -> Run:
        number = cells.index(cell)
        return run_with(folder / str(number), {path: [cell] for path in RESOURCES})

    with ThreadPoolExecutor(AT_ONCE) as threads:
        yield dict(zip(cells, threads.map(run, cells), strict=True))


@pytest.mark.timeout(600)
@pytest.mark.xdist_group("other_streams")
@pytest.mark.parametrize("how", ["", "*"], ids=["once", "always"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost_without_an_error_of_its_stream_and_no_call_at_all(
    well: Run, runs: dict[str, Run], name: str, how: str
) -> None:
    run = runs[name + how]
    assert "Traceback" not in run.log
    assert run.status in {0, 1}
    if name in _ENDING:
        assert run.status == 1
        return
    for stream in CALLS:
        assert keys_of(run, stream) == keys_of(well, stream)
    for stream in OTHERS:
        arrived, expected = keys_of(run, stream), keys_of(well, stream)
        assert arrived <= expected or name in {"other-call", "large", "fat", "bad-byte", "raw-tab"}
        if arrived != expected and not (how and name in _BELIEVED):
            assert run.status == 1
            assert re.search(rf"\| ERROR +\| tap-vcclive\.{stream} +\|", run.log), stream
    assert (run.status == 0) == (not run.errors)
