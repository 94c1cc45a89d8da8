"""Every call since a date: out of a log at its worst, through target-postgres into PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.end_to_end.pipe import Pipe
from tests.records import INSTANTS, record_of
from tests.runs import config_for
from vcclive_sandbox.dice import dice
from vcclive_sandbox.server import Faults, Options, Variants, serving

if TYPE_CHECKING:
    from pathlib import Path

    from demo.postgres import Database
    from tests.end_to_end.conftest import Pipelines
    from vcclive_sandbox.calls import Call

PIPELINE = ("tap-vcclive", "target-postgres")
PASSING = dict.fromkeys(["429", "500", "502", "drop", "half"], 0.01)
"""Five requests in a hundred."""


def at_its_worst(days: int, **more: Any) -> Options:  # noqa: ANN401 - any option
    """Return a sandbox of late calls, growing days, moving rows and faults, up to today."""
    today = datetime.now(ZoneInfo("Europe/Budapest")).date()
    return Options(
        first_day=today - timedelta(days=days - 1),
        days=days,
        page_cap=40,
        late_rate=0.05,
        growing=20,
        variants=Variants(log_order="moving", totals="text", past_end="error", empty_day="404"),
        faults=Faults(rates=PASSING, retry_after_seconds=0),
        **more,
    )


def rows_of(database: Database) -> dict[str, dict[str, Any]]:
    """Return the rows of the log by uuid, each row by column, without what the target adds."""
    rows = database.rows("SELECT uuid, to_jsonb(cdr_log) FROM vcclive_sandbox.cdr_log")
    assert len(rows) == len(dict(rows)), "a call has more than one row"
    return {
        uuid: {name: row[name] for name in row if not name.startswith("_sdc_")}
        for uuid, row in rows
    }


def row_of(call: Call) -> dict[str, Any]:
    """Return the row that a call of the sandbox is in PostgreSQL, where instants have no offset."""
    record = record_of(call)
    return {
        name: value.removesuffix("+00:00") if value and name in INSTANTS else value
        for name, value in record.items()
    }


def test_two_runs_leave_exactly_the_calls_value_for_value(pipelines: Pipelines) -> None:
    with serving(at_its_worst(4, calls_per_day=150)) as sandbox:
        start = sandbox.calls[0].day
        meltano = pipelines.meltano_by_date(
            sandbox, start, TAP_VCCLIVE_LOOKBACK_DAYS="7", TAP_VCCLIVE_MAX_TRIES="8"
        )
        meltano.run(*PIPELINE)
        first = set(rows_of(pipelines.database))
        assert len(first) < len(sandbox.calls)
        # What came late, and what began while the first run was reading.
        meltano.run("nightly-load")
        expected = {call.uuid: row_of(call) for call in sandbox.calls}
        assert any(request.status != 200 for request in sandbox.requests)
    rows = rows_of(pipelines.database)
    assert rows.keys() == expected.keys()
    for uuid, row in rows.items():
        assert row == expected[uuid]
    state = meltano.state(*PIPELINE)["cdr_log"]
    assert state["first_day"] == start.isoformat()
    assert state["open_days"] == []


def test_runs_that_are_killed_and_one_more_leave_the_same(
    pipelines: Pipelines, tmp_path: Path
) -> None:
    """Tap and target in a pipe; the tap is killed, the target ends with what it has got."""
    draws = dice("kills", 1)
    with serving(at_its_worst(4, calls_per_day=150, latency_ms=20)) as sandbox:
        start = sandbox.calls[0].day.isoformat()
        config = config_for(sandbox, start_date=start, lookback_days=7, max_tries=8)
        pipe = Pipe(config, pipelines.database, tmp_path)
        for _ in range(6):
            pipe.run(kill_after=draws.uniform(0.3, 1.2))
        for _ in range(2):  # the second for what came while the first was reading
            assert pipe.run() == 0
        expected = {call.uuid: row_of(call) for call in sandbox.calls}
    rows = rows_of(pipelines.database)
    assert rows.keys() == expected.keys()
    for uuid, row in rows.items():
        assert row == expected[uuid]
