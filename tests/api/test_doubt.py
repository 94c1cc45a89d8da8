"""A server that has answered another stream nothing gets a few tries, and then no more."""

from __future__ import annotations

import logging

import pytest

from tap_vcclive.api.client import Client
from tap_vcclive.api.errors import ServerFailsError, TriesExhaustedError
from tests.call_log.logs import settings
from tests.servers import server

Answer = tuple[int, dict[str, str], bytes]

LOGGER = logging.getLogger("tests.doubt")
WELL: Answer = (200, {}, b'{"response": {}, "errors": []}')
DOWN: Answer = (500, {}, b"")


def test_three_tries_are_enough_where_nothing_is_answered() -> None:
    with server(lambda _: DOWN) as down:
        client = Client(settings(down.url, max_tries=5), LOGGER, is_in_doubt=True)
        for resource in ("/a", "/b"):
            with pytest.raises(TriesExhaustedError, match="after 1 try"):
                client.get(resource)
        with pytest.raises(ServerFailsError, match="does not answer /c: status 500, after 1 try"):
            client.get("/c")
    assert len(down.seen) == 3


def test_an_answer_takes_the_doubt_away() -> None:
    answers = [DOWN, DOWN, WELL, *[DOWN] * 40]
    with server(lambda _: answers.pop(0)) as weak:
        client = Client(settings(weak.url, max_tries=2), LOGGER, is_in_doubt=True)
        for _ in range(2):
            with pytest.raises(TriesExhaustedError, match="after 1 try"):
                client.get("/a")
        assert client.get("/a") == {}
        with pytest.raises(TriesExhaustedError, match="after 2 tries"):
            client.get("/a")
        for _ in range(10):
            with pytest.raises(TriesExhaustedError):
                client.get("/a")
