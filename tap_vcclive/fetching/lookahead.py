"""Items with their results, fetched ahead and handed out in order.

Knows neither Singer nor VCC Live.
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Final, Generic

from tap_vcclive.fetching.prefetch import ItemT, Prefetch, ResultT, Room, Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable


class Later(Enum):
    """What stands in the place of an item that is not there yet."""

    LATER = "later"


LATER: Final = Later.LATER
"""From a source of items: the next one waits for something that is still being fetched."""


class LookAhead(Generic[ItemT, ResultT]):
    """Hands out items with their results, in order, while workers fetch those to come.

    Attributes:
        stopped: Whether the iteration was told to stop.
    """

    def __init__(
        self,
        fetch: Callable[[ItemT], ResultT],
        items: Iterable[ItemT | Later],
        *,
        workers: int,
        ahead: int,
        room: Room | None = None,
    ) -> None:
        """Keep what to do; nothing is fetched before the first item is asked for.

        Args:
            fetch: Turns an item into its result; called from several threads. What it raises is
                raised when the item's turn comes.
            items: The items, taken as they are needed, by the thread that iterates. `LATER` in
                the place of one means that what has come is handed out before it is asked again.
            workers: How many items are fetched at the same time.
            ahead: How many items at most are fetched or being fetched and not yet handed out.
            room: What all results in hand may take together.
        """
        self._prefetch = Prefetch(self._fetched, workers=min(workers, ahead), room=room)
        self._fetch = fetch
        self._items = iter(items)
        self._ahead = ahead
        self._slots: deque[Slot[ItemT, ResultT]] = deque()
        self._is_exhausted = self._has_failed = False
        self._error: Exception | None = None
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
        room = self._prefetch.room
        try:
            while not self.stopped:
                seen = room.arrivals
                self._top_up()
                if not self._slots:
                    if self._is_exhausted:
                        break
                    room.wait(seen)
                elif not self._slots[0].is_ready:
                    self._prefetch.wait(seen, self._slots[0])
                else:
                    slot = self._slots.popleft()
                    self._top_up()
                    if slot.error is not None:
                        raise slot.error
                    yield slot.item, slot.result
                    self._prefetch.taken(slot)
            if self._error is not None and not self.stopped:
                raise self._error
        finally:
            self._prefetch.close()

    def _top_up(self) -> None:
        """Put as many items to work as may be ahead."""
        while len(self._slots) < self._ahead and not self._is_exhausted and not self.stopped:
            try:
                item = next(self._items)
            except StopIteration:
                self._is_exhausted = True
                return
            except Exception as error:  # noqa: BLE001 - raised when its turn comes
                self._is_exhausted, self._error = True, error
                return
            if isinstance(item, Later):
                return
            self._slots.append(self._prefetch.submit(item))

    def _fetched(self, item: ItemT) -> ResultT:
        """Return the result of an item, unless one before it has failed: nobody will get there."""
        if self._has_failed:
            raise RuntimeError("not fetched")
        try:
            return self._fetch(item)
        except BaseException:
            self._has_failed = True
            raise
