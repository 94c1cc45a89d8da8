"""What is unknown about the log and the calls, as each switch has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.clients import get
from vcclive_sandbox.options import Options, Variants
from vcclive_sandbox.server import serving

if TYPE_CHECKING:
    import requests

DAY, EMPTY = "/cdrs/2026/11/16", "/cdrs/2026/12/01"


def answers(*paths: str, **variants: Any) -> list[requests.Response]:  # noqa: ANN401 - literals
    """Return the answers of a sandbox with such variants."""
    options = Options(days=1, calls_per_day=30, variants=Variants(**variants))
    with serving(options) as sandbox:
        return [get(sandbox, 0, path) for path in paths]


@pytest.mark.parametrize(
    ("form", "length", "begins"),
    [("upper", 36, ""), ("bare", 32, ""), ("braces", 38, "{"), ("urn", 45, "urn:uuid:")],
)
def test_a_uuid_is_spelt_in_each_form(form: str, length: int, begins: str) -> None:
    call, page = answers("", DAY, uuid_form=form)
    (plain,) = answers("", uuid_form="plain")
    spelt = call.json()["response"]["uuid"]
    assert spelt == page.json()["response"]["rows"][0]["uuid"]
    assert len(spelt) == length
    assert spelt.startswith(begins)
    digits = spelt.lower().removeprefix("urn:uuid:").strip("{}").replace("-", "")
    assert digits == plain.json()["response"]["uuid"].replace("-", "")


def test_the_uuid_has_another_name() -> None:
    call, page = answers("", DAY, uuid_name="UUID")
    for one in (call.json()["response"], page.json()["response"]["rows"][0]):
        assert "UUID" in one
        assert "uuid" not in one


def test_rows_are_a_numbered_object() -> None:
    page, rest, empty = answers(DAY, f"{DAY}?start=10&num=3", EMPTY, rows_shape="object")
    assert list(page.json()["response"]["rows"]) == [str(number) for number in range(1, 11)]
    assert list(rest.json()["response"]["rows"]) == ["11", "12", "13"]
    assert empty.json()["response"] == {"rows": [], "totalCount": 0}


def test_totals_alternate() -> None:
    pages = answers(DAY, DAY, DAY, EMPTY, totals="alternating")
    assert [page.json()["response"]["totalCount"] for page in pages] == [30, 29, 30, 0]


@pytest.mark.parametrize(
    ("way", "status", "says"),
    [("404", 404, True), ("410", 410, True), ("204", 204, False), ("empty-body", 200, False)],
)
def test_a_day_without_calls_says_so_without_an_envelope(way: str, status: int, says: bool) -> None:  # noqa: FBT001 - of a parameter
    empty, full = answers(EMPTY, DAY, empty_day=way)
    assert empty.status_code == status
    assert bool(empty.content) == says
    assert full.json()["response"]["totalCount"] == 30


@pytest.mark.parametrize(
    ("way", "response"),
    [("null", None), ("empty-list", []), ("empty-object", {}), ("false", False)],
)
def test_a_day_without_calls_says_so_in_the_envelope(way: str, response: object) -> None:
    (empty,) = answers(EMPTY, empty_day=way)
    assert (empty.status_code, empty.json()) == (200, {"response": response, "errors": []})


@pytest.mark.parametrize(("way", "status"), [("error", 400), ("404", 404), ("errors", 200)])
def test_past_the_end_is_an_error(way: str, status: int) -> None:
    past, last = answers(f"{DAY}?start=30", f"{DAY}?start=29", past_end=way)
    assert past.status_code == status
    assert past.json() == {"response": None, "errors": ["start is past the end."]}
    assert len(last.json()["response"]["rows"]) == 1


@pytest.mark.parametrize(
    ("way", "status"), [("404", 404), ("403", 403), ("400", 400), ("errors", 200)]
)
def test_a_project_that_does_not_exist(way: str, status: int) -> None:
    unknown, known = answers(f"{DAY}?projectid=99", f"{DAY}?projectid=3", unknown_project=way)
    assert unknown.status_code == status
    assert unknown.json() == {"response": None, "errors": ["No such project."]}
    assert known.status_code == 200
    (rows,) = answers(f"{DAY}?projectid=99")
    assert rows.json()["response"] == {"rows": [], "totalCount": 0}
