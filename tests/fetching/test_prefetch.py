"""Results fetched side by side: whose turn it is, how much is in hand, and how it all ends."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.fetching.prefetch import Prefetch, Room, Slot, fetched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONG = 10.0


@pytest.fixture(autouse=True)
def _no_worker_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + LONG
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=max(0.0, deadline - time.monotonic()))
        assert not thread.is_alive()


class Fetches:
    """Fetches items that take up room, each only when it may begin.

    Attributes:
        begun: The items whose fetch has begun, in order.
        admitted: Those that have been let into the room, in order.
    """

    def __init__(self, room: Room, sizes: dict[int, int], held: tuple[int, ...] = ()) -> None:
        """Keep how many bytes each item takes, and which are held until they are let go."""
        self.room = room
        self.sizes = sizes
        self.changed = threading.Condition()
        self.held = set(held)
        self.begun: list[int] = []
        self.admitted: list[int] = []

    def fetch(self, item: int) -> int:
        """Return a result once there is room for it."""
        with self.changed:
            self.begun.append(item)
            self.changed.notify_all()
            assert self.changed.wait_for(lambda: item not in self.held, LONG)
        self.room.admit(self.sizes.get(item, 1))
        with self.changed:
            self.admitted.append(item)
            self.changed.notify_all()
        return item * 10

    def let(self, item: int) -> None:
        """Let an item go that is held."""
        with self.changed:
            self.held.discard(item)
            self.changed.notify_all()

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        with self.changed:
            assert self.changed.wait_for(is_so, LONG)


@contextmanager
def closing_all(prefetch: Prefetch[int, int], fetches: Fetches) -> Iterator[None]:
    """Let everything go in the end."""
    try:
        yield
    finally:
        prefetch.close()
        with fetches.changed:
            fetches.held.clear()
            fetches.changed.notify_all()


def wait_for(prefetch: Prefetch[int, int], slot: Slot[int, int]) -> int:
    """Return the result of a slot, waited for as a reader does."""
    deadline = time.monotonic() + LONG
    while not slot.is_ready:
        assert time.monotonic() < deadline
        prefetch.wait(prefetch.room.arrivals, slot)
    if slot.error:
        raise slot.error
    return slot.result


def is_blocked(room: Room, number: int) -> Callable[[], bool]:
    """Return a question: whether so many workers wait for room."""
    return lambda: room.waiting == number


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so that tells nobody when it comes."""
    deadline = time.monotonic() + LONG
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_no_worker_is_started_before_there_is_an_item() -> None:
    before = threading.active_count()
    prefetch: Prefetch[int, str] = Prefetch(str, workers=4)
    assert threading.active_count() == before
    prefetch.close()


def test_no_more_workers_are_started_than_there_are_items() -> None:
    fetches = Fetches(Room(), {}, held=(1, 2))
    prefetch = Prefetch(fetches.fetch, workers=8, room=fetches.room)
    before = threading.active_count()
    with closing_all(prefetch, fetches):
        for item in (1, 2):
            prefetch.submit(item)
        fetches.wait_for(lambda: len(fetches.begun) == 2)
        assert threading.active_count() == before + 2


def test_what_has_the_lower_turn_is_fetched_first_and_else_what_came_first() -> None:
    fetches = Fetches(Room(), {}, held=(0,))
    prefetch = Prefetch(fetches.fetch, workers=1, room=fetches.room)
    with closing_all(prefetch, fetches):
        prefetch.submit(0)
        fetches.wait_for(lambda: fetches.begun == [0])
        turns = {1: (2, 0), 2: (1, 500), 3: (1, 0), 4: (2, 0), 5: (0,), 6: (1, 0)}
        slots = [prefetch.submit(item, turn) for item, turn in turns.items()]
        fetches.let(0)
        assert [wait_for(prefetch, slot) for slot in slots] == [item * 10 for item in turns]
        assert fetches.begun == [0, 5, 3, 6, 2, 1, 4]


def test_what_is_in_hand_is_what_has_not_been_taken() -> None:
    prefetch: Prefetch[int, str] = Prefetch(str, workers=2)
    slots = [prefetch.submit(item) for item in range(3)]
    assert prefetch.in_hand == 3
    prefetch.taken(slots[1])
    assert prefetch.in_hand == 2
    prefetch.close()
    assert prefetch.in_hand == 0


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_what_a_fetch_raises_is_kept_for_whoever_takes_it(error: type[BaseException]) -> None:
    def fail(_: int) -> int:
        raise error

    prefetch = Prefetch(fail, workers=1)
    slots = [prefetch.submit(item) for item in range(3)]
    for slot in slots:
        with pytest.raises(error):
            wait_for(prefetch, slot)
    prefetch.close()


