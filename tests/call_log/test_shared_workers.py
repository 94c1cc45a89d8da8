"""Where calls are fetched beside their log, days to come leave room for them."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, cast

import pytest

from tap_vcclive.call_log.hours import CallsByHour
from tap_vcclive.cdr.messages import CALLS
from tap_vcclive.fetching.lookahead import Later
from tap_vcclive.fetching.prefetch import Room
from tap_vcclive.fetching.report import Report
from tests.call_log.logs import settings

if TYPE_CHECKING:
    from tap_vcclive.api.client import Client

LOGGER = logging.getLogger("tests.shared_workers")


class Silent:
    """A client that is not answered before the test is over."""

    def __init__(self) -> None:
        """Begin with no thread that asks."""
        self.over = threading.Event()

    def get(self, _resource: str, **_: object) -> None:
        """Wait."""
        self.over.wait(60)


@pytest.mark.parametrize(("together", "of_log"), [(8, 4), (2, 1), (1, 1)])
def test_days_to_come_take_half_of_the_requests_in_flight(together: int, of_log: int) -> None:
    client = Silent()
    of = settings("http://127.0.0.1:1", max_concurrency=together, start_date="2024-03-04")
    before = set(threading.enumerate())
    calls = CallsByHour(of, cast("Client", client), LOGGER, Room())
    calls.begin({})
    try:
        hours = calls.hours(Report(LOGGER, CALLS, None))
        assert isinstance(next(hours), Later)
        assert len(set(threading.enumerate()) - before) == of_log
    finally:
        client.over.set()
