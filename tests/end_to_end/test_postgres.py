"""The way from the sandbox through Meltano and target-postgres into a real PostgreSQL."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

import pytest
from psycopg.sql import SQL, Identifier

from demo.meltano import MeltanoError
from tests.end_to_end.pipe import Pipe
from tests.runs import config_for
from vcclive_sandbox import calls as sandbox_calls
from vcclive_sandbox import projects, roles, users
from vcclive_sandbox.cdr import cdr_of
from vcclive_sandbox.server import Options, Variants, serving
from vcclive_sandbox.user_states import UserStates

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

    from demo.postgres import Database
    from tests.end_to_end.conftest import Pipelines
    from vcclive_sandbox.calls import Call
    from vcclive_sandbox.cdr import Value
    from vcclive_sandbox.centre import Project
    from vcclive_sandbox.server import RunningSandbox

PIPELINE = ("tap-vcclive", "target-postgres")
SCHEMA: dict[str, dict[str, Any]] = json.loads(
    resources.files("tap_vcclive.schemas").joinpath("cdr.json").read_text()
)["properties"]
INTEGERS = {name for name, declared in SCHEMA.items() if "integer" in declared["type"]}


def loaded(database: Database) -> dict[str, dict[str, Any]]:
    """Return the rows by uuid, each row by column."""
    rows = database.rows("SELECT uuid, to_jsonb(cdr) FROM vcclive_sandbox.cdr")
    assert len(rows) == len(dict(rows)), "a call has more than one row"
    return dict(rows)


def asked_for(sandbox: RunningSandbox) -> list[str]:
    """Return the uuids of the calls that a sandbox was asked for, in order."""
    calls = (request.path for request in sandbox.requests if request.path.startswith("/cdr/"))
    return [path.rpartition("/")[2] for path in calls]


def columns_of(call: Call) -> dict[str, Value]:
    """Return the fields of a call, named as their columns."""
    return {name.lower(): value for name, value in call.cdr().items()}


def column_type(name: str) -> str:
    """Return the type of a field's column in PostgreSQL."""
    declared = SCHEMA[name]
    if declared.get("format") == "date-time":
        return "timestamp without time zone"
    kinds = {"integer": "bigint", "object": "jsonb", "string": "text"}
    types = declared["type"]
    return kinds[types if isinstance(types, str) else types[0]]


def test_late_calls_arrive_in_the_second_run_and_only_they_are_asked_for(
    pipelines: Pipelines,
) -> None:
    with serving(Options(days=2, calls_per_day=60, late_rate=0.1)) as sandbox:
        calls = {call.uuid for call in sandbox.calls}
        meltano = pipelines.meltano(sandbox)

        meltano.run(*PIPELINE)
        first = set(loaded(pipelines.database))
        asked = len(asked_for(sandbox))
        assert asked == len(calls)
        assert first < calls

        meltano.run(*PIPELINE)
        late = calls - first
        again = asked_for(sandbox)[asked:]
        assert sorted(again) == sorted(late)
        assert set(loaded(pipelines.database)) == calls

        meltano.run(*PIPELINE)
        assert len(asked_for(sandbox)) == len(calls) + len(late)
        assert set(loaded(pipelines.database)) == calls


def test_columns_and_values_are_those_of_the_calls(pipelines: Pipelines) -> None:
    with serving(Options(days=2, calls_per_day=60)) as sandbox:
        pipelines.meltano(sandbox).run(*PIPELINE)
        calls = {call.uuid: call for call in sandbox.calls}
    columns = dict(
        pipelines.database.rows(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_name = 'cdr' AND NOT starts_with(column_name, '_sdc_')"
        )
    )
    assert columns == {name: column_type(name) for name in SCHEMA}

    instants: dict[str, datetime] = dict(
        pipelines.database.rows("SELECT uuid, start_ts_utc FROM vcclive_sandbox.cdr")
    )
    assert {uuid: instant.replace(tzinfo=UTC) for uuid, instant in instants.items()} == {
        uuid: call.start.replace(microsecond=0) for uuid, call in calls.items()
    }
    rows = loaded(pipelines.database)
    assert rows.keys() == calls.keys()
    for uuid, call in calls.items():
        cdr = columns_of(call)
        for name in ("source", "destination", "start_ts", "userfullname", *INTEGERS):
            assert rows[uuid][name] == cdr[name]
    # Digits stay text: as a number, a withheld one would be 0.
    assert any(row["source"].startswith("00") for row in rows.values())


