"""When the time of a run is over, and how much of it is left."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tap_vcclive import clock
from tap_vcclive.stopping import TimeLimit

if TYPE_CHECKING:
    from collections.abc import Callable


def test_what_is_to_be_done_later_is_done_by_a_thread_that_no_process_waits_for() -> None:
    threads: list[threading.Thread] = []
    is_done = threading.Event()

    def do() -> None:
        threads.append(threading.current_thread())
        is_done.set()

    clock.later(0.001, do)
    assert is_done.wait(60)
    assert [thread.daemon for thread in threads] == [True]


@pytest.fixture
def alarms(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, Callable[[], None]]]:
    """Return the alarms that are set, on a clock that says how many there are, in minutes."""
    alarms: list[tuple[float, Callable[[], None]]] = []
    monkeypatch.setattr(clock, "later", lambda seconds, do: alarms.append((seconds, do)))
    return alarms


def test_the_clock_begins_with_the_first_stream_and_runs_for_all_of_them(
    alarms: list[tuple[float, Callable[[], None]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(clock, "monotonic", lambda: now)
    limit = TimeLimit(timedelta(minutes=10))
    assert limit.is_half_left
    limit.begin(lambda: None)
    now += 300
    limit.begin(lambda: None)
    assert [seconds for seconds, _ in alarms] == [600]
    assert limit.is_half_left
    now += 1
    assert not limit.is_half_left


def test_without_a_limit_no_alarm_is_set(alarms: list[tuple[float, Callable[[], None]]]) -> None:
    limit = TimeLimit(None)
    limit.begin(lambda: None)
    assert limit.is_half_left
    assert alarms == []
