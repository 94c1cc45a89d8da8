"""The log as each switch has it: its order, its days, its total, and what comes meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import requests

from tests.sandbox.clients import PATIENCE
from vcclive_sandbox import example, registration
from vcclive_sandbox.centre import PROJECTS
from vcclive_sandbox.options import Options, Variants
from vcclive_sandbox.server import RunningSandbox, serving

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vcclive_sandbox.calls import Call

SMALL = Options(days=2, calls_per_day=30)
FIRST, LAST, MONTH, EMPTY = "2026/11/16", "2026/11/17", "2026/11", "2026/12/01"
ALL = 500


@contextmanager
def varied(options: Options = SMALL, **variants: Any) -> Iterator[RunningSandbox]:  # noqa: ANN401 - literals
    with serving(replace(options, variants=Variants(**variants))) as sandbox:
        yield sandbox


def get(sandbox: RunningSandbox, path: str) -> requests.Response:
    return requests.get(
        sandbox.api_url + path, auth=(sandbox.customer, sandbox.api_key), timeout=PATIENCE
    )


def page(
    sandbox: RunningSandbox, days: str, start: int = 0, num: int = ALL, more: str = ""
) -> tuple[list[str], int]:
    """Return the uuids of the rows of a page, and its totalCount."""
    answer = get(sandbox, f"/cdrs/{days}?start={start}&num={num}{more}")
    assert answer.status_code == 200
    log = answer.json()["response"]
    return [row["uuid"] for row in log["rows"]], log["totalCount"]


def status(sandbox: RunningSandbox, call: Call) -> int:
    return get(sandbox, f"/cdr/{call.year}/{call.month}/{call.uuid}").status_code


def uuids(calls: Iterable[Call]) -> list[str]:
    return [call.uuid for call in calls]


def of_project(sandbox: RunningSandbox, number: int) -> list[str]:
    return [call.uuid for call in sandbox.calls if PROJECTS[call.project].id == number]


def test_newest_first() -> None:
    with varied(log_order="newest") as sandbox:
        newest_first = uuids(sandbox.calls)[::-1]
        assert page(sandbox, MONTH) == (newest_first, 60)
        assert page(sandbox, LAST, 10, 5) == (newest_first[10:15], 30)
        ordered = [uuid for uuid in newest_first if uuid in of_project(sandbox, 3)]
        assert page(sandbox, MONTH, more="&projectid=3") == (ordered, len(ordered))
    with varied(replace(SMALL, first_day=date(2015, 8, 18)), log_order="newest") as sandbox:
        assert page(sandbox, "2015/08")[0] == [*uuids(sandbox.calls)[::-1], example.UUID]


def test_rows_move_with_each_page_of_their_own_log() -> None:
    with varied(log_order="moving") as sandbox:
        day = uuids(sandbox.calls[:30])
        for turn in range(32):
            moved = day[turn % 30 :] + day[: turn % 30]
            assert page(sandbox, FIRST, 7, 10) == (moved[7:17], 30)
        page(sandbox, "2026/11/01")
        other_logs = ((LAST, ""), (MONTH, ""), (FIRST, "&projectid=3"))
        for days, project in other_logs:
            before, after = (page(sandbox, days, more=project)[0] for _ in range(2))
            assert before[0] in (day[0], sandbox.calls[30].uuid, of_project(sandbox, 3)[0])
            assert after == before[1:] + before[:1]
        assert page(sandbox, EMPTY) == ([], 0)


def days_of(calls: Iterable[Call], zone: str, before: timedelta) -> dict[date, list[str]]:
    """Return the calls by the local day that it is some time after their start."""
    local = (((call.start + before).astimezone(ZoneInfo(zone)).date(), call.uuid) for call in calls)
    return {day: [uuid for _, uuid in each] for day, each in groupby(local, lambda one: one[0])}


AROUND_THE_CLOCK = Options(first_day=date(2026, 3, 27), days=6, calls_per_day=480, seed=3)


@pytest.mark.parametrize("zone", ["Europe/Budapest", "America/Santiago", "Pacific/Auckland"])
def test_the_days_of_a_log_in_utc(zone: str) -> None:
    with varied(replace(AROUND_THE_CLOCK, timezone=zone), log_day="utc") as sandbox:
        in_utc = days_of(sandbox.calls, "UTC", timedelta())
        assert in_utc != days_of(sandbox.calls, zone, timedelta())
        for day in (date(2026, 3, 25) + timedelta(days=number) for number in range(10)):
            expected = in_utc.get(day, [])
            assert page(sandbox, f"{day:%Y/%m/%d}") == (expected, len(expected))
        for month in (3, 4):
            expected = [uuid for day in in_utc if day.month == month for uuid in in_utc[day]]
            assert page(sandbox, f"2026/{month:02}")[1] == len(expected) > 100


@pytest.mark.parametrize("zone", ["Europe/Budapest", "America/Santiago", "Pacific/Auckland"])
def test_days_of_a_log_that_overlap(zone: str) -> None:
    with varied(replace(AROUND_THE_CLOCK, timezone=zone), log_day="overlap") as sandbox:
        local = days_of(sandbox.calls, zone, timedelta())
        listed = {}
        for day in local:
            midnight = datetime.combine(day, datetime.min.time(), ZoneInfo(zone)).timestamp()
            hour_before = [
                call.uuid
                for call in sandbox.calls
                if midnight - 3600 <= call.start.timestamp() < midnight
            ]
            expected = hour_before + local[day]
            assert page(sandbox, f"{day:%Y/%m/%d}") == (expected, len(expected))
            listed[day] = len(expected)
        assert len(sandbox.calls) < sum(listed.values()) < 1.1 * len(sandbox.calls)
        april = date(2026, 4, 1)
        assert page(sandbox, "2026/04")[1] == listed[april] > len(local[april])


@pytest.mark.parametrize("log_day", ["start", "utc", "overlap"])
def test_the_first_and_the_last_day_that_can_be_asked_for(log_day: str) -> None:
    with varied(log_day=log_day) as sandbox:
        assert page(sandbox, "0001/01/01") == page(sandbox, "9999/12/31") == ([], 0)


def test_an_empty_day_that_is_not_found() -> None:
    with varied(empty_day="404") as sandbox:
        for query in ("", "?start=10", "?projectid=3"):
            answer = get(sandbox, f"/cdrs/{EMPTY}{query}")
            assert answer.status_code == 404
            assert answer.json() == {"response": None, "errors": ["No calls."]}
        assert get(sandbox, f"/cdrs/{FIRST}?projectid=4").status_code == 404
        assert page(sandbox, FIRST, 30) == ([], 30)
    with varied() as sandbox:
        assert page(sandbox, EMPTY) == ([], 0)


@pytest.mark.parametrize("repeats", ["counted", "uncounted"])
def test_calls_that_are_listed_twice(repeats: str) -> None:
    with varied(replace(SMALL, calls_per_day=240), repeats=repeats, past_end="error") as sandbox:
        rows, total = page(sandbox, FIRST)
        assert [uuid for uuid, _ in groupby(rows)] == uuids(sandbox.calls[:240])
        assert 12 < len(rows) - 240 < 36
        assert max(len(list(same)) for _, same in groupby(rows)) == 2
        assert total == (len(rows) if repeats == "counted" else 240)
        pages = [page(sandbox, FIRST, start, 50)[0] for start in range(0, len(rows), 50)]
        assert list(chain(*pages)) == rows
        assert page(sandbox, FIRST, len(rows) - 1)[0] == rows[-1:]
        assert get(sandbox, f"/cdrs/{FIRST}?start={len(rows)}").status_code == 400
        # The calls decide, not the places where they are listed.
        project = [uuid for uuid in rows if uuid in of_project(sandbox, 3)]
        assert page(sandbox, FIRST, more="&projectid=3")[0] == project


def test_calls_that_are_listed_twice_in_other_orders() -> None:
    with varied(repeats="counted") as sandbox:
        oldest_first, total = page(sandbox, MONTH)
    assert total > 60
    with varied(repeats="counted", log_order="newest") as sandbox:
        assert page(sandbox, MONTH) == (oldest_first[::-1], total)
    with varied(repeats="counted", log_order="moving") as sandbox:
        for _ in range(60):
            rows, _ = page(sandbox, MONTH)
            assert sorted(rows) == sorted(oldest_first)
            assert len(list(groupby(rows))) == 60


def test_no_total() -> None:
    with varied(totals="missing") as sandbox:
        for days, rows in ((FIRST, 10), (EMPTY, 0)):
            log = get(sandbox, f"/cdrs/{days}").json()["response"]
            assert list(log) == ["rows"]
            assert len(log["rows"]) == rows


def test_a_day_that_grows_with_each_of_its_pages() -> None:
    with serving(replace(SMALL, growing=3)) as sandbox:
        day, month = uuids(sandbox.calls[30:]), uuids(sandbox.calls)
        coming = list(sandbox.calls[57:])
        for _ in range(2):
            assert [status(sandbox, call) for call in coming] == [404, 404, 404]
            assert page(sandbox, MONTH) == (month[:57], 57)
            assert page(sandbox, FIRST) == (month[:30], 30)
        assert page(sandbox, LAST) == (day[:27], 27)
        assert [status(sandbox, call) for call in coming] == [200, 404, 404]
        assert page(sandbox, LAST, 20) == (day[20:28], 28)
        assert page(sandbox, LAST, 100) == ([], 29)
        assert [status(sandbox, call) for call in coming] == [200, 200, 200]
        assert page(sandbox, LAST) == page(sandbox, LAST) == (day, 30)
        assert page(sandbox, MONTH) == (month, 60)


def test_a_day_that_grows_from_nothing() -> None:
    with varied(replace(SMALL, growing=1000), empty_day="404") as sandbox:
        assert page(sandbox, MONTH)[1] == 30
        assert get(sandbox, f"/cdrs/{LAST}").status_code == 404
        assert page(sandbox, LAST) == ([sandbox.calls[30].uuid], 1)
        assert page(sandbox, LAST)[1] == 2
    with serving(replace(SMALL, days=0, growing=5)) as sandbox:
        assert page(sandbox, MONTH) == ([], 0)


def test_calls_that_are_yet_to_come_cannot_be_asked_for_in_vain() -> None:
    with serving(replace(SMALL, growing=1, late_rate=1, late_asks=2)) as sandbox:
        last = sandbox.calls[59]
        assert [status(sandbox, last) for _ in range(4)] == [404] * 4
        page(sandbox, LAST)
        assert [status(sandbox, last) for _ in range(3)] == [404, 404, 200]


def test_calls_that_are_counted_but_not_shown() -> None:
    options = replace(SMALL, calls_per_day=240, hidden_rate=0.2)
    with varied(options, past_end="error") as sandbox:
        rows, total = page(sandbox, FIRST)
        assert total == 240
        assert 160 < len(rows) < 224
        assert rows == [uuid for uuid in uuids(sandbox.calls[:240]) if uuid in rows]
        assert page(sandbox, FIRST, 100, 20) == (rows[100:120], 240)
        assert get(sandbox, f"/cdrs/{FIRST}?start={len(rows)}").status_code == 400
        hidden = [call for call in sandbox.calls[:240] if call.uuid not in rows]
        assert {status(sandbox, call) for call in hidden} == {200}
    with varied(replace(options, hidden_rate=1), empty_day="404") as sandbox:
        assert page(sandbox, FIRST) == ([], 240)


def test_hidden_calls_are_counted_once_beside_those_listed_twice() -> None:
    options = replace(SMALL, calls_per_day=240, hidden_rate=0.2)
    totals = {}
    for repeats in ("none", "counted", "uncounted"):
        with varied(options, repeats=repeats) as sandbox:
            rows, totals[repeats] = page(sandbox, FIRST)
            if repeats == "counted":
                assert totals[repeats] == 240 + len(rows) - len(set(rows)) > 240
    assert totals["none"] == totals["uncounted"] == 240


def test_late_calls_register_by_the_first_page_of_their_day() -> None:
    with serving(replace(SMALL, late_rate=0.5, late_asks=2)) as sandbox:
        early, total = page(sandbox, FIRST)
        assert 5 < total < 25
        for query in ("?start=1", "?start=10&num=500"):
            get(sandbox, f"/cdrs/{FIRST}{query}")
        page(sandbox, MONTH)
        get(sandbox, f"/cdrs/{LAST}?start=x")
        assert page(sandbox, FIRST) == (early, total)
        assert page(sandbox, FIRST) == (uuids(sandbox.calls[:30]), 30)
        unanswered = get(sandbox, f"/cdrs/{LAST}").json()["response"]["totalCount"]
        assert page(sandbox, LAST)[1] == unanswered < 30
        assert page(sandbox, LAST)[1] == 30


def test_a_page_of_a_project_asks_for_the_late_calls_of_that_project() -> None:
    with serving(replace(SMALL, late_rate=1)) as sandbox:
        project = [uuid for uuid in uuids(sandbox.calls[:30]) if uuid in of_project(sandbox, 3)]
        assert page(sandbox, FIRST, more="&projectid=3") == ([], 0)
        assert page(sandbox, FIRST, more="&projectid=3") == (project, len(project))
        assert page(sandbox, FIRST) == (project, len(project))
        assert page(sandbox, FIRST)[1] == 30


def test_asking_does_not_hasten_late_calls_nor_bring_those_that_never_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(registration, "monotonic", lambda: now)
    with serving(replace(SMALL, late_rate=0.5, never_rate=0.5, late_seconds=20)) as sandbox:
        assert [page(sandbox, FIRST)[1] for _ in range(3)] == [0, 0, 0]
        now = 120.0
        assert 5 < page(sandbox, FIRST)[1] < 25
