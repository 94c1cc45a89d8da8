"""Answers fetched ahead: in order, bounded, errors in their turn, and no worker left behind."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.fetching.lookahead import LookAhead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LONG = 10.0


def assert_no_worker_is_left(before: set[threading.Thread]) -> None:
    """Wait for the threads that have been started since to end."""
    deadline = time.monotonic() + LONG
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=max(0.0, deadline - time.monotonic()))
        assert not thread.is_alive()


@pytest.fixture(autouse=True)
def _no_worker_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert_no_worker_is_left(before)


class Gates:
    """Lets fetches end only when told to, in any order."""

    def __init__(self) -> None:
        """Begin with all of them shut."""
        self.changed = threading.Condition()
        self.begun: list[int] = []
        self.open: set[int] = set()
        self.most = self.busy = 0

    def fetch(self, item: int) -> int:
        """Return the item's result once its gate is open."""
        with self.changed:
            self.begun.append(item)
            self.busy += 1
            self.most = max(self.most, self.busy)
            self.changed.notify_all()
            assert self.changed.wait_for(lambda: item in self.open, LONG)
            self.busy -= 1
        return item * 10

    def let(self, items: Iterable[int]) -> None:
        """Open gates."""
        with self.changed:
            self.open.update(items)
            self.changed.notify_all()

    def wait_until_begun(self, number: int) -> None:
        """Wait until so many fetches have begun."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.begun) >= number, LONG)


def test_nothing_is_nothing() -> None:
    before = threading.active_count()
    assert list(LookAhead(str, [], workers=4, ahead=8)) == []
    assert threading.active_count() == before


def test_each_item_comes_with_its_result() -> None:
    assert list(LookAhead(str, range(100), workers=8, ahead=64)) == [
        (i, str(i)) for i in range(100)
    ]


def test_nothing_is_fetched_or_taken_before_the_first_is_asked_for() -> None:
    taken: list[int] = []
    look_ahead = LookAhead(str, (taken.append(i) or i for i in range(9)), workers=2, ahead=4)  # type: ignore[func-returns-value]
    iteration = iter(look_ahead)
    assert taken == []
    next(iteration)
    assert taken[:4] == [0, 1, 2, 3]
    look_ahead.stop()
    assert list(iteration) == []


def test_a_slow_answer_holds_back_those_behind_it_which_are_fetched_meanwhile() -> None:
    gates = Gates()
    gates.let([1, 2, 3, 4, 5])
    got: list[tuple[int, int]] = []
    look_ahead = LookAhead(gates.fetch, range(6), workers=2, ahead=4)
    reader = threading.Thread(target=lambda: got.extend(look_ahead))
    reader.start()
    # One worker is held by the first item, the other goes on to the end of what may be ahead.
    gates.wait_until_begun(4)
    assert got == []
    gates.let([0])
    reader.join(LONG)
    assert got == [(i, i * 10) for i in range(6)]
    assert gates.begun[:4] == [0, 1, 2, 3]


@given(st.permutations(range(8)), st.integers(1, 5), st.integers(1, 5), st.integers(0, 8))
@settings(max_examples=60, deadline=None)
def test_the_order_is_kept_and_the_bounds_hold_whatever_is_answered_first(
    order: list[int], workers: int, ahead: int, number: int
) -> None:
    before = set(threading.enumerate())
    gates = Gates()
    handed_out: list[int] = []
    beyond: list[int] = []

    def items() -> Iterator[int]:
        for item in range(number):
            # What is taken and not yet handed out, this one and the one in hand with it.
            beyond.append(item + 1 - len(handed_out))
            yield item

    def open_gates() -> None:
        for item in order:
            gates.let([item])

    opener = threading.Thread(target=open_gates)
    opener.start()
    for item, result in LookAhead(gates.fetch, items(), workers=workers, ahead=ahead):
        handed_out.append(item)
        assert result == item * 10
    opener.join(LONG)
    assert handed_out == list(range(number))
    assert sorted(gates.begun) == handed_out
    assert gates.most <= min(workers, ahead)
    # While one is on its way to be handed out, the others are `ahead` at the most.
    assert all(number <= ahead + 1 for number in beyond)
    assert_no_worker_is_left(before)


def test_all_workers_are_at_work_at_the_same_time_and_no_more() -> None:
    gates = Gates()
    look_ahead = LookAhead(gates.fetch, range(20), workers=3, ahead=12)
    reader = threading.Thread(target=lambda: list(look_ahead))
    reader.start()
    gates.wait_until_begun(3)
    time.sleep(0.05)  # one worker too many would have begun by now
    assert gates.busy == 3
    gates.let(range(20))
    reader.join(LONG)
    assert gates.most == 3


def test_no_more_is_taken_than_is_allowed_to_be_ahead() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken

    with closing(iter(LookAhead(abs, items(), workers=4, ahead=6))) as iteration:
        for handed_out in range(1, 50):
            next(iteration)
            assert taken <= handed_out + 6


class OddError(Exception):
    """What a fetch of a test raises."""


@pytest.mark.parametrize("error", [OddError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("bad", [0, 1, 5, 19])
def test_an_error_comes_in_its_turn_and_after_the_earlier_items(
    bad: int, error: type[BaseException]
) -> None:
    def fetch(item: int) -> int:
        if item == bad:
            raise error
        time.sleep(0.001)
        return item

    got = []
    with pytest.raises(error):  # noqa: PT012 - what comes before matters
        for item, _ in LookAhead(fetch, range(20), workers=4, ahead=8):
            got.append(item)
    assert got == list(range(bad))


def test_an_error_is_raised_as_it_is() -> None:
    error = OddError("as it is")

    def fetch(_: int) -> int:
        raise error

    with pytest.raises(OddError) as caught:
        list(LookAhead(fetch, [1], workers=1, ahead=1))
    assert caught.value is error


def test_what_the_items_raise_comes_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield from range(5)
        raise OddError

    got = []
    with pytest.raises(OddError):  # noqa: PT012 - what comes before matters
        for item, _ in LookAhead(abs, items(), workers=2, ahead=3):
            got.append(item)
    assert got == list(range(5))


def test_closing_early_leaves_no_worker_and_fetches_no_more() -> None:
    gates = Gates()
    gates.let([0])
    before = set(threading.enumerate())
    iteration = iter(LookAhead(gates.fetch, range(100), workers=2, ahead=50))
    assert next(iteration) == (0, 0)
    gates.wait_until_begun(3)
    iteration.close()
    gates.let(range(100))
    assert_no_worker_is_left(before)
    # Those that were under way ended; the others never began.
    assert len(gates.begun) <= 3


def test_closing_does_not_wait_for_what_is_in_flight() -> None:
    gates = Gates()
    gates.let([0])
    iteration = iter(LookAhead(gates.fetch, range(10), workers=2, ahead=4))
    next(iteration)
    gates.wait_until_begun(3)
    iteration.close()
    assert gates.busy == 2
    gates.let(range(10))


def test_workers_do_not_hold_up_the_end_of_the_process() -> None:
    gates = Gates()
    before = set(threading.enumerate())
    gates.let([0])
    with closing(iter(LookAhead(gates.fetch, range(10), workers=3, ahead=6))) as iteration:
        next(iteration)
        assert {thread.daemon for thread in set(threading.enumerate()) - before} == {True}
        gates.let(range(10))


def test_stop_from_another_thread_ends_a_wait() -> None:
    gates = Gates()
    gates.let([0, 2])
    look_ahead = LookAhead(gates.fetch, range(10), workers=2, ahead=4)
    got: list[tuple[int, int]] = []
    reader = threading.Thread(target=lambda: got.extend(look_ahead))
    reader.start()
    gates.wait_until_begun(3)
    look_ahead.stop()
    reader.join(LONG)
    assert not reader.is_alive()
    assert look_ahead.stopped
    # The second is in flight still: it is not waited for, and the third is not handed out early.
    assert got in ([], [(0, 0)])  # the first, if the reader had taken it by then
    gates.let(range(10))


def test_stop_between_two_items_ends_with_the_one_in_hand() -> None:
    look_ahead = LookAhead(abs, range(100), workers=2, ahead=4)
    got = []
    for item, _ in look_ahead:
        got.append(item)
        if item == 7:
            look_ahead.stop()
    assert got == list(range(8))


def test_stop_before_the_first_item_hands_out_nothing() -> None:
    fetched: list[int] = []
    fetch: Callable[[int], Any] = fetched.append
    look_ahead = LookAhead(fetch, range(9), workers=2, ahead=4)
    look_ahead.stop()
    assert list(look_ahead) == []
    assert fetched == []
