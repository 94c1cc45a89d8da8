"""Tells a server that fails from a call, or a day of the log, that fails.

What fails for good must not hold up all that is behind it, in this run and in those that follow: it
is left for later, and the run goes on. When nothing has an answer any more it is the server, and
the run ends: with one line, not with one for each call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tap_vcclive.api.errors import ServerFailsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_vcclive.api.errors import VCCLiveError

# So many in a row without an answer are not a fault of theirs. Each run gets past as many, so that
# no block of failing calls holds up those behind it for good.
_MOST_IN_A_ROW: Final = 10


class Outage:
    """Counts what has no answer, one after the other."""

    def __init__(self) -> None:
        """Begin with nothing asked for."""
        self._has_answered = False
        self._first: VCCLiveError | None = None
        self._unsettled: list[Callable[[], None]] = []

    def answered(self) -> None:
        """Note an answer: what had none before it has failed by itself, and is settled now."""
        self._has_answered = True
        for settle in self._unsettled:
            settle()
        self._first, self._unsettled = None, []

    def failed(self, fault: VCCLiveError, settle: Callable[[], None]) -> None:
        """Note that there was no answer.

        Args:
            fault: Why.
            settle: Leaves it for later and tells the user so; called when it is not the server.

        Raises:
            ServerFailsError: When too many in a row had no answer.
        """
        self._first = self._first or fault
        self._unsettled.append(settle)
        if len(self._unsettled) > _MOST_IN_A_ROW:
            raise ServerFailsError(self._first, len(self._unsettled))

    def end(self) -> None:
        """Note that the run is over.

        Raises:
            ServerFailsError: When nothing that was asked for had an answer.
        """
        if self._first and not self._has_answered:
            raise ServerFailsError(self._first, len(self._unsettled))
        self.answered()
