"""The stream `users`, and with it what all lists have that come in one answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.runs import config_for, log_config_for
from tests.servers import server
from vcclive_sandbox import users
from vcclive_sandbox.server import Options, Variants, serving

if TYPE_CHECKING:
    from tests.runs import Run, Runner

ROWS: Final[list[dict[str, Any]]] = [
    {"userid": 5, "username": "anna", "is_agent": "yes", "projectIds": ["3", "7"], "hourly": "12"},
    {"userId": "6", "name": "Béla", "is_agent": False, "custom_data": {"shift": "night"}, "new": 1},
]


@pytest.fixture
def run_users(run_tap: Runner) -> Runner:
    """Return what runs the stream alone."""
    run_tap.streams = ("users",)
    return run_tap


def run_with(run_users: Runner, response: object, status: int = 200, **settings: object) -> Run:
    """Run the stream against a server with one answer."""
    body = json.dumps({"response": response, "errors": []}).encode()
    with server(lambda _: (status, {}, body)) as answering:
        config = {"customer": "acme", "api_key": "s3cret-key", "api_url": answering.url}
        run = run_users({**config, "max_tries": 2, **settings})
        assert {(method, path) for method, path, _ in answering.seen} == {("GET", "/v2/users")}
    return run


@pytest.mark.parametrize(
    "variants",
    [
        Variants(),
        Variants(numbers="text", field_names="camel", rows_shape="object"),
        Variants(field_names="lower", ids="repeated"),
    ],
)
def test_all_users_are_loaded_and_all_agents_are_among_them(
    run_tap: Runner, variants: Variants
) -> None:
    run_tap.streams = None
    with serving(Options(days=1, calls_per_day=40, variants=variants)) as sandbox:
        run = run_tap(log_config_for(sandbox))
        state = run.state
        again = run_tap(log_config_for(sandbox), state)
    assert run.status == again.status == 0
    rows = users.rows(variants)
    for records in (run.records_of("users"), again.records_of("users")):
        assert len(records) == len(rows)
        for record, row in zip(records, rows, strict=True):
            expected = {name.lower(): value for name, value in row.items()}
            assert record == dict.fromkeys(record) | expected
    agents = {record["userid"] for record in run.records_of("cdr_log")} - {-1}
    assert agents
    assert agents <= {row["userid"] for row in rows}
    assert state["bookmarks"]["users"] == {"customer": "sandbox"}
    assert "15 rows loaded; 1 request, 1 try in" in run.log


def test_values_arrive_in_many_forms(run_users: Runner) -> None:
    run = run_with(run_users, ROWS)
    first, second = run.records_of("users")
    assert run.status == 0
    assert (first["userid"], first["is_agent"], first["hourly"]) == (5, True, 12)
    assert (first["projectids"], first["custom_data"]) == (["3", "7"], None)
    assert (second["userid"], second["name"], second["is_agent"]) == (6, "Béla", False)
    assert second["custom_data"] == {"shift": "night"}
    assert second["additional_fields"] == {"new": 1}
    assert "In additional_fields, not in the schema: new" in run.log


def test_a_row_without_a_key_is_named_and_the_others_are_loaded(run_users: Runner) -> None:
    run = run_with(run_users, [ROWS[0], {"name": "Nobody"}, None, {"userid": "x"}, ROWS[1]])
    assert [record["userid"] for record in run.records_of("users")] == [5, 6]
    assert run.status == 1
    assert run.errors == [
        *(f"/users: row {number} has no key and is not loaded" for number in (2, 3, 4)),
        "users: left 3 rows without a key",
    ]


def test_no_users_are_no_fault(run_users: Runner) -> None:
    run = run_with(run_users, [])
    assert (run.status, run.records_of("users"), run.errors) == (0, [], [])


@pytest.mark.parametrize(
    ("response", "status", "says"),
    [
        (None, 200, "/users: the answer is no list"),
        ({"userid": 5}, 200, "/users: the answer is no list"),
        (None, 403, "To leave it out, deselect the stream"),
        (None, 404, "VCC Live has nothing under /users: status 404"),
        (None, 500, "VCC Live does not answer /users: status 500, after 2 tries"),
    ],
)
def test_what_is_no_list_ends_the_stream_with_a_line(
    run_users: Runner, response: object, status: int, says: str
) -> None:
    run = run_with(run_users, response, status)
    assert (run.status, run.records_of("users")) == (1, [])
    (line,) = run.errors
    assert says in line


def test_users_that_fail_keep_no_call_from_being_loaded(run_tap: Runner) -> None:
    run_tap.streams = None
    force = {"/users": ["500*"]}
    with serving(Options(days=1, calls_per_day=10, force=force)) as sandbox:
        run = run_tap(config_for(sandbox, max_tries=1))
        calls = {call.uuid for call in sandbox.calls}
    assert {record["uuid"] for record in run.records_of("cdr")} == calls
    assert run.records_of("users") == []
    assert run.status == 1


def test_a_state_of_another_account_is_refused(run_users: Runner) -> None:
    state = {"bookmarks": {"users": {"customer": "other"}}}
    config = {"customer": "acme", "api_key": "s3cret-key", "api_url": "https://127.0.0.1:1/v2"}
    run = run_users(config, state)
    assert run.status == 1
    assert "The state of the stream users cannot be used: it is of another account" in run.errors[0]


def test_no_run_sends_what_empties_a_table(run_users: Runner) -> None:
    run = run_with(run_users, ROWS)
    assert {message["type"] for message in run.messages} == {"SCHEMA", "RECORD", "STATE"}
    (schema,) = [message for message in run.messages if message["type"] == "SCHEMA"]
    assert schema["key_properties"] == ["userid"]
    assert "x-form" not in json.dumps(schema)
