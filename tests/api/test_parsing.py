"""JSON with spoilt bytes is read all the same; JSON that is cut short never is."""

from __future__ import annotations

import json
import logging
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.api.errors import PassingFaultError, TriesExhaustedError
from tap_vcclive.api.parsing import parsed, weight_of
from tests.api.clients import client_of
from tests.servers import server
from tests.soak import FACTOR

TEXT = '{"response": {"note": "visszahívást kér"}, "errors": []}'


def envelope(note: str) -> dict[str, object]:
    """Return what is read of an answer with a note."""
    return {"response": {"note": note}, "errors": []}


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (TEXT.encode("cp1250"), "visszah\ufffdv\ufffdst k\ufffdr"),
        (TEXT.encode().replace(b"\xc3\xad", b"\xc3"), "visszah\ufffdvást kér"),
        (TEXT.encode().replace(b"v\xc3", b"v\xff\xfe"), "visszahív\ufffd\ufffd\ufffdst kér"),
        (TEXT.encode().replace(b" k", b"\tk"), "visszahívást\tkér"),
        (TEXT.encode().replace(b" k", b"\0k"), "visszahívást\0kér"),
        (TEXT.encode().replace(b" k", b"\r\nk"), "visszahívást\r\nkér"),
        (TEXT.encode() + b"\0\0\0\n", "visszahívást kér"),
        (TEXT.encode("utf-8-sig").replace(b" k", b"\x1bk"), "visszahívást\x1bkér"),
        (TEXT.replace(" k", "\tk").encode("utf-16"), "visszahívást\tkér"),
        (TEXT.encode("utf-16")[:-1] + b"\0\0\0", "visszahívást kér"),
    ],
    ids=repr,
)
def test_spoilt_bytes_are_replaced(body: bytes, note: str) -> None:
    assert parsed(body) == (envelope(note), True)


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (TEXT.encode(), "visszahívást kér"),
        (TEXT.encode("utf-16"), "visszahívást kér"),
        (json.dumps(envelope("\ud83d")).encode(), "\ud83d"),
        (TEXT.replace("v", "\ud83d", 1).encode(errors="surrogatepass"), "\ud83disszahívást kér"),
        (TEXT.encode("utf-16-le").replace(b"v\0", b"\0\xd8", 1), "\ud800isszahívást kér"),
        (b"\n " + TEXT.encode() + b"\r\n", "visszahívást kér"),
    ],
    ids=repr,
)
def test_what_json_allows_is_not_called_spoilt(body: bytes, note: str) -> None:
    assert parsed(body) == (envelope(note), False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1250"])
@pytest.mark.parametrize("filling", [b"", b"\0", b"\0\0\n", b"\xff", b'"'], ids=repr)
def test_a_body_that_is_cut_short_is_never_accepted(encoding: str, filling: bytes) -> None:
    whole = TEXT.replace(" k", "\tk").encode(encoding)
    # UTF-16 ends in a zero byte, which filling gives back.
    for end in range(len(whole) - (1 + encoding.startswith("utf-16"))):
        with pytest.raises(PassingFaultError):
            parsed(whole[:end] + filling)


spoiling = st.lists(st.integers(0x80, 0xFF), min_size=1, max_size=4).map(bytes)


@given(spoiling, st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=200 * FACTOR, deadline=None)
def test_a_body_spoilt_and_cut_short_is_never_accepted(
    piece: bytes, place: float, end: float
) -> None:
    whole = TEXT.encode()
    at = int(place * len(whole))
    spoilt = whole[:at] + piece + whole[at:]
    cut = spoilt[: int(end * (len(whole) - 1))]
    with pytest.raises(PassingFaultError):
        parsed(cut)


def test_bytes_that_stand_where_json_has_none_are_a_fault() -> None:
    for spoilt in (
        TEXT.encode().replace(b"{", b"\xff{", 1),
        TEXT.encode() + b"\xff",
        TEXT.encode() + TEXT.encode(),
        b"\0" + TEXT.encode(),
    ):
        with pytest.raises(PassingFaultError) as raised:
            parsed(spoilt)
        assert raised.value.__context__ is None  # it would hold on to the body


def test_spoilt_answers_are_told_once_without_what_stands_in_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with server(lambda _: (200, {}, TEXT.encode("cp1250"))) as running:
        client = client_of(running.url)
        assert client.get("/cdr/a")["note"] == "visszah\ufffdv\ufffdst k\ufffdr"
        client.get("/cdr/b")
        assert client.tries == 2
    (record,) = (record for record in caplog.records if record.levelno >= logging.WARNING)
    assert record.levelno == logging.WARNING
    assert "/cdr/a has bytes that are no UTF-8 or JSON" in record.getMessage()
    assert "vissza" not in caplog.text


def test_a_spoilt_answer_that_is_cut_short_is_asked_for_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with server(lambda _: (200, {}, TEXT.encode("cp1250")[:-1])) as running:
        with pytest.raises(TriesExhaustedError, match="no JSON, after 2 tries"):
            client_of(running.url, max_tries=2).get("/x")
        assert len(running.seen) == 2
    assert "no UTF-8" not in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '{"a": 1, "b": 2}',
        "[]",
        "{}",
        "[1]",
        "12.5",
        "1e5",
        "1234",
        '"ab"',
        '"őű"',
        '"\N{TELEPHONE RECEIVER}"',
        f'"{"a" * 10_000}"',
        f'"{"a" * 10_000}\\n"',
        f'"{"a" * 10_000}ő"',
        f'"{"a" * 10_000}\\u0151"',
        f'"{"a" * 10_000}\N{TELEPHONE RECEIVER}"',
        f'"{"a" * 10_000}\\ud83d\\ude00"',
        "[" + "{}," * 100 + "0]",
        None,
    ],
    ids=lambda text: str(text)[:12],
)
def test_a_body_takes_no_more_than_its_weight_and_not_a_small_part_of_it(text: str | None) -> None:
    names = "{" + ",".join(f'"{number:x}": {number + 300}' for number in range(20_000)) + "}"
    body = f"[{','.join([text] * 2_000)}]".encode() if text else names.encode()
    tracemalloc.start()
    try:
        value = parsed(body)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert value
    assert taken <= weight_of(body) <= 7 * taken + 10_000


@pytest.mark.parametrize(
    ("begin", "field", "end"),
    [
        ("{", '"{0:x}":1.{0}', "}"),
        ("[", '{{"{0:x}" : 1.{0}}}', "]"),
        ("[", '{{"{0:x}a":1.{0},"{0:x}b":1.{0},"{0:x}c":1.{0}}}', "]"),
        ("{", '"é{0:x}":"é{0:x}"', "}"),
        ("{", '"\\ud83d\\ude00{0:x}":"\\ud83d\\ude00{0:x}"', "}"),
        ('{"n":NaN,"b":' + "9" * 5000 + ",", '"{0:x}":{0}', "}"),
    ],
)
def test_objects_whose_names_are_all_different_take_no_more_than_their_weight(
    begin: str, field: str, end: str
) -> None:
    body = (begin + ",".join(field.format(number) for number in range(10_000)) + end).encode()
    tracemalloc.start()
    try:
        value = parsed(body)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert value
    assert taken <= weight_of(body)
