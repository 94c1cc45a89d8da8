"""Every fault, as a client meets it."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from contextlib import suppress
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests

from tests.sandbox.clients import PATIENCE, get, received
from vcclive_sandbox.fault_names import FAULT_NAMES, FAULTS
from vcclive_sandbox.options import Faults, Options, Variants
from vcclive_sandbox.server import RunningSandbox, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL = Options(days=1, calls_per_day=50)


# That of another certificate spoils all connections, and is for https only.
FORCED: list[str] = [name for name in FAULT_NAMES if name != "certificate"]


def position_of(fault: str) -> int:
    """Return the call that always meets a fault: each has its own."""
    return FORCED.index(fault)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with serving(SMALL) as peek:
        uuids = [call.uuid for call in peek.calls]
    force = {uuid: [f"{name}*"] for uuid, name in zip(uuids, FORCED, strict=False)}
    with serving(replace(SMALL, force=force, faults=Faults(slow_seconds=0.3))) as running:
        yield running


@pytest.mark.parametrize("fault", ["400", "403", "404", "410", "429", "500", "502", "503"])
def test_statuses(sandbox: RunningSandbox, fault: str) -> None:
    answer = get(sandbox, position_of(fault))
    assert answer.status_code == int(fault)
    assert answer.headers.get("Retry-After") == ("1" if fault in {"429", "503"} else None)


def test_slow(sandbox: RunningSandbox) -> None:
    begin = time.monotonic()
    assert get(sandbox, position_of("slow")).status_code == 200
    assert time.monotonic() - begin >= 0.3


def test_drop(sandbox: RunningSandbox) -> None:
    with pytest.raises(requests.ConnectionError):
        get(sandbox, position_of("drop"))
    with suppress(ConnectionResetError):
        assert received(sandbox, position_of("drop")) == b""
    assert (sandbox.requests[-1].status, sandbox.requests[-1].fault) == (None, "drop")


def test_half(sandbox: RunningSandbox) -> None:
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        get(sandbox, position_of("half"))
    head, _, body = received(sandbox, position_of("half")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    length = next(
        int(line.partition(b":")[2])
        for line in head.lower().splitlines()
        if line.startswith(b"content-length:")
    )
    assert len(body) == length // 2 > 100


@pytest.mark.parametrize("fault", ["json", "html", "blank"])
def test_no_json(sandbox: RunningSandbox, fault: str) -> None:
    answer = get(sandbox, position_of(fault))
    assert answer.status_code == 200
    assert (answer.text == "") == (fault == "blank")
    assert answer.text.startswith("<!DOCTYPE html>") == (fault == "html")
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)


def test_bare(sandbox: RunningSandbox) -> None:
    position = position_of("bare")
    answer = get(sandbox, position)
    assert answer.status_code == 200
    assert answer.json()["uuid"] == sandbox.calls[position].uuid
    assert "response" not in answer.json()


def test_bare_leaves_an_answer_that_is_no_envelope_as_it_is() -> None:
    variants = Variants(not_registered="404-plain")
    options = Options(never_rate=1.0, variants=variants, faults=Faults(rates={"bare": 1.0}))
    with serving(options) as running:
        answer = get(running, 0)
        assert (answer.status_code, answer.text) == (404, "Not Found")


def test_errors(sandbox: RunningSandbox) -> None:
    answer = get(sandbox, position_of("errors"))
    assert answer.status_code == 200
    assert answer.json() == {"response": None, "errors": ["Something went wrong."]}


def test_errors_objects(sandbox: RunningSandbox) -> None:
    answer = get(sandbox, position_of("errors-objects"))
    assert answer.status_code == 200
    errors = [{"errorcode": 500, "index": 1, "errormessage": "Something went wrong."}]
    assert answer.json() == {"response": None, "errors": errors}


def test_echo(sandbox: RunningSandbox) -> None:
    position = position_of("echo")
    answer = get(sandbox, position)
    assert answer.status_code == 500
    (error,) = answer.json()["errors"]
    call = sandbox.calls[position]
    credentials = f"{sandbox.customer}:{sandbox.api_key}"
    for part in (
        f"Basic {b64encode(credentials.encode()).decode()}",
        f"user {credentials}",
        f'"source":"{call.cdr()["source"]}"',
    ):
        assert part in error["errormessage"]


def test_no_response(sandbox: RunningSandbox) -> None:
    answer = get(sandbox, position_of("no-response"))
    assert (answer.status_code, answer.json()) == (200, {"errors": []})


def test_other_call(sandbox: RunningSandbox) -> None:
    position = position_of("other-call")
    answer = get(sandbox, position).json()
    assert answer["errors"] == []
    assert answer["response"]["uuid"] == sandbox.calls[position + 1].uuid


@pytest.mark.parametrize(
    ("fault", "response"),
    [("null", None), ("empty-list", []), ("empty-object", {}), ("false", False)],
)
def test_envelopes_without_anything(sandbox: RunningSandbox, fault: str, response: object) -> None:
    answer = get(sandbox, position_of(fault))
    assert (answer.status_code, answer.json()) == (200, {"response": response, "errors": []})


def test_an_error_without_words(sandbox: RunningSandbox) -> None:
    answer = get(sandbox, position_of("empty-error"))
    assert (answer.status_code, answer.json()) == (200, {"response": None, "errors": [""]})


def test_no_content(sandbox: RunningSandbox) -> None:
    answer = get(sandbox, position_of("204"))
    assert (answer.status_code, answer.content) == (204, b"")


def test_redirect(sandbox: RunningSandbox) -> None:
    answer = get(sandbox, position_of("redirect"))
    assert answer.status_code == 302
    here, there = urlsplit(answer.url), urlsplit(answer.headers["Location"])
    assert there.hostname == "127.0.0.2"
    assert (there.port, there.path) == (here.port, here.path)


def test_every_fault_is_tested_and_unforced_calls_are_well(sandbox: RunningSandbox) -> None:
    assert get(sandbox, len(FORCED)).status_code == 200
    assert FAULTS.keys() == set(FAULT_NAMES)


def test_the_connection_serves_on_after_a_fault_that_leaves_it_open(
    sandbox: RunningSandbox,
) -> None:
    with requests.Session() as session:
        session.auth = (sandbox.customer, sandbox.api_key)
        for fault in ("500", "blank", "429", "slow"):
            call = sandbox.calls[position_of(fault)]
            url = f"{sandbox.api_url}/cdr/{call.year}/{call.month}/{call.uuid}"
            session.get(url, timeout=PATIENCE)
        well = sandbox.calls[len(FORCED)]
        url = f"{sandbox.api_url}/cdr/{well.year}/{well.month}/{well.uuid}"
        assert session.get(url, timeout=PATIENCE).json()["response"]["uuid"] == well.uuid


def test_forced_faults_are_met_one_after_the_other() -> None:
    force = {"/cdrs/2026/11/16": ["500", "502"], "/cdrs/2026/11/16?start=10": ["503"]}
    with serving(replace(SMALL, force=force)) as sandbox:
        statuses = [get(sandbox, 0, "/cdrs/2026/11/16").status_code for _ in range(3)]
        assert statuses == [500, 502, 200]
        statuses = [get(sandbox, 0, "/cdrs/2026/11/16?start=10").status_code for _ in range(2)]
        assert statuses == [503, 200]
        assert get(sandbox, 0).status_code == 200
    assert force["/cdrs/2026/11/16"] == ["500", "502"]


def test_days_that_fail_for_good_lie_among_good_ones() -> None:
    force = {f"/cdrs/2026/11/{day}": ["500*"] for day in (17, 19)}
    with serving(replace(SMALL, days=5, force=force)) as sandbox:
        for _ in range(3):
            statuses = [
                get(sandbox, 0, f"/cdrs/2026/11/{day}").status_code for day in range(16, 21)
            ]
            assert statuses == [200, 500, 200, 500, 200]


def test_one_project_of_a_day_is_absent_once_or_for_good() -> None:
    force = {"/cdrs/2026/11/16?projectid=5": ["404"], "/cdrs/2026/11/16?projectid=3": ["null*"]}
    with serving(replace(SMALL, force=force)) as sandbox:

        def answers(query: str) -> list[tuple[int, bool]]:
            got = [get(sandbox, 0, f"/cdrs/2026/11/16?{query}") for _ in range(3)]
            return [(answer.status_code, bool(answer.json()["response"])) for answer in got]

        assert answers("projectid=5&start=0&num=500") == [(404, False), (200, True), (200, True)]
        assert answers("projectid=3&start=10&num=500") == [(200, False)] * 3
        assert answers("start=0&num=500") == [(200, True)] * 3
        assert answers("projectid=33") == [(200, True)] * 3


def test_retry_after_as_a_date() -> None:
    faults = Faults({"429": 1.0}, retry_after="date", retry_after_seconds=90)
    with serving(replace(SMALL, faults=faults)) as sandbox:
        before = int(time.time())
        date = parsedate_to_datetime(get(sandbox, 0).headers["Retry-After"])
        assert before + 90 <= date.timestamp() <= time.time() + 90


def test_faults_by_chance_come_at_their_rates_and_are_the_same_again() -> None:
    options = replace(SMALL, faults=Faults({"500": 0.3, "503": 0.2}))

    def statuses() -> list[int]:
        with serving(options) as sandbox:
            return [get(sandbox, n % 20).status_code for n in range(200)]

    seen = statuses()
    assert seen == statuses()
    assert 40 <= seen.count(500) <= 80
    assert 20 <= seen.count(503) <= 60
    assert seen.count(500) + seen.count(503) + seen.count(200) == 200


def test_a_wrong_key_is_refused_whatever_the_faults() -> None:
    with serving(replace(SMALL, faults=Faults({"html": 1.0}))) as sandbox:
        answer = requests.get(sandbox.api_url, auth=("sandbox", "no"), timeout=PATIENCE)
        assert answer.status_code == 401


def test_impossible_options_are_refused() -> None:
    with pytest.raises(ValueError, match="no such fault: 418"):
        Faults({"418": 0.1})
    with pytest.raises(ValueError, match="at most 1"):
        Faults({"500": 0.6, "502": 0.6})
    with pytest.raises(ValueError, match="no such fault: sleep"):
        Options(force={"x": ["sleep*"]})
    for options in ({"faults": Faults({"certificate": 0.1})}, {"force": {"x": ["certificate*"]}}):
        with pytest.raises(ValueError, match="certificate needs https: give a ca_file"):
            replace(SMALL, **options)
    with pytest.raises(ValueError, match="loopback"):
        Options(host="0.0.0.0")  # noqa: S104 - it is refused
    with pytest.raises(ValueError, match="no such time zone"):
        Options(timezone="Europe/Nowhere")
    with pytest.raises(ValueError, match="no regular expression"):
        Options(forbidden="(")
    with pytest.raises(ValueError, match="at most 1"):
        Options(late_rate=0.7, never_rate=0.7)
    with pytest.raises(ValueError, match="at most 1"):
        Options(hidden_rate=1.1)
    with pytest.raises(ValueError, match="number of calls"):
        Options(growing=-1)
