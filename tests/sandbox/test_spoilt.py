"""Real answers with something wrong about them: bytes, rows, size."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.sandbox.clients import PATIENCE, get
from vcclive_sandbox.options import Faults, Options
from vcclive_sandbox.server import serving
from vcclive_sandbox.spoilt import FAT_NOTE_CHARACTERS, LARGE_CALL_BYTES, LARGE_PAGE_BYTES, WIDE

SMALL = Options(days=1, calls_per_day=30)
PAGE = "/cdrs/2026/11/16?start=0&num=500"
NOTE = "disposition_comment"


def answered(fault: str, path: str = "") -> requests.Response:
    """Return the answer for a call, or a path, that has a fault."""
    with serving(Options(days=1, calls_per_day=30, faults=Faults({fault: 1.0}))) as sandbox:
        return get(sandbox, 0, path)


def well(path: str = "") -> Any:  # noqa: ANN401 - any JSON value
    """Return the answer of a sandbox without faults."""
    with serving(SMALL) as sandbox:
        return get(sandbox, 0, path).json()["response"]


def test_a_page_is_cut_to_its_first_row_and_keeps_its_total() -> None:
    page = answered("one-row", PAGE).json()["response"]
    assert page == {**well(PAGE), "rows": well(PAGE)["rows"][:1]}
    assert page["totalCount"] == 30
    assert answered("one-row").json()["response"] == well()


@pytest.mark.parametrize(("fault", "byte"), [("bad-byte", b"\xc5"), ("raw-tab", b"\t")])
@pytest.mark.parametrize("path", ["", PAGE])
def test_one_byte_is_spoilt_and_all_else_is_there(fault: str, byte: bytes, path: str) -> None:
    answer = answered(fault, path)
    with pytest.raises(ValueError):  # noqa: PT011 - no UTF-8, or no JSON
        json.loads(answer.content.decode())
    assert answer.content.count(byte + b'"') == 1
    mended = json.loads(answer.content.replace(byte + b'"', b'"'))["response"]
    first = mended["rows"][0] if path else mended
    assert first[NOTE].endswith("vissza")
    expected = well(path)
    (expected["rows"][0] if path else expected)[NOTE] = first[NOTE]
    assert mended == expected


@pytest.mark.parametrize(("path", "size"), [("", LARGE_CALL_BYTES), (PAGE, LARGE_PAGE_BYTES)])
def test_a_large_answer_is_small_on_its_way_and_valid(path: str, size: int) -> None:
    answer = answered("large", path)
    assert size - 40_000 <= len(answer.content) <= size
    assert int(answer.headers["Content-Length"]) < len(answer.content) / 20
    call = answer.json()["response"]
    call = call["rows"][0] if path else call
    assert set(map(str, call.pop("padding"))) == ({"[]"} if path else {"x", WIDE})
    assert call == (well(path)["rows"][0] if path else well())


def test_fat_rows_are_fewer_bytes_in_smaller_pages() -> None:
    many, few = (
        answered("fat", f"/cdrs/2026/11/16?start=0&num={num}").json()["response"]["rows"]
        for num in (30, 5)
    )
    assert (len(many), len(few)) == (30, 5)
    assert {len(row[NOTE]) for row in many} == {FAT_NOTE_CHARACTERS}


def test_a_kept_connection_closes_as_the_next_request_arrives() -> None:
    with serving(Options(days=1, keep_alive_requests=2)) as sandbox, requests.Session() as session:
        session.auth = (sandbox.customer, sandbox.api_key)
        for _ in range(2):
            assert session.get(f"{sandbox.api_url}{PAGE}", timeout=PATIENCE).status_code == 200
        with pytest.raises(requests.ConnectionError):
            session.get(f"{sandbox.api_url}{PAGE}", timeout=PATIENCE)
        assert session.get(f"{sandbox.api_url}{PAGE}", timeout=PATIENCE).status_code == 200
        assert len(sandbox.requests) == 3
