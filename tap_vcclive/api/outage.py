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
        self._untold: list[Callable[[], None]] = []

    def answered(self) -> None:
        """Note an answer: what had none before it has failed by itself, and that is told now."""
        self._has_answered = True
        for tell in self._untold:
            tell()
        self._first, self._untold = None, []

    def failed(self, fault: VCCLiveError, tell: Callable[[], None]) -> None:
        """Note that there was no answer.

        Args:
            fault: Why.
            tell: Tells the user so, when it is not the server.

        Raises:
            ServerFailsError: When too many in a row had no answer.
        """
        self._first = self._first or fault
        self._untold.append(tell)
        if len(self._untold) > _MOST_IN_A_ROW:
            raise ServerFailsError(self._first, len(self._untold))

    def end(self) -> None:
        """Note that the run is over.

        Raises:
            ServerFailsError: When nothing that was asked for had an answer.
        """
        if self._first and not self._has_answered:
            raise ServerFailsError(self._first, len(self._untold))
        self.answered()
