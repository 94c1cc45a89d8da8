"""How large an answer may be, in bytes as they are sent and as they are parsed."""

from __future__ import annotations

import gzip
import inspect
import threading
import time
import tracemalloc
from traceback import walk_stack, walk_tb

import pytest

from tap_vcclive.api.errors import (
    NoAnswerError,
    OddAnswerError,
    TooLargeError,
    TriesExhaustedError,
)
from tap_vcclive.api.parsing import weight_of
from tests.api.clients import GOOD, client_of
from tests.servers import server

MB = 1024 * 1024
CALL, PAGE = "/cdr/2026/01/x", "/cdrs/2026/01/01?start=0&num=500"


def filled(size: int) -> bytes:
    """Return an answer of so many bytes."""
    return GOOD + b" " * (size - len(GOOD))


def test_a_call_that_is_too_large_is_tried_like_any_broken_answer() -> None:
    with server(lambda _: (200, {}, filled(8 * MB))) as running:
        client = client_of(running.url, max_tries=2, request_timeout_seconds=30)
        assert client.get(CALL) == {"uuid": "x"}
        running.answer = lambda _: (200, {}, filled(8 * MB + 1))
        with pytest.raises(TriesExhaustedError, match="far too large, after 2 tries") as raised:
            client.get(CALL)
        assert raised.value.is_answer
        assert len(running.seen) == 1 + 2


@pytest.mark.parametrize("resource", [PAGE, "/users"])
def test_anything_else_has_eight_megabytes_twice(resource: str) -> None:
    largest = 8 * MB
    with server(lambda _: (200, {}, filled(largest))) as running:
        client = client_of(running.url, max_tries=6, request_timeout_seconds=30)
        assert client.get(resource) == {"uuid": "x"}
        running.answer = lambda _: (200, {}, filled(largest + 1))
        with pytest.raises(TooLargeError, match="far too large") as raised:
            client.get(resource)
        assert len(running.seen) == 1 + 2
    assert resource in str(raised.value)
    assert (client.asked, client.tries, client.answered, client.unanswered) == (2, 3, 2, 0)


def test_an_answer_that_would_be_too_large_when_parsed_is_not_parsed() -> None:
    values = 16 * MB // 226  # a bracket, a bracket and a comma, and 112 bytes for two of them
    body = b'{"response": [[]' + b",[]" * values + b"]}"
    assert len(body) < 8 * MB
    assert weight_of(body) > 16 * MB
    admitted: list[int] = []
    with server(lambda _: (200, {}, body)) as running:
        client = client_of(running.url, max_tries=6, request_timeout_seconds=30)
        with pytest.raises(TooLargeError, match="far too large"):
            client.get(PAGE, admitted.append)
        assert len(running.seen) == 2
    assert admitted == []


def test_an_answer_that_is_too_large_once_is_asked_for_again_at_once() -> None:
    answers = [filled(8 * MB + 1), GOOD]
    with server(lambda _: (200, {}, answers.pop(0))) as running:
        assert client_of(running.url, max_tries=1).get(PAGE) == {"uuid": "x"}
        assert len(running.seen) == 2


def test_an_answer_that_is_too_large_is_asked_for_twice_over_all_tries() -> None:
    large = filled(8 * MB + 1)
    answers = [(200, large), (500, b""), (200, large), (200, GOOD)]

    def answer(_: str) -> tuple[int, dict[str, str], bytes]:
        status, body = answers.pop(0)
        return status, {}, body

    with server(answer) as running, pytest.raises(TooLargeError):
        client_of(running.url, max_tries=6).get(PAGE)
    assert len(running.seen) == 3


def test_a_few_packed_bytes_take_no_memory() -> None:
    bomb = gzip.compress(bytes(200 * MB), 1)
    with server(lambda _: (200, {"Content-Encoding": "gzip"}, bomb)) as running:
        client = client_of(running.url, request_timeout_seconds=30)
        tracemalloc.start()
        try:
            with pytest.raises(TooLargeError):
                client.get(PAGE)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 3 * 8 * MB


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, NoAnswerError), (400, OddAnswerError), (500, TriesExhaustedError)],
)
def test_the_status_of_an_answer_counts_however_large_it_is(
    status: int, error: type[Exception]
) -> None:
    body = b'{"errors": ["too long to be read"], "x": "' + b"x" * MB + b'"}'
    with server(lambda _: (status, {}, body)) as running:
        client = client_of(running.url)
        with pytest.raises(error, match=f"status {status}") as raised:
            client.get(CALL)
        running.answer = lambda _: (200, {}, GOOD)
        assert client.get(CALL) == {"uuid": "x"}
    assert "too long" not in str(raised.value)


def test_an_answer_is_admitted_with_its_weight_before_it_is_parsed() -> None:
    bodies = [b'{"response": [1, 2', GOOD]
    weights = [weight_of(body) for body in bodies]
    with server(lambda _: (200, {}, bodies.pop(0))) as running:
        admitted: list[int] = []
        assert client_of(running.url, max_tries=2).get("/x", admitted.append) == {"uuid": "x"}
    assert admitted == weights


@pytest.mark.parametrize(("status", "body"), [(404, b""), (200, b""), (403, GOOD), (500, GOOD)])
def test_what_is_not_parsed_is_not_admitted(status: int, body: bytes) -> None:
    admitted: list[int] = []
    with server(lambda _: (status, {}, body)) as running:
        with pytest.raises(Exception, match="VCC Live"):
            client_of(running.url).get("/x", admitted.append)
        assert len(running.seen) == 1
    assert admitted == []


def test_an_answer_that_is_held_back_holds_up_no_other() -> None:
    held, goes_on = threading.Event(), threading.Event()
    answers: list[object] = []

    def admit(_: int) -> None:
        held.set()
        assert goes_on.wait(10)

    with server(lambda _: (200, {}, GOOD)) as running:
        client = client_of(running.url, max_concurrency=1)
        thread = threading.Thread(target=lambda: answers.append(client.get("/x", admit)))
        thread.start()
        try:
            assert held.wait(10)
            others: list[object] = []
            other = threading.Thread(target=lambda: others.append(client.get("/y")), daemon=True)
            other.start()
            other.join(10)
            assert others == [{"uuid": "x"}]
            assert answers == []
        finally:
            goes_on.set()
            thread.join()
    assert answers == [{"uuid": "x"}]


def test_while_the_next_try_is_waited_for_no_answer_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faults: list[BaseException] = []

    def sleep(_: float) -> None:
        for frame, _line in walk_stack(inspect.currentframe()):
            held = frame.f_locals.values()
            faults.extend(value for value in held if isinstance(value, BaseException))

    monkeypatch.setattr(time, "sleep", sleep)
    with server(lambda _: (200, {}, b'{"response": "\xff')) as running:
        with pytest.raises(TriesExhaustedError):
            client_of(running.url, max_tries=3).get("/x")
        assert len(running.seen) == 3
    assert len(faults) == 2
    for fault in faults:
        assert fault.__context__ is None
        for frame, _ in walk_tb(fault.__traceback__):
            assert not {"body", "answer"} & frame.f_locals.keys()
