"""Answers fetched ahead by a few workers, bounded, handed out in order.

Knows neither Singer nor VCC Live: it turns items into results with a function. The workers are
daemon threads of our own rather than a `ThreadPoolExecutor`, which the interpreter joins when it
exits: a run that is told to stop would wait for every request in flight.
"""

from __future__ import annotations

import threading
from collections import deque
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

# How long a wait goes on before it looks whether the run was told to stop.
_GLANCE_SECONDS: Final = 0.1


class _Slot(Generic[ItemT, ResultT]):
    """Room for the result of one item; its lock is released when the result is there."""

    __slots__ = ("error", "item", "ready", "result")

    def __init__(self) -> None:
        self.item: ItemT
        self.result: ResultT
        self.error: BaseException | None = None
        self.ready = threading.Lock()  # the lightest thing of the library that one can wait for
        self.ready.acquire()


class LookAhead(Generic[ItemT, ResultT]):
    """Hands out items with their results, in order, while workers fetch those to come.

    Attributes:
        stopped: Whether the iteration was told to stop.
    """

    def __init__(
        self,
        fetch: Callable[[ItemT], ResultT],
        items: Iterable[ItemT],
        *,
        workers: int,
        ahead: int,
    ) -> None:
        """Keep what to do; nothing is fetched before the first item is asked for.

        Args:
            fetch: Turns an item into its result; called from several threads. What it raises is
                raised when the item's turn comes.
            items: The items, taken as they are needed, by the thread that iterates.
            workers: How many items are fetched at the same time.
            ahead: How many items at most are fetched or being fetched and not yet handed out.
        """
        self._fetch = fetch
        self._items = iter(items)
        self._workers = min(workers, ahead)
        self._ahead = ahead
        self._slots: deque[_Slot[ItemT, ResultT]] = deque()
        self._todo: SimpleQueue[_Slot[ItemT, ResultT] | None] = SimpleQueue()
        self._started = 0
        self._ended = False
        self.stopped = False

    def stop(self) -> None:
        """End the iteration at the next item, whatever is in flight; callable from a signal."""
        self.stopped = True

    def __iter__(self) -> Generator[tuple[ItemT, ResultT], None, None]:
        """Yield each item with its result, in order.

        Raises:
            BaseException: What `fetch` raised for the item whose turn it is, or the items
                themselves in its place.
        """
        try:
            self._top_up()
            while self._slots and self._arrived(self._slots[0]):
                slot = self._slots.popleft()
                self._top_up()
                if slot.error is not None:
                    raise slot.error
                yield slot.item, slot.result
        finally:
            self._end()

    def _top_up(self) -> None:
        """Put as many items to work as may be ahead."""
        while len(self._slots) < self._ahead and not self.stopped:
            slot: _Slot[ItemT, ResultT] = _Slot()
            try:
                slot.item = next(self._items)
            except StopIteration:
                return
            except Exception as error:  # noqa: BLE001 - raised when its turn comes
                slot.error = error
                slot.ready.release()
                self._slots.append(slot)
                self._items = iter(())
                return
            self._slots.append(slot)
            self._todo.put(slot)
            if self._started < self._workers:
                self._started += 1
                threading.Thread(
                    target=self._work, name=f"fetch-{self._started}", daemon=True
                ).start()

    def _arrived(self, slot: _Slot[ItemT, ResultT]) -> bool:
        """Wait for a result; return False when told to stop instead."""
        while not self.stopped:
            if slot.ready.acquire(timeout=_GLANCE_SECONDS):
                return True
        return False

    def _work(self) -> None:
        """Fetch items until there are no more (the work of one thread)."""
        while (slot := self._todo.get()) is not None:
            if not self._ended:
                try:
                    slot.result = self._fetch(slot.item)
                except BaseException as error:  # noqa: BLE001 - raised in the thread that iterates
                    slot.error = error
                    self._ended = True  # what is still to do comes after it: nobody will get there
            slot.ready.release()

    def _end(self) -> None:
        """Drop what nobody will ask for any more and let the workers go."""
        self._ended = True
        for _ in range(self._started):
            self._todo.put(None)
