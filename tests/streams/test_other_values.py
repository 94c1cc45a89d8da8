"""Values that a server writes in another way than the documentation, run by the command."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.documented import DOCUMENTED
from tests.runs import Run, Runner, entries, log_config_for
from tests.servers import server
from tests.values.clocks import uuid_at
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from collections.abc import Callable

BEGIN = datetime(2026, 11, 21, 8, tzinfo=UTC)
QUESTION = "is timezone right?"


def warnings_in(run: Run) -> list[str]:
    """Return what the lines of the log warn of."""
    lines = [line for line in run.log.splitlines() if "| WARNING" in line]
    return [line.split("|")[-1].strip() for line in lines]


def run_on_day(run_tap: Runner, rows: list[dict[str, Any]]) -> Run:
    """Run the tap against a server whose log has these rows on one day."""
    body = json.dumps({"response": {"rows": rows, "totalCount": len(rows)}, "errors": []}).encode()
    config = {"customer": "acme", "api_key": "key-of-acme", "start_date": "2026-11-21"}
    with server(lambda _: (200, {}, body)) as running:
        return run_tap({**config, "end_date": "2026-11-21", "api_url": running.url})


def rows_with(changed: Callable[[datetime], dict[str, Any]]) -> list[dict[str, Any]]:
    """Return thirty rows, each the documented one but for its uuid and what is changed."""
    begins = [BEGIN + number * timedelta(minutes=3) for number in range(30)]
    return [{**DOCUMENTED, "uuid": uuid_at(begin), **changed(begin)} for begin in begins]


@pytest.mark.parametrize(("zone", "lines"), [("Europe/London", 1), ("Europe/Budapest", 0)])
def test_a_wrong_zone_is_told_once_over_both_streams(
    run_tap: Runner, zone: str, lines: int
) -> None:
    with serving(Options(days=1, calls_per_day=40, timezone=zone)) as sandbox:
        config = log_config_for(sandbox, calls=entries(sandbox))
        run = run_tap(config)
    assert run.status == 0
    told = [line for line in warnings_in(run) if QUESTION in line]
    assert len(told) == lines
    assert all("start_ts and the uuids differ by 1 h in all " in line for line in told), told


def test_each_start_in_another_form_has_the_uuids_instant_and_a_line_says_so(
    run_tap: Runner,
) -> None:
    run = run_on_day(run_tap, rows_with(lambda begin: {"start_ts": f"{begin:%d %b %Y, %H.%M}"}))
    assert run.status == 0
    assert [record["start_ts_utc"] for record in run.records] == [
        (BEGIN + number * timedelta(minutes=3)).isoformat() for number in range(30)
    ]
    assert run.records[0]["start_ts"] == "21 Nov 2026, 08.00"
    (line,) = warnings_in(run)
    assert "do not fit their columns of time: values of start_ts; their _utc" in line


def test_each_start_that_can_mean_one_thing_only_is_read_without_a_line(run_tap: Runner) -> None:
    rows = rows_with(
        lambda begin: {"start_ts": f"{begin + timedelta(hours=1):%d.%m.%Y %I:%M:%S %p}"}
    )
    run = run_on_day(run_tap, rows)
    assert [record["start_ts_utc"] for record in run.records] == [
        (BEGIN + number * timedelta(minutes=3)).isoformat() for number in range(30)
    ]
    assert not warnings_in(run)


@pytest.mark.parametrize("name", ["uuid", "UUID"])
@pytest.mark.parametrize("form", ["%s", "{%s}", "urn:uuid:%s", " %s "])
def test_rows_that_spell_their_uuid_otherwise_are_loaded(
    run_tap: Runner, name: str, form: str
) -> None:
    rows = rows_with(lambda begin: {"start_ts": f"{begin + timedelta(hours=1):%Y-%m-%d %H:%M:%S}"})
    spelt = [
        {name: form % row["uuid"].upper(), **{k: v for k, v in row.items() if k != "uuid"}}
        for row in rows
    ]
    run = run_on_day(run_tap, spelt)
    assert run.status == 0
    assert run.uuids == [row["uuid"] for row in rows]
    assert all(record["additional_fields"] is None for record in run.records)
    assert run.log_bookmark["open_days"] == []
