"""Results fetched ahead by a few workers, taken one by one, and bounded in bytes.

Knows neither Singer nor VCC Live. The workers are daemon threads of our own rather than a
`ThreadPoolExecutor`, which the interpreter joins when it exits: a run that is told to stop would
wait for every request in flight. Whoever takes results never waits for longer than a moment at a
time, so that a signal is heard.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from itertools import count
from queue import PriorityQueue
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

# What parsed answers in hand may take, as estimated from their bodies.
_MOST_BYTES: Final = 48 * 1024 * 1024

# How long a wait lasts before whoever waits looks whether the run was told to stop.
GLANCE_SECONDS: Final = 0.1


@dataclass(slots=True, eq=False)
class Slot(Generic[ItemT, ResultT]):
    """Room for the result of one item.

    Attributes:
        item: The item.
        result: What became of it, once `is_ready`.
        error: What was raised in place of a result.
        is_ready: Whether the result, or the error, is there.
        is_awaited: Whether somebody waits for it now, so that nothing may hold it back.
        is_begun: Whether a worker has begun to fetch it.
        is_held: Whether that worker waits for room.
        size: Bytes that its result takes.
    """

    item: ItemT
    result: ResultT = field(init=False)
    error: BaseException | None = None
    is_ready: bool = False
    is_awaited: bool = False
    is_begun: bool = False
    is_held: bool = False
    size: int = 0


class Room:
    """The bytes that results in hand may take together, whoever has fetched them.

    Attributes:
        arrivals: How many results have arrived so far.
        used: Bytes that are in hand.
        waiting: How many threads wait for room.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        """Begin with nothing in hand."""
        self.arrivals = 0
        self._most = most_bytes
        self.used = self.waiting = 0
        self._changed = threading.Condition()
        self._of_thread = threading.local()

    def enter(self, slot: Slot[ItemT, ResultT]) -> None:
        """Note that this thread fetches the result of a slot from now on."""
        self._of_thread.slot = slot
        slot.is_begun = True

    def admit(self, size: int) -> None:
        """Wait until there is room for a part of the result that this thread fetches.

        What somebody waits for is let in at once: all others may be waiting behind it.

        Args:
            size: Bytes that the part takes.
        """
        slot: Slot[object, object] | None = getattr(self._of_thread, "slot", None)
        if slot is None:
            return
        with self._changed:
            while self.used and self.used + size > self._most and not slot.is_awaited:
                self.waiting += 1
                slot.is_held = True
                self._changed.wait()
                slot.is_held = False
                self.waiting -= 1
            self.used += size
            slot.size += size

    def arrived(self, slot: Slot[ItemT, ResultT]) -> None:
        """Note that the result of a slot is there."""
        with self._changed:
            slot.is_ready = True
            self.arrivals += 1
            self._changed.notify_all()

    def wait(self, since: int) -> None:
        """Wait for a moment, or until anything has arrived.

        Args:
            since: `arrivals` when it was last looked at.
        """
        with self._changed:
            if self.arrivals == since:
                self._changed.wait(GLANCE_SECONDS)

    def expect(self, slot: Slot[ItemT, ResultT]) -> None:
        """Let the result of a slot in, whatever room there is."""
        if not slot.is_awaited:
            with self._changed:
                slot.is_awaited = True
                self._changed.notify_all()

    def release(self, slot: Slot[ItemT, ResultT]) -> None:
        """Note that the result of a slot is not in hand any more."""
        if slot.size:
            with self._changed:
                self.used -= slot.size
                slot.size = 0
                if self.waiting:
                    self._changed.notify_all()

    def drop(self, slot: Slot[ItemT, ResultT]) -> None:
        """Let the worker of a slot go on, whose result nobody will ask for."""
        self.expect(slot)
        if slot.is_ready:
            self.release(slot)


class Prefetch(Generic[ItemT, ResultT]):
    """Fetches the results of items side by side."""

    def __init__(
        self, fetch: Callable[[ItemT], ResultT], *, workers: int, room: Room | None = None
    ) -> None:
        """Keep what to do; no worker is started before there is an item.

        Args:
            fetch: Turns an item into its result; called from several threads.
            workers: How many items are fetched at the same time.
            room: What all results in hand may take; one of its own if not given.
        """
        self.room = room or Room()
        self._fetch = fetch
        self._workers = workers
        self._started = 0
        self._ended = False
        self._numbers = count()
        self._todo: PriorityQueue[tuple[tuple[int, ...], int, Slot[ItemT, ResultT] | None]]
        self._todo = PriorityQueue()
        self._slots: set[Slot[ItemT, ResultT]] = set()

    @property
    def in_hand(self) -> int:
        """How many results are there, or on their way, and have not been taken."""
        return len(self._slots)

    def submit(self, item: ItemT, turn: tuple[int, ...] = (0,)) -> Slot[ItemT, ResultT]:
        """Have an item fetched; return where its result will be.

        Args:
            item: The item.
            turn: Items with a lower turn are fetched before others that wait for a worker.
        """
        slot: Slot[ItemT, ResultT] = Slot(item)
        self._slots.add(slot)
        self._todo.put((turn, next(self._numbers), slot))
        if self._started < self._workers:
            self._started += 1
            threading.Thread(target=self._work, name=f"fetch-{self._started}", daemon=True).start()
        return slot

    def expect(self, slot: Slot[ItemT, ResultT]) -> None:
        """Let nothing hold the result of a slot back any more: it is needed now.

        When no worker has begun to fetch it, and all of them wait for room, one of them is let in:
        nobody makes room before it comes. To be called again until it is there.
        """
        self.room.expect(slot)
        if not slot.is_begun:
            held = [one for one in self._slots if one.is_held and not one.is_awaited]
            if len(held) == self._started:
                self.room.expect(held[0])

    def wait(self, since: int, slot: Slot[ItemT, ResultT]) -> None:
        """Wait for a moment, or until anything has arrived, for the result of a slot above all.

        Args:
            since: `room.arrivals` when it was last looked at.
            slot: What is needed now.
        """
        self.expect(slot)
        self.room.wait(since)

    def taken(self, slot: Slot[ItemT, ResultT]) -> None:
        """Note that the result of a slot has been taken and is not in hand any more."""
        self._slots.discard(slot)
        self.room.release(slot)

    def close(self) -> None:
        """Drop what nobody will ask for any more, and let the workers go."""
        self._ended = True
        for _ in range(self._started):
            self._todo.put(((), next(self._numbers), None))
        for slot in self._slots:
            self.room.drop(slot)
        self._slots.clear()

    def _work(self) -> None:
        """Fetch items until there are no more (the work of one thread)."""
        while (slot := self._todo.get()[2]) is not None:
            if not self._ended:
                self.room.enter(slot)
                try:
                    slot.result = self._fetch(slot.item)
                except BaseException as error:  # noqa: BLE001 - raised by whoever takes it
                    slot.error = error
            self.room.arrived(slot)
            if self._ended:
                self.room.release(slot)


def fetched(fetch: Callable[[], ResultT], is_stopped: Callable[[], bool]) -> ResultT | None:
    """Return one result that a worker fetches; None when told to stop meanwhile.

    Args:
        fetch: Fetches it. What it raises is raised.
        is_stopped: Whether to stop waiting.
    """
    prefetch: Prefetch[None, ResultT] = Prefetch(lambda _: fetch(), workers=1)
    slot = prefetch.submit(None)
    try:
        while not slot.is_ready:
            if is_stopped():
                return None
            prefetch.wait(0, slot)
    finally:
        prefetch.close()
    if slot.error is not None:
        raise slot.error
    return slot.result
