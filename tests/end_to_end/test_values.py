"""Whatever VCC Live sends arrives in PostgreSQL: nothing refused, nothing gone, value for value."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from demo.postgres import postgres
from tap_vcclive.calls.uuids import instant_of
from tests.documented import DOCUMENTED
from tests.documented import UUID as DOCUMENTED_UUID
from tests.end_to_end.pipe import Pipe
from tests.servers import server
from tests.soak import FACTOR
from tests.values.answers import (
    Cdr,
    Sent,
    body_of,
    cdrs,
    documented,
    drawn,
    meaning_of,
    nastiest,
    sent_list,
    sent_number,
    sent_object,
    sent_text,
)
from tests.values.clocks import uuid_at
from tests.values.kept import missing
from tests.values.schema import PROPERTIES, TWINS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.postgres import Database

BUDAPEST = ZoneInfo("Europe/Budapest")
DRAWN: Final = 300 * FACTOR
# The hour that comes twice: of every second call the uuid tells which of the two it was.
REPEATED = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
DAY = "2026-10-25"

Row = dict[str, Any]


@cache
def calls() -> dict[str, Cdr]:
    """Return what is sent for each call, by uuid."""
    sent = [*nastiest(), *drawn(cdrs, DRAWN)]
    return {DOCUMENTED_UUID: documented()} | {_uuid(number): cdr for number, cdr in enumerate(sent)}


def _uuid(number: int) -> str:
    if number % 2:
        return str(UUID(int=number, version=4))
    return uuid_at(REPEATED + timedelta(seconds=number * 10))


def answers(sent: dict[str, Sent], path: str) -> tuple[int, dict[str, str], bytes]:
    """Answer as VCC Live does: a call, or a page of the log."""
    address = urlsplit(path)
    if "/cdr/" in address.path:
        response = sent[address.path.rpartition("/")[2]]
    else:
        options = parse_qs(address.query)
        start, num = int(options["start"][0]), int(options["num"][0])
        rows = list(sent.values())[start : start + num]
        total = sent_number(str(len(sent)))
        response = sent_object({"rows": sent_list(rows), "totalCount": total})
    return 200, {"Content-Type": "text/plain; charset=utf-8"}, body_of(response)


def rows_of(database: Database, table: str) -> dict[str, Row]:
    """Return the rows of a table by uuid, as text that keeps all digits of its numbers."""
    # Of two queries, as the name of a table cannot be a parameter.
    found = database.rows(
        "SELECT to_jsonb(cdr)::text FROM vcclive_sandbox.cdr"
        if table == "cdr"
        else "SELECT to_jsonb(cdr_log)::text FROM vcclive_sandbox.cdr_log"
    )
    rows = [json.loads(text, parse_float=Decimal) for (text,) in found]
    by_uuid = {row["uuid"]: _without_additions(row) for row in rows}
    assert len(by_uuid) == len(rows), "a call has more than one row"
    return by_uuid


def _without_additions(row: Row) -> Row:
    """Return a row as the tap wrote it: without the target's columns, its instants with a zone."""
    kept = {name: value for name, value in row.items() if not name.startswith("_sdc_")}
    return kept | {twin: kept[twin] and f"{kept[twin]}+00:00" for twin in TWINS}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, Row]]]:
    """The rows of each table after one run that fetches each call both by itself and in the log."""
    sent = {uuid: sent_object({"uuid": sent_text(uuid), **cdr}) for uuid, cdr in calls().items()}
    config = {
        "customer": "acme",
        "api_key": "key",
        "calls": [{"uuid": uuid, "year": "2026", "month": "10"} for uuid in sent],
        "start_date": DAY,
        "end_date": DAY,
    }
    with postgres() as database, server(lambda path: answers(sent, path)) as running:
        folder = tmp_path_factory.mktemp("values")
        # Any zone will do for a session, as long as the target's is UTC.
        database.execute("ALTER DATABASE postgres SET timezone TO 'America/Lima'")
        assert Pipe({**config, "api_url": running.url}, database, folder).run() == 0
        yield {table: rows_of(database, table) for table in ("cdr", "cdr_log")}


@pytest.mark.parametrize("table", ["cdr", "cdr_log"])
def test_whatever_is_sent_is_in_its_row_and_all_of_it(
    loaded: dict[str, dict[str, Row]], table: str
) -> None:
    rows, sent = loaded[table], calls()
    assert len(sent) > DRAWN // 2
    assert rows.keys() == sent.keys()
    for uuid, cdr in sent.items():
        assert not missing(meaning_of(cdr), rows[uuid], BUDAPEST, instant_of(uuid))


@pytest.mark.parametrize("table", ["cdr", "cdr_log"])
def test_the_documented_call_arrives_value_for_value(
    loaded: dict[str, dict[str, Row]], table: str
) -> None:
    expected = dict.fromkeys(PROPERTIES) | DOCUMENTED
    expected["start_ts_utc"] = "2015-08-17T13:05:08+00:00"
    expected["billing_ts_utc"] = "2015-08-17T13:05:17+00:00"
    assert loaded[table][DOCUMENTED_UUID] == expected
