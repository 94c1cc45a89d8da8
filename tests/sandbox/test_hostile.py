"""Hostile answers: what arrives, that it costs the sandbox little, and that it ends."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest
import requests

from tests.sandbox.clients import PATIENCE, asking, eventually, get
from vcclive_sandbox.hostile import NAMES
from vcclive_sandbox.server import Options, RunningSandbox, serving

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

POSITIONS = {name: position for position, name in enumerate(sorted(NAMES))}
WITHOUT_END = ["drip", "drip-headers", "endless", "headers"]
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    options = Options(days=1, calls_per_day=10)
    with serving(options) as peek:
        uuids = [call.uuid for call in peek.calls]
    force = {uuids[position]: [f"{name}*"] for name, position in POSITIONS.items()}
    with serving(Options(days=1, calls_per_day=10, force=force)) as running:
        yield running


def body_of(connection: socket.socket) -> tuple[bytes, bytes]:
    """Return the headers, and of the body what comes with them and right after."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    return head, body + connection.recv(65536)


def streamed(sandbox: RunningSandbox, name: str) -> requests.Response:
    """Return the answer of a name, its body unread."""
    call = sandbox.calls[POSITIONS[name]]
    return requests.get(
        f"{sandbox.api_url}/cdr/{call.year}/{call.month}/{call.uuid}",
        auth=(sandbox.customer, sandbox.api_key),
        timeout=PATIENCE,
        stream=True,
    )


def test_a_body_without_end_begins_well_and_comes_as_fast_as_it_is_read(
    sandbox: RunningSandbox,
) -> None:
    with streamed(sandbox, "endless") as answer:
        assert answer.status_code == 200
        assert answer.raw.read(21) == b'{"response":{"uuid":"'
        assert all(len(answer.raw.read(MEGABYTE)) == MEGABYTE for _ in range(100))


def test_a_body_drips_byte_by_byte(sandbox: RunningSandbox) -> None:
    with streamed(sandbox, "drip") as answer:
        assert answer.raw.read(21) == b'{"response":{"uuid":"'
        assert [answer.raw.read1(100) for _ in range(4)] == [b"x"] * 4


def test_a_bomb_is_small_on_its_way_and_a_whole_answer_of_more_than_a_gigabyte(
    sandbox: RunningSandbox,
) -> None:
    with streamed(sandbox, "bomb") as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        packed = answer.raw.read(decode_content=False)
    assert len(packed) < 1.2 * MEGABYTE
    size = 0
    with gzip.open(io.BytesIO(packed)) as unpacked:
        assert unpacked.read(21) == b'{"response":{"uuid":"'
        while piece := unpacked.read(16 * MEGABYTE):
            size += len(piece)
            last = piece
    assert last.endswith(b'"},"errors":[]}')
    assert size > 1024 * MEGABYTE


def test_a_deep_answer_is_nested_a_hundred_thousand_times(sandbox: RunningSandbox) -> None:
    text = get(sandbox, POSITIONS["deep"]).text
    assert text == '{"response":' + "[" * 100_000 + "]" * 100_000 + ',"errors":[]}'


def test_many_errors_are_more_than_a_million_lines(sandbox: RunningSandbox) -> None:
    text = get(sandbox, POSITIONS["many-errors"]).text
    assert text.count("\n") > 1_000_000
    assert len(json.loads(text)["errors"]) == 1_000_001


def test_headers_without_end(sandbox: RunningSandbox) -> None:
    with pytest.raises(requests.ConnectionError) as raised:
        get(sandbox, POSITIONS["headers"])
    assert http.client.HTTPException.__name__ in repr(raised.value)
    with asking(sandbox, POSITIONS["headers"]) as connection:
        data = b""
        while len(data) < 10 * MEGABYTE:
            data += connection.recv(MEGABYTE)
    assert data.startswith(b"HTTP/1.1 200 OK\r\nX-Header-0: 0\r\nX-Header-1: 1\r\n")
    assert b"\r\n\r\n" not in data


def test_headers_that_drip_byte_by_byte(sandbox: RunningSandbox) -> None:
    with asking(sandbox, POSITIONS["drip-headers"]) as connection:
        data = b""
        while not data.endswith(b"X-Header: xxx"):
            piece = connection.recv(100)
            assert piece
            data += piece
    assert data == b"HTTP/1.1 200 OK\r\nX-Header: xxx"


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_client_that_does_not_read_costs_little_and_ends_it_by_going_away(
    sandbox: RunningSandbox, name: str
) -> None:
    tracemalloc.start()
    try:
        with asking(sandbox, POSITIONS[name]) as connection:
            assert connection.recv(10)
            time.sleep(0.3)
            assert tracemalloc.get_traced_memory()[1] < 20 * MEGABYTE
    finally:
        tracemalloc.stop()
    assert eventually(lambda: sandbox.in_flight == 0)


@pytest.mark.parametrize("name", WITHOUT_END)
def test_what_has_no_end_ends_with_the_sandbox(name: str) -> None:
    """And other requests are answered meanwhile."""
    with serving(Options(days=1, calls_per_day=2)) as peek:
        uuid = peek.calls[0].uuid
    options = Options(days=1, calls_per_day=2, force={uuid: [f"{name}*"]})
    with serving(options) as sandbox, asking(sandbox, 0) as connection:
        assert connection.recv(10)
        assert get(sandbox, 1).status_code == 200
    with pytest.raises(requests.ConnectionError):
        get(sandbox, 1)
