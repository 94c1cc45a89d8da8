"""The streams of names: projects with their fields and dispositions, roles, who is online."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.runs import config_for, log_config_for
from tests.servers import server
from vcclive_sandbox import centre, online, projects, roles
from vcclive_sandbox.server import Options, Variants, serving

if TYPE_CHECKING:
    from tests.runs import Run, Runner

NAMES = ("dispositions", "online_users", "project_fields", "projects", "roles", "users")
IDS = [project.id for project in centre.PROJECTS]
DEFAULT = Variants()
SMALL = Options(days=1, calls_per_day=3)


def run_against(
    run_tap: Runner, answers: dict[str, object], **settings: object
) -> tuple[Run, list[str]]:
    """Run the selected streams against a server; what has no answer here is not there.

    Returns:
        The run, and what it has asked for, in order.
    """

    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        given = answers.get(path.removeprefix("/v2"), 404)
        if isinstance(given, int):
            return given, {}, b""
        return 200, {}, json.dumps({"response": given, "errors": []}).encode()

    with server(answer) as answering:
        config = {"customer": "acme", "api_key": "s3cret-key", "api_url": answering.url}
        run = run_tap({**config, "max_tries": 2, "max_concurrency": 1, **settings})
        return run, [path.removeprefix("/v2") for _, path, _ in answering.seen]


@pytest.mark.parametrize(
    "variants",
    [DEFAULT, Variants(numbers="text", field_names="camel", disposition_ids="id")],
)
def test_an_account_alone_loads_all_names_and_asks_for_each_once(
    run_tap: Runner, variants: Variants
) -> None:
    run_tap.streams = NAMES
    with serving(Options(days=1, calls_per_day=3, variants=variants)) as sandbox:
        config = config_for(sandbox, calls=None)
        run = run_tap(config)
        asked = sorted(request.path for request in sandbox.requests)
        again = run_tap(config, run.state)
    assert (run.status, run.errors, again.status) == (0, [], 0)
    assert asked == sorted(
        ["/onlineusers", "/projects", *(f"/projects/{one}" for one in IDS), "/roles", "/users"]
    )
    for one in (run, again):
        assert {r["projectid"]: r["name"] for r in one.records_of("projects")}.items() >= {
            project.id: project.name for project in centre.PROJECTS
        }.items()
        named = one.records_of("dispositions")
        assert {(r["projectid"], r["dispositionid"], r["label"]) for r in named} == {
            (project, disposition.id, disposition.label)
            for project in IDS
            for disposition in projects.dispositions()
        }
        assert len(one.records_of("project_fields")) == 3 * len(IDS)
        assert len(one.records_of("roles")) == len(roles.rows(DEFAULT))
    bookmarks = run.state["bookmarks"]
    assert {name: bookmarks[name] for name in NAMES} == {
        name: {"customer": "sandbox"} for name in NAMES
    }


def test_values_of_projects_and_roles_are_what_was_sent(run_tap: Runner) -> None:
    run_tap.streams = NAMES
    with serving(SMALL) as sandbox:
        run = run_tap(config_for(sandbox, calls=None))
    for stream, rows in (("roles", roles.rows(DEFAULT)), ("projects", projects.rows(DEFAULT))):
        records = [json.dumps(record, sort_keys=True) for record in run.records_of(stream)]
        empty = dict.fromkeys(run.records_of(stream)[0])
        expected = [json.dumps({**empty, **row}, sort_keys=True) for row in rows]
        assert sorted(records) == sorted(expected)
    details = projects.details(IDS[0], DEFAULT)
    assert details is not None
    fields = [r for r in run.records_of("project_fields") if r["projectid"] == IDS[0]]
    for record, row in zip(fields, details["fields"], strict=True):
        yes_no = {name: row[name] == "yes" for name in ("customised", "indexed")}
        assert record == {**row, **yes_no, "projectid": IDS[0], "additional_fields": None}


def test_a_snapshot_says_when_it_was_taken(run_tap: Runner) -> None:
    run_tap.streams = ("online_users",)
    with serving(SMALL) as sandbox:
        run = run_tap(config_for(sandbox, calls=None))
    records = run.records_of("online_users")
    assert len({record["observed_at"] for record in records}) == 1
    assert [record["userid"] for record in records] == [r["userId"] for r in online.rows(DEFAULT)]
    for record in records:
        assert record["statechangedat"].endswith("+05:30")
        assert record["observed_at"][:10] in record["statechangedat_utc"] + record["observed_at"]
        assert record["statechangedat_utc"].endswith("+00:00")
        assert record["additional_fields"] is None
    schema = next(m for m in run.messages if m["type"] == "SCHEMA")
    assert schema["key_properties"] == ["userid", "observed_at"]


def test_a_snapshot_is_taken_only_when_it_is_selected(run_tap: Runner) -> None:
    run_tap.streams = None
    with serving(SMALL) as sandbox:
        run = run_tap(config_for(sandbox, calls=None))
        assert "/onlineusers" not in {request.path for request in sandbox.requests}
    assert run.status == 0
    assert run.records_of("online_users") == []


@pytest.mark.parametrize(
    ("streams", "expected"),
    [
        (("dispositions",), ["/projects", "/projects/3", "/projects/5"]),
        (("projects", "project_fields"), ["/projects", "/projects/3", "/projects/5"]),
        (("roles",), ["/roles"]),
    ],
)
def test_only_what_is_selected_is_asked_for(
    run_tap: Runner, streams: tuple[str, ...], expected: list[str]
) -> None:
    run_tap.streams = streams
    answers: dict[str, object] = {
        "/projects": [{"projectid": 3}, {"projectid": "5"}, {"projectid": 9, "container": 1}],
        "/projects/3": {"dispositions": [], "fields": []},
        "/projects/5": {"dispositions": []},
        "/roles": [{"id": 1}],
    }
    run, asked = run_against(run_tap, answers)
    assert (run.status, asked) == (0, expected)


def test_project_ids_restricts_what_is_read_by_project(run_tap: Runner) -> None:
    run_tap.streams = ("dispositions", "project_fields")
    answers: dict[str, object] = {
        "/projects/5": {"dispositions": [{"id": 1}], "fields": [{"fieldId": 2}]}
    }
    run, asked = run_against(run_tap, answers, project_ids=[5])
    assert (run.status, asked) == (0, ["/projects/5"])
    (disposition,), (field,) = run.records_of("dispositions"), run.records_of("project_fields")
    assert (disposition["projectid"], disposition["dispositionid"]) == (5, 1)
    assert (field["projectid"], field["fieldid"]) == (5, 2)


def test_a_project_that_is_refused_or_not_there_costs_no_other(run_tap: Runner) -> None:
    run_tap.streams = ("dispositions", "project_fields")
    ids = (3, 4, 5, 5, "x", None)
    answers: dict[str, object] = {
        "/projects": [*({"projectid": one} for one in ids), "odd"],
        "/projects/3": 403,
        "/projects/5": {"Dispositions": [{"dispositionId": 1}, 7], "Fields": {"0": {"fieldid": 2}}},
    }
    run, asked = run_against(run_tap, answers)
    assert asked == ["/projects", "/projects/3", "/projects/4", "/projects/5"]
    assert [r["dispositionid"] for r in run.records_of("dispositions")] == [1]
    assert [r["fieldid"] for r in run.records_of("project_fields")] == [2]
    assert run.status == 1
    assert run.log.count("VCC Live has nothing under /projects/4: status 404") == 2
    refused = [line for line in run.errors if "/projects/3" in line]
    assert len(refused) == 2
    assert [line for line in run.errors if line not in refused] == [
        "/projects/5: row 2 has no key and is not loaded",
        "dispositions: left 1 row without a key, 1 resource without an answer",
        "project_fields: left 1 resource without an answer",
    ]


def test_a_stream_of_which_all_is_refused_says_how_to_leave_it_out(run_tap: Runner) -> None:
    run_tap.streams = ("dispositions", "roles")
    answers: dict[str, object] = {
        "/projects": [{"projectid": 3}, {"projectid": 5}],
        "/projects/3": 403,
        "/projects/5": 403,
        "/roles": [{"id": 1}],
    }
    run, _ = run_against(run_tap, answers)
    assert run.status == 1
    assert [r["id"] for r in run.records_of("roles")] == [1]
    (line,) = run.errors
    assert "/projects/3" in line
    assert "select_filter: ['!dispositions']" in line


def test_what_needs_the_projects_says_how_to_leave_it_out_when_they_are_refused(
    run_tap: Runner,
) -> None:
    run_tap.streams = ("dispositions", "projects")
    run, asked = run_against(run_tap, {"/projects": 403})
    assert (run.status, asked) == (1, ["/projects"])
    for stream, line in zip(("dispositions", "projects"), run.errors, strict=True):
        assert f"select_filter: ['!{stream}']" in line


def test_a_disposition_without_a_number_is_kept_under_a_digest_of_it(run_tap: Runner) -> None:
    run_tap.streams = ("dispositions",)
    rows = [{"label": "Sikeres"}, {"label": "Foglalt"}, {"label": "Sikeres"}]
    seen = []
    for step in (1, -1):
        answers: dict[str, object] = {"/projects/5": {"dispositions": rows[::step]}}
        run, _ = run_against(run_tap, answers, project_ids=[5])
        assert len(run.records) == 0
        seen.append({r["label"]: r["dispositionid"] for r in run.records_of("dispositions")})
    assert seen[0] == seen[1]
    assert len({*seen[0].values()}) == 2
    assert max(seen[0].values()) < 0


def test_a_folder_that_shares_its_number_comes_before_the_project(run_tap: Runner) -> None:
    run_tap.streams = ("projects",)
    variants = Variants(folder_ids="shared")
    with serving(Options(days=1, calls_per_day=3, variants=variants)) as sandbox:
        run = run_tap(config_for(sandbox, calls=None))
    kept = {record["projectid"]: record for record in run.records_of("projects")}
    assert {number: kept[number]["name"] for number in IDS} == {
        project.id: project.name for project in centre.PROJECTS
    }


def test_the_names_of_all_that_a_call_names_are_loaded_beside_it(run_tap: Runner) -> None:
    run_tap.streams = None
    with serving(Options(days=1, calls_per_day=60)) as sandbox:
        run = run_tap(log_config_for(sandbox))
    assert run.status == 0
    dispositions = {
        (r["projectid"], r["dispositionid"]): r["label"] for r in run.records_of("dispositions")
    }
    agents = {r["userid"]: r["name"] for r in run.records_of("users")}
    titles = {r["projectid"]: r["name"] for r in run.records_of("projects")}
    for call in run.records_of("cdr_log"):
        assert dispositions[call["projectid"], call["dispositionid"]] == call["disposition_label"]
        assert titles[call["projectid"]] == call["projectname"]
        if call["userid"] != centre.SYSTEM_USER:
            assert agents[call["userid"]] == call["userfullname"]