def test_names_and_states_arrive_value_for_value(pipelines: Pipelines) -> None:
    options = Options(days=2, calls_per_day=40)
    with serving(options) as sandbox:
        meltano = pipelines.meltano_by_date(sandbox, options.first_day)
        meltano.run(*PIPELINE)
        first = len(sandbox.requests)
        meltano.run(*PIPELINE)
        again = len(sandbox.requests) - first
        states = UserStates(sandbox.calls, options)
        days = {call.day for call in sandbox.calls}
        expected = Counter(told(row) for day in days for row in states.rows(day, day))
    variants = Variants()
    for table, key, rows in (
        ("users", "userid", users.rows(variants)),
        ("roles", "id", roles.rows(variants)),
        ("projects", "projectid", projects.rows(variants)),
    ):
        arrived = {row[key]: row for row in table_of(pipelines.database, table)}
        assert len(arrived) == len(rows)
        for row in rows:
            columns = {name.lower(): value for name, value in row.items()}
            assert {name: arrived[row[key]][name] for name in columns} == columns
    sent = projects.details(3, variants)
    assert sent is not None
    values = {one["fieldid"]: one["values"] for one in sent["fields"]}
    fields = table_of(pipelines.database, "project_fields")
    assert {one["fieldid"]: one["values"] for one in fields if one["projectid"] == 3} == values
    assert len(table_of(pipelines.database, "dispositions")) == 5 * len(projects.dispositions())
    assert Counter(map(told, table_of(pipelines.database, "user_states"))) == expected
    assert again <= first


def told(row: dict[str, Any]) -> tuple[object, ...]:
    """Return what tells a state from others, but for equal ones."""
    return tuple(row[name] for name in ("name", "prevstate", "prevtime", "duration", "numberid"))


def table_of(database: Database, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table."""
    query = SQL("SELECT to_jsonb(t) FROM {} AS t").format(Identifier("vcclive_sandbox", table))
    return [row for (row,) in database.rows(query)]


def test_a_refused_call_holds_up_no_other_and_is_all_that_the_next_run_asks_for(
    pipelines: Pipelines,
) -> None:
    options = Options(days=2, calls_per_day=60)
    with serving(options) as sandbox:
        calls = [call.uuid for call in sandbox.calls]
    refusing = replace(options, forbidden=calls[80])
    with serving(refusing) as sandbox, pytest.raises(MeltanoError, match="ended with status 1"):
        pipelines.meltano(sandbox).run(*PIPELINE)
    assert set(loaded(pipelines.database)) == {*calls} - {calls[80]}

    with serving(options) as sandbox:
        pipelines.meltano(sandbox).run(*PIPELINE)
        asked = {*asked_for(sandbox)}
    assert set(loaded(pipelines.database)) == set(calls)
    assert asked == {calls[80]}


@pytest.mark.parametrize("absent", ["empty", "zero"])
def test_what_postgres_refuses_arrives_as_what_it_means(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    absent: Literal["empty", "zero"],
) -> None:
    def with_nul(
        uuid: str, start: datetime, project: Project, zone: tzinfo, seed: int
    ) -> dict[str, Value]:
        cdr = cdr_of(uuid, start, project, zone, seed)
        return {**cdr, "disposition_comment": f"\0before{cdr['disposition_comment']}\0after"}

    monkeypatch.setattr(sandbox_calls, "cdr_of", with_nul)
    variants = Variants(numbers="text", absent=absent)
    with serving(Options(days=1, calls_per_day=80, variants=variants)) as sandbox:
        assert Pipe(config_for(sandbox), database, tmp_path).run() == 0
        cdrs = {call.uuid: columns_of(call) for call in sandbox.calls}

    rows = loaded(database)
    assert rows.keys() == cdrs.keys()
    for uuid, cdr in cdrs.items():
        assert {name: rows[uuid][name] for name in INTEGERS} == {
            name: cdr[name] for name in INTEGERS
        }
        assert rows[uuid]["disposition_comment"] == str(cdr["disposition_comment"]).replace(
            "\0", ""
        )
        for name in ("billing_ts_utc", "next_contact_utc"):
            local = cdr[name.removesuffix("_utc")]
            assert (rows[uuid][name] is None) == (local is None)
    # The variants show something only when there are such values.
    assert any(cdr["billing_ts"] is None for cdr in cdrs.values())
    assert any(cdr["deleteduserid"] is None for cdr in cdrs.values())
