"""Which calls the API knows by now: records are made when a call ends, and registered later."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vcclive_sandbox.calls import Calls
    from vcclive_sandbox.options import Options


class Registration:
    """Which calls are registered; begins to count seconds when it is made."""

    def __init__(self, calls: Calls, options: Options) -> None:
        """Let `options` choose which calls are late, and which never come."""
        self._chance = calls.chance
        self._never = options.never_rate
        self._late = options.never_rate + options.late_rate
        self._seconds = options.late_seconds
        self._asks = options.late_asks
        self._asked: dict[int, int] = {}
        self._begin = monotonic()

    def registered(self, position: int) -> bool:
        """Return whether the call at a position of the list is registered now."""
        chance = self._chance[position]
        if chance >= self._late:
            return True
        if chance < self._never:
            return False
        return (
            self._asked.get(position, 0) >= self._asks
            and monotonic() - self._begin >= self._seconds
        )

    def ask(self, position: int) -> bool:
        """Return whether the call is registered; asking in vain counts towards it."""
        known = self.registered(position)
        if not known and self._chance[position] >= self._never:
            self._asked[position] = self._asked.get(position, 0) + 1
        return known

    def among(self, positions: Sequence[int]) -> Sequence[int]:
        """Return those of `positions` that are registered now."""
        if not self._late:
            return positions
        return [position for position in positions if self.registered(position)]
