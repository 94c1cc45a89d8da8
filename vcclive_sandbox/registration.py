"""Which calls the API knows by now: records are made when a call ends, and registered later."""

from __future__ import annotations

from bisect import bisect_left
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from vcclive_sandbox.calls import Calls
    from vcclive_sandbox.options import Options


class Registration:
    """Which calls are registered; begins to count seconds when it is made.

    Attributes:
        growing_day: The local day that is still running: the last one that has calls, if any.
    """

    def __init__(self, calls: Calls, options: Options) -> None:
        """Let `options` choose which calls are late, which are yet to come, and which never do."""
        self._chance = calls.chance
        self._never = options.never_rate
        self._late = options.never_rate + options.late_rate
        self._seconds = options.late_seconds
        self._queue = options.late_asks
        self._asked: dict[int, int] = {}
        self._begin = monotonic()
        self.growing_day: date | None = calls[-1].day if calls else None
        # The position of the first call that is yet to come: all of them are the last by start.
        self._to_come = len(calls)
        if self.growing_day:
            running = calls.between(self.growing_day, self.growing_day)
            self._to_come -= min(options.growing, len(running))

    def registered(self, position: int) -> bool:
        """Return whether the call at a position of the list is registered now."""
        if position >= self._to_come:
            return False
        chance = self._chance[position]
        if chance >= self._late:
            return True
        if chance < self._never:
            return False
        return (
            self._asked.get(position, 0) >= self._queue
            and monotonic() - self._begin >= self._seconds
        )

    def ask(self, position: int) -> bool:
        """Return whether the call is registered; asking too early counts, once it has come."""
        known = self.registered(position)
        if not known and self._chance[position] >= self._never and position < self._to_come:
            self._asked[position] = self._asked.get(position, 0) + 1
        return known

    def ask_all(self, positions: Iterable[int]) -> None:
        """Ask for each of the calls at `positions`."""
        if self._late > self._never:
            for position in positions:
                self.ask(position)

    def grow(self) -> None:
        """Let the next call of the running day come, if there is one."""
        self._to_come += 1

    def among(self, positions: Sequence[int]) -> Sequence[int]:
        """Return those of `positions`, which ascend, that are registered now."""
        come = positions[: bisect_left(positions, self._to_come)]
        if not self._late:
            return come
        return [
            position
            for position in come
            if self._chance[position] >= self._late or self.registered(position)
        ]