def test_results_in_hand_take_no_more_than_there_is_room_for() -> None:
    fetches = Fetches(Room(10), dict.fromkeys(range(6), 4))
    prefetch = Prefetch(fetches.fetch, workers=6, room=fetches.room)
    with closing_all(prefetch, fetches):
        slots = [prefetch.submit(item) for item in range(6)]
        until(is_blocked(fetches.room, 4))
        assert len(fetches.admitted) == 2
        # Each that is taken lets the next one in.
        for number in (3, 4):
            ready = next(slot for slot in slots if slot.is_ready)
            slots.remove(ready)
            prefetch.taken(ready)
            fetches.wait_for(lambda number=number: len(fetches.admitted) == number)  # type: ignore[misc]
            until(is_blocked(fetches.room, 6 - number))


def test_what_is_larger_than_the_room_is_let_in_when_there_is_nothing_else() -> None:
    fetches = Fetches(Room(10), {1: 100, 2: 100})
    prefetch = Prefetch(fetches.fetch, workers=2, room=fetches.room)
    with closing_all(prefetch, fetches):
        slots = [prefetch.submit(item) for item in (1, 2)]
        until(is_blocked(fetches.room, 1))
        (ready,) = [slot for slot in slots if slot.is_ready]
        prefetch.taken(ready)
        fetches.wait_for(lambda: len(fetches.admitted) == 2)


def test_what_somebody_waits_for_is_let_in_at_once() -> None:
    fetches = Fetches(Room(10), {0: 8, 1: 8, 2: 8}, held=(1, 2))
    prefetch = Prefetch(fetches.fetch, workers=3, room=fetches.room)
    with closing_all(prefetch, fetches):
        slots = [prefetch.submit(item) for item in range(3)]
        until(lambda: slots[0].is_ready)
        fetches.let(2)
        until(is_blocked(fetches.room, 1))
        fetches.let(1)
        until(is_blocked(fetches.room, 2))
        assert wait_for(prefetch, slots[1]) == 10
        assert fetches.admitted == [0, 1]  # and no other with it


def test_the_parts_of_one_result_take_room_together() -> None:
    room = Room(10)

    def fetch(item: int) -> int:
        for _ in range(3):
            room.admit(3)
        return item

    prefetch = Prefetch(fetch, workers=1, room=room)
    slots = [prefetch.submit(item) for item in range(2)]
    until(is_blocked(room, 1))
    assert [slot.size for slot in slots] == [9, 0]
    prefetch.taken(slots[0])
    assert wait_for(prefetch, slots[1]) == 1
    prefetch.close()


def test_threads_that_fetch_nothing_ahead_are_never_held_back() -> None:
    room = Room(10)
    for _ in range(3):
        room.admit(8)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_what_is_needed_now_does_not_wait_behind_workers_that_wait_for_room(workers: int) -> None:
    """Nobody would make room before it comes, and nobody would fetch it before there is room."""
    fetches = Fetches(Room(10), dict.fromkeys(range(9), 6))
    prefetch = Prefetch(fetches.fetch, workers=workers, room=fetches.room)
    with closing_all(prefetch, fetches):
        later = [prefetch.submit(item, (5,)) for item in range(1 + workers)]
        until(is_blocked(fetches.room, workers))
        assert len(fetches.begun) == 1 + workers
        now = prefetch.submit(8, (1,))
        assert wait_for(prefetch, now) == 80
        # Not all of the others are let in for it.
        assert len(fetches.admitted) == 3
        prefetch.taken(now)
        assert [wait_for(prefetch, slot) for slot in later] == [
            item * 10 for item in range(1 + workers)
        ]


def test_one_room_is_shared_and_what_is_needed_now_comes_whoever_fills_it() -> None:
    room = Room(10)
    some, others = (Fetches(room, dict.fromkeys(range(9), 6)) for _ in range(2))
    one = Prefetch(some.fetch, workers=2, room=room)
    other = Prefetch(others.fetch, workers=1, room=room)
    with closing_all(one, some), closing_all(other, others):
        for item in range(3):
            one.submit(item, (item,))
        until(is_blocked(room, 2))
        other.submit(0)
        until(is_blocked(room, 3))
        assert wait_for(other, other.submit(1, (-1,))) == 10


