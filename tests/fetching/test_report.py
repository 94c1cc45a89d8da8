"""A run is told in few lines: never a line a call, and of each kind of notice the first few."""

from __future__ import annotations

import logging
import re

import pytest

from tap_vcclive.cdr.messages import CALLS
from tap_vcclive.fetching.report import Report, duration

LOGGER = logging.getLogger("tests.reporting")


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        """Begin somewhere, as the monotonic clock does."""
        self.now = 5000.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Put a clock in the place of the real one."""
    new = Clock()
    monkeypatch.setattr("tap_vcclive.fetching.report.time.monotonic", new.monotonic)
    return new


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Catch every line."""
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (40, "40 s"),
        (99, "99 s"),
        (100, "2 min"),
        (12 * 60, "12 min"),
        (99 * 60, "99 min"),
        (100 * 60, "1 h 40 min"),
        (200 * 60, "3 h 20 min"),
        (120 * 60, "2 h 0 min"),
        (100 * 3600, "100 h 0 min"),
    ],
)
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_durations_grow_with_the_seconds() -> None:
    units = {"s": 1, "min": 60, "h": 3600}
    last = 0
    for seconds in range(0, 20_000, 7):
        parts = re.findall(r"(\d+) (s|min|h)", duration(seconds))
        read = sum(int(number) * units[unit] for number, unit in parts)
        assert abs(read - seconds) <= 30
        assert read >= last - 30
        last = read


@pytest.mark.usefixtures("clock")
def test_calls_in_the_same_moment_make_no_line(log: pytest.LogCaptureFixture) -> None:
    report = Report(LOGGER, CALLS, 10_000)
    for _ in range(10_000):
        report.handled(0)
    assert not log.records


def test_a_run_is_told_every_ten_seconds_however_many_calls(
    log: pytest.LogCaptureFixture, clock: Clock
) -> None:
    report = Report(LOGGER, CALLS, 100_000)
    for _ in range(10_000):
        clock.now += 0.01
        report.handled(3)
    assert 9 <= len(log.records) <= 10
    assert {record.levelno for record in log.records} == {logging.INFO}


def test_a_line_says_how_far_the_run_is_and_how_long_it_takes(
    log: pytest.LogCaptureFixture, clock: Clock
) -> None:
    report = Report(LOGGER, CALLS, 61_000)
    for _ in range(999):
        report.handled(0)
    clock.now += 10
    report.handled(1_234)
    assert log.messages == ["1,000 of 61,000 calls, 100 a second, about 10 min left, 1,234 pending"]


def test_more_calls_than_expected_leave_nothing(
    log: pytest.LogCaptureFixture, clock: Clock
) -> None:
    report = Report(LOGGER, CALLS, 1)
    report.handled(0)
    clock.now += 10
    report.handled(0)
    assert "about 0 s left" in log.text


def test_of_each_kind_of_notice_the_first_are_told_and_the_rest_counted(
    log: pytest.LogCaptureFixture, clock: Clock
) -> None:
    report = Report(LOGGER, CALLS, 5_000)
    for number in range(2_500):
        report.notice("Odd answers", logging.WARNING, f"odd {number}")
    for number in range(11):
        report.notice("Calls given up", logging.ERROR, f"given up {number}")
    for number in range(10):
        report.notice("Rare", logging.WARNING, f"rare {number}")
    assert log.messages == [
        f"{kind} {number}" for kind in ("odd", "given up", "rare") for number in range(10)
    ]
    assert [record.levelno for record in log.records][9:11] == [logging.WARNING, logging.ERROR]
    log.clear()
    clock.now += 2.5
    report.close("2,511 calls loaded")
    assert len(log.messages) == 3
    odd, given_up, last = log.messages
    assert odd.startswith("Odd answers: 2,500 in all")
    assert given_up.startswith("Calls given up: 11 in all")
    assert last == "2,511 calls loaded in 2.5 seconds"
    assert [record.levelno for record in log.records[:2]] == [logging.WARNING] * 2


@pytest.mark.usefixtures("clock")
def test_what_a_notice_says_is_no_pattern(log: pytest.LogCaptureFixture) -> None:
    report = Report(LOGGER, CALLS, 1)
    report.notice("Odd answers", logging.WARNING, "100 %s %d %")
    report.close("50 %")
    assert log.messages == ["100 %s %d %", "50 % in 0.0 seconds"]
