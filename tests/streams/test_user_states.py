"""The stream `user_states`: every state of every agent, by the day, to where the rows end."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.runs import log_config_for
from tests.servers import server
from vcclive_sandbox.server import Options, Variants, serving
from vcclive_sandbox.user_states import UserStates

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.runs import Run, Runner
    from vcclive_sandbox.server import RunningSandbox

DAY: Final = date(2024, 3, 4)
OPTIONS: Final = Options(first_day=DAY, days=3, calls_per_day=40)
FIELDS: Final = ("name", "prevstate", "prevtime", "duration", "projectid", "numberid", "auxid")


@pytest.fixture
def run_states(run_tap: Runner) -> Runner:
    """Return what runs the stream alone."""
    run_tap.streams = ("user_states",)
    return run_tap


def expected(sandbox: RunningSandbox, options: Options = OPTIONS) -> Counter[tuple[object, ...]]:
    """Return how often there is each state."""
    days = [options.first_day + timedelta(days=number) for number in range(options.days)]
    states = UserStates(sandbox.calls, options)
    return Counter(_told(row) for day in days for row in states.rows(day, day))


def _told(row: dict[str, Any]) -> tuple[object, ...]:
    return tuple(row[name] for name in FIELDS)


def loaded(run: Run) -> dict[str, tuple[object, ...]]:
    """Return the states that a target keeps, by key."""
    return {record["state_id"]: _told(record) for record in run.records_of("user_states")}


@pytest.mark.parametrize("past_end", ["empty", "400", "404"])
@pytest.mark.parametrize("cap", [0, 7])
def test_every_state_is_loaded_once_whatever_a_page_has_and_its_end_answers(
    run_states: Runner, past_end: str, cap: int
) -> None:
    variants = Variants(states_past_end=past_end)  # type: ignore[arg-type] # one of the choices
    options = Options(
        first_day=DAY,
        days=3,
        calls_per_day=40,
        variants=variants,
        page_cap=cap or 500,
        states_capped=bool(cap),
    )
    with serving(options) as sandbox:
        run = run_states(log_config_for(sandbox))
        states = expected(sandbox, options)
        asked = [request.query for request in sandbox.requests]
    assert (run.status, run.errors) == (0, [])
    assert Counter(loaded(run).values()) == states
    assert max(states.values()) == 2  # equal rows are two states
    for query in asked:
        names = [pair.partition("=")[0] for pair in query.split("&")]
        assert names == ["from", "to", "start", "num", "direction"]
    bookmark = run.state["bookmarks"]["user_states"]
    assert (bookmark["first_day"], bookmark["last_day"]) == ("2024-03-04", "2024-03-06")
    for record in run.records_of("user_states"):
        assert record["prevtime_utc"].endswith("+00:00")
        assert record["additional_fields"] is None


def test_a_day_that_is_read_again_keeps_the_ids_of_its_rows(run_states: Runner) -> None:
    with serving(OPTIONS) as sandbox:
        config = log_config_for(sandbox)
        first = run_states(config)
        again = run_states(config, first.state)
        days = {parse_qs(request.query)["from"][0] for request in sandbox.requests[-6:]}
    assert again.status == 0
    assert days == {"20240305", "20240306"}  # the look-back, and the last day
    assert loaded(again).items() <= loaded(first).items()
    assert len(loaded(again)) > 0


def test_project_ids_are_asked_for_at_the_end_of_the_query(run_states: Runner) -> None:
    with serving(OPTIONS) as sandbox:
        run = run_states(log_config_for(sandbox, project_ids=[3, 5]))
        states = expected(sandbox)
        assert all(request.query.endswith("&projects=3,5") for request in sandbox.requests)
    assert run.status == 0
    of_projects = {told: n for told, n in states.items() if told[4] in {3, 5}}
    assert Counter(loaded(run).values()) == of_projects


def answering(
    answer: Callable[[int, int], object],
) -> Callable[[str], tuple[int, dict[str, str], bytes]]:
    """Return what answers a page, given its start and num; a number is a status."""

    def reply(path: str) -> tuple[int, dict[str, str], bytes]:
        query = parse_qs(urlsplit(path).query)
        given = answer(int(query["start"][0]), int(query["num"][0]))
        if isinstance(given, int):
            return given, {}, b""
        return 200, {}, json.dumps({"response": given, "errors": []}).encode()

    return reply


def rows(number: int) -> list[dict[str, Any]]:
    """Return states, a minute apart."""
    return [
        {"name": "Anna", "prevstate": "CALL", "prevtime": f"2024-03-04 10:{n:02}:00", "duration": n}
        for n in range(number)
    ]


def run_day(run_states: Runner, answer: Callable[[int, int], object], **settings: object) -> Run:
    """Run over one day of a server."""
    with server(answering(answer)) as one:
        config = {"customer": "acme", "api_key": "s3cret-key", "api_url": one.url, "max_tries": 1}
        days = {"start_date": "2024-03-04", "end_date": "2024-03-04"}
        return run_states({**config, **days, **settings})


def test_an_end_that_looks_like_a_server_that_fails_is_the_end(run_states: Runner) -> None:
    run = run_day(run_states, lambda start, num: rows(9)[start : start + num] or 500)
    assert (run.status, len(loaded(run))) == (0, 9)


def test_a_row_that_cannot_be_had_leaves_the_day_open(run_states: Runner) -> None:
    def answer(start: int, num: int) -> object:
        page = rows(9)[start : min(start + num, start + 4)]
        return 500 if start <= 5 < start + len(page) else page or 400

    run = run_day(run_states, answer)
    assert run.status == 1
    assert len(loaded(run)) == 4
    (entry,) = run.state["bookmarks"]["user_states"]["open_days"]
    assert entry["day"] == "2024-03-04"
    assert "the list of user states of 2024-03-04 stays open" in run.log


@pytest.mark.parametrize("answer", [500, 403, {"a": 1}, 1])
def test_a_day_that_has_no_answer_is_not_read(run_states: Runner, answer: object) -> None:
    run = run_day(run_states, lambda _start, _num: answer)
    assert run.status == 1
    assert loaded(run) == {}
    bookmark = run.state["bookmarks"]["user_states"]
    assert bookmark["last_day"] is None or [one["day"] for one in bookmark["open_days"]] == [
        "2024-03-04"
    ]


def test_a_server_that_ignores_the_offset_is_not_read_for_ever(run_states: Runner) -> None:
    run = run_day(run_states, lambda _start, _num: rows(5))
    assert run.status == 1
    assert len(loaded(run)) == 5
    assert "the page before comes again" in run.log


@pytest.mark.parametrize("nothing", [[], 400, 404])
def test_a_day_without_states_is_read(run_states: Runner, nothing: object) -> None:
    """Where the offset 0 is past the end, it can be an error as well."""
    busy = answering(lambda start, num: rows(3)[start : start + num] or nothing)
    idle = answering(lambda _start, _num: nothing)
    with server(lambda path: (busy if "from=20240304" in path else idle)(path)) as one:
        config = {"customer": "acme", "api_key": "s3cret-key", "api_url": one.url, "max_tries": 1}
        run = run_states({**config, "start_date": "2024-03-03", "end_date": "2024-03-04"})
    assert (run.status, len(loaded(run))) == (0, 3)
    assert run.state["bookmarks"]["user_states"]["first_day"] == "2024-03-03"


def test_the_zone_of_the_call_centre_tells_the_instant(run_states: Runner) -> None:
    run = run_day(
        run_states,
        lambda start, num: rows(1)[start : start + num],
        timezone="America/New_York",
    )
    (record,) = run.records_of("user_states")
    assert record["prevtime_utc"] == "2024-03-04T15:00:00+00:00"


def test_without_a_date_it_has_nothing_to_do(run_states: Runner) -> None:
    run = run_states({"customer": "acme", "api_key": "s3cret-key"})
    assert (run.status, run.messages[0]["type"]) == (0, "SCHEMA")
    assert "user_states: nothing to do, as start_date is not set" in run.log