@given(
    sizes=st.lists(st.integers(0, 12), min_size=1, max_size=12),
    turns=st.lists(st.integers(0, 3), min_size=12, max_size=12),
    workers=st.integers(1, 4),
    order=st.permutations(range(12)),
)
@settings(max_examples=100, deadline=None)
def test_whatever_is_waited_for_in_whatever_order_comes(
    sizes: list[int], turns: list[int], workers: int, order: list[int]
) -> None:
    fetches = Fetches(Room(10), dict(enumerate(sizes)))
    prefetch = Prefetch(fetches.fetch, workers=workers, room=fetches.room)
    with closing_all(prefetch, fetches):
        slots = [prefetch.submit(item, (turns[item],)) for item in range(len(sizes))]
        for item in order:
            if item < len(sizes):
                assert wait_for(prefetch, slots[item]) == item * 10
                prefetch.taken(slots[item])
        assert sorted(fetches.begun) == list(range(len(sizes)))
    assert (fetches.room.used, fetches.room.waiting) == (0, 0)


@pytest.mark.parametrize("workers", [1, 3])
def test_closing_lets_workers_go_that_wait_for_room(workers: int) -> None:
    fetches = Fetches(Room(10), dict.fromkeys(range(20), 8))
    prefetch = Prefetch(fetches.fetch, workers=workers, room=fetches.room)
    for item in range(20):
        prefetch.submit(item)
    until(is_blocked(fetches.room, workers))
    begun = len(fetches.begun)
    prefetch.close()
    until(lambda: (fetches.room.used, fetches.room.waiting) == (0, 0))
    assert len(fetches.begun) <= begun  # no other is begun


def test_closing_drops_what_is_in_flight_and_what_waits_for_a_worker() -> None:
    fetches = Fetches(Room(10), dict.fromkeys(range(4), 8), held=(0, 1))
    prefetch = Prefetch(fetches.fetch, workers=2, room=fetches.room)
    slots = [prefetch.submit(item) for item in range(4)]
    fetches.wait_for(lambda: len(fetches.begun) == 2)
    prefetch.wait(0, slots[3])  # it is needed, and has not begun
    prefetch.close()
    for item in (0, 1):
        fetches.let(item)
    until(lambda: all(slot.is_ready for slot in slots[:2]))
    until(lambda: fetches.room.used == 0)
    assert sorted(fetches.begun) == [0, 1]


def test_after_closing_the_room_serves_others() -> None:
    room = Room(10)
    fetches = Fetches(room, dict.fromkeys(range(4), 8), held=(0,))
    prefetch = Prefetch(fetches.fetch, workers=1, room=room)
    with closing_all(prefetch, fetches):
        prefetch.submit(0)
        prefetch.wait(0, prefetch.submit(1))
    again = Fetches(room, dict.fromkeys(range(4), 8))
    prefetch = Prefetch(again.fetch, workers=2, room=room)
    with closing_all(prefetch, again):
        for item in range(3):
            prefetch.submit(item)
        until(is_blocked(room, 2))
        assert len(again.admitted) == 1


def test_a_wait_lasts_for_a_moment_only_so_that_a_signal_is_heard() -> None:
    fetches = Fetches(Room(), {}, held=(1,))
    prefetch = Prefetch(fetches.fetch, workers=1, room=fetches.room)
    with closing_all(prefetch, fetches):
        slot = prefetch.submit(1)
        for _ in range(3):
            prefetch.wait(prefetch.room.arrivals, slot)  # returns, though it does not come
        assert not slot.is_ready


def test_what_has_arrived_since_it_was_looked_at_is_not_waited_for() -> None:
    prefetch: Prefetch[int, str] = Prefetch(str, workers=1)
    seen = prefetch.room.arrivals
    slot = prefetch.submit(1)
    until(lambda: slot.is_ready)
    assert prefetch.room.arrivals == seen + 1
    prefetch.room.wait(seen)
    prefetch.close()


def test_one_result_is_fetched_by_a_worker_and_what_it_raises_is_raised() -> None:
    names: list[str] = []

    def fetch() -> int:
        names.append(threading.current_thread().name)
        return 7

    assert fetched(fetch, lambda: False) == 7
    assert names == ["fetch-1"]

    def fail() -> int:
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        fetched(fail, lambda: False)


def test_one_result_is_not_waited_for_when_told_to_stop() -> None:
    gate = threading.Event()
    begun = threading.Event()

    def fetch() -> int:
        begun.set()
        gate.wait(LONG)
        return 7

    assert fetched(fetch, begun.is_set) is None
    gate.set()
