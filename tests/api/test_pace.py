"""When requests leave: evenly, and none during a pause; on a clock of the test's own."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.api.errors import PassingFaultError
from tap_vcclive.api.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Clock:
    """A clock that moves on when somebody sleeps, and at once."""

    def __init__(self) -> None:
        """Begin somewhere, as the monotonic clock does."""
        self.now = 1000.0
        self.while_asleep: Callable[[], object] | None = None

    def monotonic(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let the time pass, and something happen meanwhile."""
        assert seconds >= 0
        until = self.now + seconds
        if self.while_asleep is not None:
            meanwhile, self.while_asleep = self.while_asleep, None
            self.now += seconds / 2
            meanwhile()
        self.now = max(self.now, until)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Put a clock in the place of the real one."""
    new = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tap_vcclive.api.pace.time.monotonic", new.monotonic)
        patch.setattr("tap_vcclive.api.pace.time.sleep", new.sleep)
        yield new


def departures(clock: Clock, pace: Pace, number: int) -> list[float]:
    """Return when so many requests leave, counted from the beginning."""
    times = []
    for _ in range(number):
        pace.wait()
        times.append(clock.now - 1000)
    return times


def test_without_a_bound_nothing_waits(clock: Clock) -> None:
    assert departures(clock, Pace(None), 100) == [0.0] * 100


@pytest.mark.parametrize(("bound", "apart"), [(1, 60.0), (60, 1.0), (240, 0.25)])
def test_requests_leave_evenly(clock: Clock, bound: int, apart: float) -> None:
    assert departures(clock, Pace(bound), 5) == [i * apart for i in range(5)]


def test_time_that_was_not_used_is_not_made_up_for(clock: Clock) -> None:
    pace = Pace(60)
    departures(clock, pace, 2)
    clock.now = 1100.0
    assert departures(clock, pace, 3) == [100.0, 101.0, 102.0]


@given(st.integers(1, 600), st.lists(st.floats(0, 5), min_size=2, max_size=80))
@settings(max_examples=60, deadline=None)
def test_no_minute_has_more_requests_than_allowed(bound: int, works: list[float]) -> None:
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tap_vcclive.api.pace.time.monotonic", clock.monotonic)
        patch.setattr("tap_vcclive.api.pace.time.sleep", clock.sleep)
        pace = Pace(bound)
        times = []
        for work in works:
            times += departures(clock, pace, 1)
            clock.now += work
    for first, following in zip(times, times[bound:], strict=False):
        assert following - first >= 60 - 1e-6
    for one, other in pairwise(times):
        assert other - one >= 60 / bound - 1e-6


def test_a_pause_holds_back_what_comes_next(clock: Clock) -> None:
    pace = Pace(None)
    departures(clock, pace, 3)
    pace.pause(30)
    assert departures(clock, pace, 3) == [30.0] * 3


def test_after_a_pause_requests_leave_evenly(clock: Clock) -> None:
    pace = Pace(60)
    departures(clock, pace, 1)
    pace.pause(30)
    assert departures(clock, pace, 3) == [30.0, 31.0, 32.0]


def test_a_pause_holds_back_those_already_waiting(clock: Clock) -> None:
    pace = Pace(1)
    departures(clock, pace, 1)
    clock.while_asleep = lambda: pace.pause(100)
    # Began to wait at 0 for its turn at 60; the pause came at 30 and lasts until 130.
    assert departures(clock, pace, 1)[0] >= 130.0
    assert clock.while_asleep is None


def test_a_pause_that_ends_before_a_turn_does_not_move_it(clock: Clock) -> None:
    pace = Pace(1)
    departures(clock, pace, 1)
    pace.pause(10)
    assert departures(clock, pace, 2) == [60.0, 120.0]


@given(st.lists(st.floats(0, 900), min_size=1, max_size=5))
@settings(max_examples=50, deadline=None)
def test_a_pause_never_shortens_another(pauses: list[float]) -> None:
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tap_vcclive.api.pace.time.monotonic", clock.monotonic)
        patch.setattr("tap_vcclive.api.pace.time.sleep", clock.sleep)
        pace = Pace(None)
        for pause in pauses:
            pace.pause(pause)
        assert departures(clock, pace, 1) == [pytest.approx(max(pauses))]


def test_a_pause_is_told_from_one_that_is_on_already(clock: Clock) -> None:
    pace = Pace(None)
    assert pace.pause(30)
    assert not pace.pause(30)
    assert not pace.pause(10)
    clock.now += 31
    assert pace.pause(10)


def test_workers_share_one_pace(clock: Clock) -> None:
    pace = Pace(60)
    workers = [threading.Thread(target=departures, args=(clock, pace, 5)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=10)
        assert not worker.is_alive()
    # Twenty have left, so the next one's turn is the twenty-first.
    assert departures(clock, pace, 1)[0] >= 20.0


def test_a_refusal_lowers_the_rate_once_for_all_that_were_in_flight(clock: Clock) -> None:
    pace = Pace(None)
    in_flight = []
    for _ in range(100):  # a hundred requests a second
        in_flight.append(pace.wait())
        clock.now += 0.01
    for left in in_flight[-10:]:
        pace.pause(1)
        pace.slow_down(left)
    first, second = departures(clock, pace, 2)
    assert first == pytest.approx(2.0)
    assert second - first == pytest.approx(1 / 90)


@pytest.mark.parametrize("bound", [5, 100, 1000])
def test_the_rate_finds_what_the_server_bears_without_a_storm_of_tries(
    clock: Clock, bound: int
) -> None:
    """A server with a bucket of a second's requests, which says Retry-After: 1 when it is empty."""
    pace, tokens, filled = Pace(None), float(bound), clock.now
    tolerated = refused = 0
    begun = clock.now
    while clock.now < begun + 300:
        left = pace.wait()
        clock.now += 0.0002  # what sending takes
        tokens, filled = min(bound, tokens + (clock.now - filled) * bound), clock.now
        if tokens >= 1:
            tokens -= 1
            tolerated += 1
        else:
            refused += 1
            pace.pause(1)
            pace.slow_down(left)
    assert tolerated > 0.75 * 300 * bound
    assert refused < 0.1 * tolerated


def test_a_rate_that_was_lowered_grows_until_it_no_longer_matters(clock: Clock) -> None:
    pace = Pace(None)
    pace.slow_down(pace.wait())
    times = departures(clock, pace, 200_000)
    assert times[-1] == times[-2]  # no bound any more
    assert times[-1] < 200


def test_pauses_of_more_than_an_hour_without_an_answer_are_not_waited_for(clock: Clock) -> None:
    pace = Pace(None)
    for _ in range(4):
        pace.wait()
        pace.pause(900)
    pace.wait()
    pace.pause(1)
    with pytest.raises(PassingFaultError, match="more than an hour"):
        pace.wait()
    assert clock.now - 1000 == 4 * 900
    clock.now += 1
    pace.wait()  # when the pause is over, nothing holds a request back


def test_pauses_with_an_answer_between_them_are_waited_for(clock: Clock) -> None:
    pace = Pace(None)
    for _ in range(10):
        pace.wait()
        pace.answered()
        pace.pause(900)
    assert clock.now - 1000 == 9 * 900


def test_pauses_of_several_workers_at_once_count_as_one(clock: Clock) -> None:
    pace = Pace(None)
    for _ in range(4):
        for _ in range(8):
            pace.pause(900)
        pace.wait()
    assert clock.now - 1000 == 4 * 900
