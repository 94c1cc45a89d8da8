"""Each fault x each stream x once, now and then, always: what a run does, and the one after it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from tests.faults.outcomes import ALWAYS, CDR, HOWS, ONCE, RARELY, STREAMS, Left, Loaded, Row
from tests.faults.rows import MOST_MEGABYTES, ROWS, table
from tests.runs import Run, Runner, config_for, log_config_for
from vcclive_sandbox.calls import Calls
from vcclive_sandbox.options import FAULT_NAMES
from vcclive_sandbox.server import Faults, Options, RunningSandbox, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).parents[2] / "docs" / "faults.md"

# With this seed a fault at 5 % hits the first request, which is the first page of a day, and two
# others, far apart.
CENTRE = Options(first_day=date(2024, 3, 4), days=4, calls_per_day=10, page_cap=1, seed=10458)
CALLS = Calls(CENTRE)
HIT_ONCE = 15
# Those that take longest first.
CELLS = [(stream, how) for how in reversed(HOWS) for stream in STREAMS]
AT_ONCE = 4


@pytest.fixture(scope="module")
def well() -> Iterator[RunningSandbox]:
    """A sandbox without faults."""
    with serving(CENTRE) as sandbox:
        yield sandbox


@dataclass(frozen=True)
class Cell:
    """A run that met a fault.

    Attributes:
        run: What it has written.
        calls: The day of each call of the sandbox, in order.
        hit: The calls that met the fault, or whose day did so at its beginning.
        pages: The calls that met it, or whose page of the log did so; with its first page, a day
            has met it whole.
    """

    run: Run
    calls: dict[str, date]
    hit: set[str]
    pages: set[str]

    @property
    def days(self) -> set[str]:
        """The calls of the days of which a page met the fault."""
        days = {self.calls[uuid] for uuid in self.pages}
        return {uuid for uuid, day in self.calls.items() if day in days}

    def open_calls(self, stream: str) -> set[str]:
        """Return the calls that the state leaves pending, or whose day it leaves open."""
        if stream == CDR:
            return {entry["uuid"] for entry in self.run.bookmark["pending"]}
        days = {entry["day"] for entry in self.run.log_bookmark["open_days"]}
        return {uuid for uuid, day in self.calls.items() if day.isoformat() in days}

    def done_calls(self, stream: str) -> set[str]:
        """Return the calls that the state takes for done."""
        if stream == CDR:
            done = list(self.calls)[: self.run.bookmark["position"]["calls"]]
            return set(done) - self.open_calls(stream)
        if self.run.log_bookmark.get("last_day") is None:
            return set()
        first, last = (
            date.fromisoformat(self.run.log_bookmark[key]) for key in ("first_day", "last_day")
        )
        return {u for u, day in self.calls.items() if first <= day <= last} - self.open_calls(
            stream
        )


def options_for(row: Row, how: str, folder: Path) -> Options:
    """Return a sandbox that shows a fault so often."""
    # Where many requests are refused, no pause, or the run would slow down for minutes. The `Date`
    # from which a date counts is up to a second old: then one that has passed.
    no_pause = -2 if row.retry_after == "date" else 0
    faults = Faults(
        retry_after=row.retry_after,
        retry_after_seconds=1 if how == ONCE else no_pause,
        slow_seconds=1.5,
        # So short that the tries outlive it; another certificate has to be met.
        outage_seconds=20 if row.fault == "certificate" else 0.2,
    )
    options = replace(CENTRE, faults=faults)
    if row.fault == "certificate":
        options = replace(options, ca_file=str(folder / "ca.pem"))
    if how == ONCE:
        uuid = CALLS[HIT_ONCE].uuid
        # The first page of a day, and a later one of another day.
        pages = ("/cdrs/2024/03/05?start=0&num=500", "/cdrs/2024/03/07?start=3&num=500")
        return replace(options, force={end: [row.fault] for end in (uuid, *pages)})
    if how == ALWAYS:
        return replace(options, force={"": [f"{row.fault}*"]})
    return replace(options, faults=replace(faults, rates={row.fault: 0.05}))


def config_of(sandbox: RunningSandbox, stream: str, row: Row, how: str) -> dict[str, Any]:
    """Return settings that ask for all calls of a sandbox in one stream."""
    config = config_for if stream == CDR else log_config_for
    return config(
        sandbox,
        request_timeout_seconds=row.timeout,
        max_tries=2 if how == ALWAYS else 6,
        max_concurrency=8,
    )


def met(run_tap: Runner, row: Row, stream: str, how: str, folder: Path) -> Cell:
    """Run the tap against a sandbox that shows a fault."""
    with serving(options_for(row, how, folder)) as sandbox:
        environment = {"REQUESTS_CA_BUNDLE": sandbox.ca_file} if sandbox.ca_file else None
        run = run_tap(config_of(sandbox, stream, row, how), environment=environment)
        hit = [request for request in sandbox.requests if request.fault]
    days = {call.uuid: call.day for call in CALLS}
    if stream == CDR:
        uuids = {request.path.rpartition("/")[2] for request in hit}
        return Cell(run, days, uuids, uuids)
    whole: set[str] = set()
    pages: set[str] = set()
    for request in hit:
        of_day = [uuid for uuid, day in days.items() if request.path == f"/cdrs/{day:%Y/%m/%d}"]
        start = int(parse_qs(request.query)["start"][0])
        whole.update(() if start else of_day)  # other pages can be had by reading the day again
        pages.update(of_day[start : start + 1] if start else of_day)
    return Cell(run, days, whole, pages)


@pytest.mark.parametrize("name", ROWS)
def test_what_a_run_does_and_that_the_next_one_has_all_calls(
    tmp_path: Path, well: RunningSandbox, name: str
) -> None:
    """Side by side, as most of the time the tap waits for its next try."""

    def check(cell: tuple[str, str]) -> None:
        folder = tmp_path / str(CELLS.index(cell))
        folder.mkdir()
        try:
            check_cell(folder, well, name, *cell)
        except AssertionError as error:
            error.add_note(", ".join([name, *cell]))
            raise

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(check, CELLS))


def check_cell(folder: Path, well: RunningSandbox, name: str, stream: str, how: str) -> None:
    """Check what becomes of a run that meets a fault, and of the next one that does not."""
    run_tap, row = Runner(folder), ROWS[name]
    outcome = row.outcomes[stream][HOWS.index(how)]
    if outcome is None or (how == RARELY and row.kin):
        return
    cell = met(run_tap, row, stream, how, folder)
    run, calls = cell.run, set(cell.calls)
    assert run.status == outcome.status
    assert "Traceback" not in run.log
    assert is_loaded(cell, outcome.loaded)
    if stream == CDR and name != "other-call":
        assert run.uuids == [uuid for uuid in cell.calls if uuid in run.uuids]
    assert is_left(cell, outcome.left, stream)
    # Whatever the state says is done has been written.
    assert cell.done_calls(stream) <= set(run.uuids)
    lines = [line for line in run.log.splitlines() if "| WARNING " in line or "| ERROR " in line]
    if outcome.says is None:
        assert [line for line in lines if "asks to wait" not in line] == []
    else:
        assert [x for x in lines if f"| {outcome.says.level} " in x and outcome.says.text in x]
    # One line says what is wrong, and one at the end what a stream has left, if it has a state.
    endings = [line for line in run.errors if line.startswith(f"{stream}: left ")]
    assert len(endings) <= 1
    assert len(run.errors) - len(endings) <= 1
    assert bool(run.errors) == bool(outcome.status)
    if cell.done_calls(stream) == calls:
        return  # a next run would ask for nothing
    after = run_tap(config_of(well, stream, row, how), run.state)
    assert {*run.uuids, *after.uuids} == calls
    assert after.status == 0
    assert replace(cell, run=after).done_calls(stream) == calls


def is_loaded(cell: Cell, loaded: Loaded) -> bool:
    """Return whether a run has loaded what it should."""
    uuids, calls = cell.run.uuids, list(cell.calls)
    match loaded:
        case Loaded.ALL:
            return sorted(uuids) == sorted(calls)
        case Loaded.BUT_HIT:
            # A day can be hit when it is read again: then its calls are there already.
            return bool(cell.hit) and set(calls) - cell.hit <= set(uuids) < set(calls)
        case Loaded.BUT_PAGES:
            return bool(cell.pages) and set(uuids) == set(calls) - cell.pages
        case Loaded.BEFORE:
            return uuids == calls[: len(uuids)] and len(uuids) < len(calls)
        case Loaded.NONE:
            return uuids == []


def is_left(cell: Cell, left: Left, stream: str) -> bool:
    """Return whether the state leaves open what it should."""
    calls = list(cell.calls)
    expected = {
        Left.NOTHING: set(),
        Left.HIT: cell.hit,
        Left.DAYS: cell.days,
        Left.FIRST: set(calls[:11]),
        Left.ALL: set(calls),
    }
    return cell.open_calls(stream) == expected[left]


def test_every_fault_of_the_sandbox_has_a_row() -> None:
    assert {row.fault for row in ROWS.values()} == set(FAULT_NAMES)
    forms = {(row.fault, row.retry_after) for row in ROWS.values()}
    assert {("429", "seconds"), ("429", "date"), ("503", "seconds"), ("503", "date")} <= forms


def test_a_row_that_is_tried_rarely_for_another_has_the_same_fate() -> None:
    """But for the words in which it is told."""
    for row in ROWS.values():
        if row.kin:
            kin = ROWS[row.kin]
            assert kin.kin is None
            for stream in STREAMS:
                rarely, same = (one.outcomes[stream][HOWS.index(RARELY)] for one in (row, kin))
                assert rarely is not None
                assert same is not None
                assert rarely[:3] == same[:3]


def test_the_docs_have_the_table_and_the_bound() -> None:
    docs = DOCS.read_text()
    assert [line for line in docs.splitlines() if line.startswith("|")] == table()
    assert f"less than {MOST_MEGABYTES} MB" in docs
