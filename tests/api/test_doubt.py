"""A server that has answered another stream nothing gets a few tries, and then no more."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tap_vcclive.api.client import Client
from tap_vcclive.api.errors import ServerFailsError, TriesExhaustedError
from tap_vcclive.api.server import Server
from tests.call_log.logs import settings
from tests.servers import server

Answer = tuple[int, dict[str, str], bytes]

LOGGER = logging.getLogger("tests.doubt")
WELL: Answer = (200, {}, b'{"response": {}, "errors": []}')
DOWN: Answer = (500, {}, b"")


def client_in_doubt(api_url: str, **changes: object) -> Client:
    """Return a client of a stream that comes after one which had no answer."""
    of = settings(api_url, **changes)
    known = Server(of)
    known.is_in_doubt = True
    return Client(of, LOGGER, known)


def test_three_tries_are_enough_where_nothing_is_answered() -> None:
    with server(lambda _: DOWN) as down:
        client = client_in_doubt(down.url, max_tries=5)
        for resource in ("/a", "/b"):
            with pytest.raises(TriesExhaustedError, match="after 1 try"):
                client.get(resource)
        with pytest.raises(ServerFailsError, match="does not answer /c: status 500, after 1 try"):
            client.get("/c")
    assert len(down.seen) == 3


def test_an_answer_takes_the_doubt_away() -> None:
    answers = [DOWN, DOWN, WELL, *[DOWN] * 40]
    with server(lambda _: answers.pop(0)) as weak:
        client = client_in_doubt(weak.url, max_tries=2)
        for _ in range(2):
            with pytest.raises(TriesExhaustedError, match="after 1 try"):
                client.get("/a")
        assert client.get("/a") == {}
        with pytest.raises(TriesExhaustedError, match="after 2 tries"):
            client.get("/a")
        for _ in range(10):
            with pytest.raises(TriesExhaustedError):
                client.get("/a")


def test_one_pace_holds_for_all_streams() -> None:
    """What a stream has been told to wait, the next one waits as well."""
    with server(lambda _: WELL) as well:
        of = settings(well.url)
        known = Server(of)
        first, second = Client(of, LOGGER, known), Client(of, LOGGER, known)
        first.get("/a")
        assert known.pace.pause(0.5)
        begun = time.monotonic()
        second.get("/b")
        assert time.monotonic() - begun >= 0.4


def test_one_bound_holds_for_the_requests_of_all_streams() -> None:
    under_way, most = Counter[str](), []
    lock = threading.Lock()

    def answer(_: object) -> Answer:
        with lock:
            under_way["now"] += 1
            most.append(under_way["now"])
        time.sleep(0.02)
        with lock:
            under_way["now"] -= 1
        return WELL

    with server(answer) as busy:
        of = settings(busy.url, max_concurrency=2)
        known = Server(of)
        clients = [Client(of, LOGGER, known) for _ in range(3)]
        with ThreadPoolExecutor(max_workers=6) as threads:
            list(threads.map(lambda number: clients[number % 3].get("/a"), range(18)))
    assert max(most) == 2
