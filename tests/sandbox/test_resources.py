"""What the resources answer: as the contract says, and never more leniently."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.clients import PATIENCE, eventually
from vcclive_sandbox import example, registration, users
from vcclive_sandbox.cdr import OLD_FIELDS
from vcclive_sandbox.options import Options, Variants
from vcclive_sandbox.server import RunningSandbox, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vcclive_sandbox.calls import Call

SMALL = Options(days=2, calls_per_day=30)
NOBODY = "11111111-44e0-11e5-a6da-6547f8762750"


def get(sandbox: RunningSandbox, path: str) -> requests.Response:
    return requests.get(
        sandbox.api_url + path, auth=(sandbox.customer, sandbox.api_key), timeout=PATIENCE
    )


def path_of(call: Call) -> str:
    return f"/cdr/{call.year}/{call.month}/{call.uuid}"


def response(answer: requests.Response) -> Any:  # noqa: ANN401 - JSON
    assert answer.status_code == 200
    envelope = answer.json()
    assert list(envelope) == ["response", "errors"]
    assert envelope["errors"] == []
    return envelope["response"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with serving(Options(days=2, calls_per_day=600)) as running:
        yield running


def test_every_call_answers_with_its_fields(sandbox: RunningSandbox) -> None:
    for call in sandbox.calls[:30]:
        answer = get(sandbox, path_of(call))
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        present = {name: value for name, value in call.cdr().items() if value is not None}
        assert response(answer) == present


def test_the_documented_example_is_served_as_documented(sandbox: RunningSandbox) -> None:
    answer = get(sandbox, f"/cdr/2015/08/{example.UUID}")
    assert list(response(answer).items()) == list(example.CDR.items())
    assert list(example.CDR) == list(OLD_FIELDS)
    day = response(get(sandbox, "/cdrs/2015/08/17"))
    assert day == {"rows": [example.CDR], "totalCount": 1}
    assert response(get(sandbox, "/cdrs/2015/08?projectid=5")) == {"rows": [], "totalCount": 0}
    assert get(sandbox, f"/cdr/2015/01/{example.UUID}").status_code == 404


@pytest.mark.parametrize(
    "auth", [None, ("sandbox", "wrong"), ("other", "sandbox-key"), ("", "sandbox-key")]
)
def test_wrong_credentials_are_refused(
    sandbox: RunningSandbox, auth: tuple[str, str] | None
) -> None:
    answer = requests.get(sandbox.api_url + path_of(sandbox.calls[0]), auth=auth, timeout=PATIENCE)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert answer.json()["errors"]
    assert sandbox.calls[0].uuid not in answer.text


def test_only_basic_authentication_is_accepted(sandbox: RunningSandbox) -> None:
    url = sandbox.api_url + path_of(sandbox.calls[0])
    well = get(sandbox, path_of(sandbox.calls[0])).request.headers["Authorization"]
    for value, status in ((well, 200), (well.replace("Basic", "Bearer"), 401)):
        answer = requests.get(url, headers={"Authorization": value}, timeout=PATIENCE)
        assert answer.status_code == status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_only_get_is_served(sandbox: RunningSandbox, method: str) -> None:
    url = sandbox.api_url + path_of(sandbox.calls[0])
    auth = (sandbox.customer, sandbox.api_key)
    assert requests.request(method, url, auth=auth, timeout=PATIENCE).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/cdr",
        "/cdr/2026/11",
        "/cdrs/2026",
        "/cdrs/2026/13",
        "/cdrs/2026/1",
        "/cdrs/26/11",
        "/cdrs/2026/11/31",
        "/cdrs/2026/11/1",
        "/cdrs/2026/11/",
        "/user",
        "/users/6",
        f"/cdr/2026/8/{NOBODY}",
        f"/cdr/26/08/{NOBODY}",
        f"/cdr/2026/11/{NOBODY}/",
    ],
)
def test_no_other_path_is_served(sandbox: RunningSandbox, path: str) -> None:
    answer = get(sandbox, path)
    assert (answer.status_code, answer.json()["errors"]) == (404, ["No such resource."])


def test_a_call_is_found_under_its_own_month_and_exact_uuid_only(sandbox: RunningSandbox) -> None:
    uuid = sandbox.calls[0].uuid
    assert get(sandbox, f"/cdr/2026/11/{uuid}").status_code == 200
    for path in (f"/cdr/2026/10/{uuid}", f"/cdr/2025/11/{uuid}", f"/cdr/2026/11/{uuid.upper()}"):
        assert get(sandbox, path).json()["errors"] == ["No such call."]


def test_the_log_pages_by_10_and_never_more_than_500(sandbox: RunningSandbox) -> None:
    day = "/cdrs/2026/11/16"
    rows = response(get(sandbox, day))["rows"]
    assert [row["uuid"] for row in rows] == [call.uuid for call in sandbox.calls[:10]]
    assert rows[0] == response(get(sandbox, path_of(sandbox.calls[0])))
    first = response(get(sandbox, f"{day}?start=0&num=10000"))
    rest = response(get(sandbox, f"{day}?start=500&num=10000"))
    assert (len(first["rows"]), len(rest["rows"])) == (500, 100)
    assert first["totalCount"] == rest["totalCount"] == 600
    assert [row["uuid"] for row in first["rows"] + rest["rows"]] == [
        call.uuid for call in sandbox.calls[:600]
    ]
    assert response(get(sandbox, f"{day}?start=600")) == {"rows": [], "totalCount": 600}
    assert response(get(sandbox, "/cdrs/2026/11"))["totalCount"] == 1200
    assert response(get(sandbox, "/cdrs/2026/12")) == {"rows": [], "totalCount": 0}


def test_the_log_of_a_project(sandbox: RunningSandbox) -> None:
    whole = [call.uuid for call in sandbox.calls[:600] if call.cdr()["projectid"] == 5]
    answer = response(get(sandbox, "/cdrs/2026/11/16?projectid=5&start=0&num=500"))
    assert [row["uuid"] for row in answer["rows"]] == whole
    assert answer["totalCount"] == len(whole) > 0


@pytest.mark.parametrize("query", ["start=-1", "num=x", "projectid=", "sort=asc", "since=2026"])
def test_options_that_are_not_documented_are_refused(sandbox: RunningSandbox, query: str) -> None:
    assert get(sandbox, f"/cdrs/2026/11/16?{query}").status_code == 400
    assert get(sandbox, f"{path_of(sandbox.calls[0])}?{query}").status_code == 400


@pytest.mark.parametrize(
    ("variant", "status", "body"),
    [
        ("404", 404, {"response": None, "errors": ["No such call."]}),
        ("404-plain", 404, None),
        ("empty-list", 200, {"response": [], "errors": []}),
        ("empty-object", 200, {"response": {}, "errors": []}),
        ("null", 200, {"response": None, "errors": []}),
        ("errors-text", 200, {"response": None, "errors": ["No such call."]}),
        (
            "errors-object",
            200,
            {"response": [], "errors": [{"code": 404, "message": "No such call."}]},
        ),
        ("empty-body", 200, None),
    ],
)
def test_not_registered(variant: Any, status: int, body: object) -> None:  # noqa: ANN401 - a literal
    options = replace(SMALL, never_rate=1, variants=Variants(not_registered=variant))
    with serving(options) as sandbox:
        for path in (path_of(sandbox.calls[0]), f"/cdr/2026/11/{NOBODY}"):
            answer = get(sandbox, path)
            assert answer.status_code == status
            if body is None:
                with pytest.raises(json.JSONDecodeError):
                    json.loads(answer.text)
                assert (answer.text == "") == (variant == "empty-body")
            else:
                assert answer.json() == body
        assert response(get(sandbox, "/cdrs/2026/11")) == {"rows": [], "totalCount": 0}


def test_variants_of_shape_numbers_totals_fields_and_past_end() -> None:
    variants = Variants(
        cdr_shape="list", numbers="text", totals="text", fields="old", past_end="error"
    )
    with serving(replace(SMALL, variants=variants)) as sandbox:
        call = sandbox.calls[0]
        [cdr] = response(get(sandbox, path_of(call)))
        assert [name for name in OLD_FIELDS if name in cdr] == list(cdr)
        assert {name: str(value) for name, value in call.cdr().items() if name in cdr} == cdr
        assert response(get(sandbox, "/cdrs/2026/11?start=59"))["totalCount"] == "60"
        assert len(response(get(sandbox, "/cdrs/2026/11?start=59"))["rows"]) == 1
        assert get(sandbox, "/cdrs/2026/11?start=60").status_code == 400
        assert response(get(sandbox, "/cdrs/2026/12?start=0"))["totalCount"] == "0"


@pytest.mark.parametrize(
    ("absent", "billing", "score"),
    [("null", None, None), ("empty", "", ""), ("zero", "0000-00-00 00:00:00", "")],
)
def test_variants_of_absent_values(absent: Any, billing: object, score: object) -> None:  # noqa: ANN401 - a literal
    with serving(replace(SMALL, variants=Variants(absent=absent))) as sandbox:
        call = next(
            call
            for call in sandbox.calls
            if call.cdr()["billing_ts"] is None and call.cdr()["vcc_score"] is None
        )
        cdr = response(get(sandbox, path_of(call)))
        assert (cdr["billing_ts"], cdr["billing_ts_utc"]) == (billing, billing)
        assert cdr["vcc_score"] == score


def test_late_calls_register_after_having_been_asked_for() -> None:
    options = replace(SMALL, late_rate=0.5, late_asks=2)
    with serving(options) as sandbox:
        statuses = {
            call.uuid: [get(sandbox, path_of(call)).status_code for _ in range(4)]
            for call in sandbox.calls
        }
        assert sorted(set(map(tuple, statuses.values()))) == [(200,) * 4, (404, 404, 200, 200)]
        assert sandbox.max_in_flight == 1
    with serving(options) as again:
        late = {uuid for uuid, each in statuses.items() if each[0] == 404}
        registered = response(get(again, "/cdrs/2026/11?start=0&num=500"))
        assert {row["uuid"] for row in registered["rows"]} == statuses.keys() - late
        assert registered["totalCount"] == 60 - len(late)
        assert 15 < len(late) < 45


def test_calls_that_never_register() -> None:
    with serving(replace(SMALL, never_rate=0.5, late_rate=0.5, late_asks=0)) as sandbox:
        rounds = [
            [get(sandbox, path_of(call)).status_code for call in sandbox.calls] for _ in range(3)
        ]
        assert rounds[0] == rounds[1] == rounds[2]
        assert 15 < rounds[0].count(404) < 45


def test_late_calls_register_after_some_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(registration, "monotonic", lambda: now)
    with serving(replace(SMALL, late_rate=1, late_asks=0, late_seconds=20)) as sandbox:
        path = path_of(sandbox.calls[0])
        assert get(sandbox, path).status_code == 404
        assert response(get(sandbox, "/cdrs/2026/11/16"))["totalCount"] == 0
        now = 120.0
        assert get(sandbox, path).status_code == 200
        assert response(get(sandbox, "/cdrs/2026/11/16"))["totalCount"] == 30


def test_resources_that_the_key_may_not_read() -> None:
    with serving(replace(SMALL, forbidden=r"^/cdrs/.*num=")) as sandbox:
        assert get(sandbox, "/cdrs/2026/11").status_code == 200
        assert get(sandbox, "/cdrs/2026/11?num=5").status_code == 403
        assert get(sandbox, path_of(sandbox.calls[0])).status_code == 200


def test_requests_are_recorded_and_counted_in_flight() -> None:
    with serving(replace(SMALL, latency_ms=150)) as sandbox:
        paths = [path_of(call) for call in sandbox.calls[:4]]
        begin = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda path: get(sandbox, path), paths))
        assert time.monotonic() - begin >= 0.15
        get(sandbox, "/cdrs/2026/11?start=1&num=2")
        assert sorted(seen.path for seen in sandbox.requests[:4]) == sorted(paths)
        last = sandbox.requests[-1]
        assert (last.method, last.path, last.query) == ("GET", "/cdrs/2026/11", "start=1&num=2")
        assert last.status == 200
        assert last.headers["accept"] == "*/*"
        assert last.time >= sandbox.requests[0].time
    with serving(replace(SMALL, record=False)) as silent:
        get(silent, "/cdrs/2026/11")
        assert silent.requests == []


def test_the_most_requests_in_flight_are_counted() -> None:
    with ThreadPoolExecutor(4) as pool:
        with serving(replace(SMALL, latency_ms=600_000)) as slow:
            asking = [pool.submit(get, slow, path_of(call)) for call in slow.calls[:4]]
            assert eventually(lambda: slow.in_flight == 4)
            assert slow.max_in_flight == 4
        for one in asking:
            with pytest.raises(requests.ConnectionError):  # the sandbox has ended first
                one.result()


def test_nothing_is_left_behind() -> None:
    with serving(SMALL) as sandbox:
        session = requests.Session()
        session.get(sandbox.api_url, timeout=PATIENCE)
    with pytest.raises(requests.ConnectionError):
        session.get(sandbox.api_url, timeout=PATIENCE)
    session.close()


def test_a_list_comes_whole_and_takes_no_options(sandbox: RunningSandbox) -> None:
    rows = get(sandbox, "/users").json()["response"]
    assert rows == users.rows(Variants())
    agents = {call.cdr()["userid"] for call in sandbox.calls} - {-1}
    assert agents <= {row["userid"] for row in rows}
    assert get(sandbox, "/users?start=0").status_code == 400


@pytest.mark.parametrize(
    "variants",
    [
        Variants(field_names="documented", ids="repeated", numbers="text"),
        Variants(field_names="lower", ids="repeated", numbers="text"),
        Variants(field_names="camel", ids="repeated", numbers="text"),
    ],
)
def test_names_of_a_list_are_spelt_in_each_way_and_an_id_can_come_twice(variants: Variants) -> None:
    with serving(Options(variants=variants)) as other:
        rows = get(other, "/users").json()["response"]
    spelt = {"documented": "projectIds", "lower": "projectids", "camel": "userId"}
    assert any(spelt[variants.field_names] in row for row in rows)
    ids = [value for row in rows for key, value in row.items() if key.lower() == "userid"]
    assert len(ids) == len(rows) == len({*ids}) + 1
    assert {*map(type, ids)} == {str}


def test_states_of_a_day_cover_the_talk_of_its_calls(sandbox: RunningSandbox) -> None:
    day = sandbox.calls[0].day
    ask = f"/statistics/userstate?from={day:%Y%m%d}&to={day:%Y%m%d}"
    rows = get(sandbox, f"{ask}&start=0&num=100000&direction=ASC").json()["response"]
    assert [row["prevtime"] for row in rows] == sorted(row["prevtime"] for row in rows)
    talks = {(r["name"], r["prevtime"], r["duration"]) for r in rows if r["prevstate"] == "CALL"}
    for call in sandbox.calls:
        cdr = call.cdr()
        if call.day == day and cdr["billing_ts"] and cdr["userid"] != -1:
            assert (cdr["userfullname"], cdr["billing_ts"], cdr["talktime"]) in talks
    assert get(sandbox, f"{ask}&start={len(rows)}").status_code == 400
    assert get(sandbox, f"{ask}&direction=DESC").json()["response"] == rows[::-1]
    for bad in ("&of=x", "&start=x", "&to=20261201"):
        assert get(sandbox, f"{ask}{bad}").status_code == 400
    assert get(sandbox, "/statistics/userstate?from=20261116").status_code == 400
