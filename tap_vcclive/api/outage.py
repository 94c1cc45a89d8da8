"""Tells a server that fails from a call, or a day of the log, that fails.

What fails for good must not hold up all that is behind it, in this run and in those that follow: it
is left for later, and the run goes on. A run ends for the server's sake only when nothing is
answered any more. That is not told from what fails, however much of it there is, but by asking for
something else: what has been answered before.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from tap_vcclive.api.errors import (
    ForbiddenError,
    NoAnswerError,
    NoUsefulAnswerError,
    OddAnswerError,
    ServerFailsError,
    TriesExhaustedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_vcclive.api.errors import VCCLiveError

# So many in a row without an answer are a reason to look whether there is anything at all.
_MOST_IN_A_ROW: Final = 10
# So many without a useful answer, and none with one, are a reason as well.
_MOST_WITHOUT_USE: Final = 100
# One that has been answered before can fail by itself.
_MOST_CANDIDATES: Final = 3


class Sign(Enum):
    """What a server gives of itself.

    Attributes:
        USEFUL: It answers what it is asked for.
        REFUSAL: It answers, but nothing useful.
        SILENCE: It does not answer.
        UNKNOWN: There was nothing to ask it for.
    """

    USEFUL = "useful"
    REFUSAL = "refusal"
    SILENCE = "silence"
    UNKNOWN = "unknown"


def sign_of_life(resources: Iterable[str], get: Callable[[str], object]) -> Sign:
    """Return what a server gives of itself when it is asked for some resources.

    Args:
        resources: What it has answered before, or should answer; no more than three are asked for.
        get: Returns VCC Live's answer for a resource.
    """
    candidates = list(dict.fromkeys(resources))[:_MOST_CANDIDATES]
    best = Sign.SILENCE if candidates else Sign.UNKNOWN
    for resource in candidates:
        try:
            get(resource)
        except NoAnswerError as error:
            if error.how != "errors":
                return Sign.USEFUL
            best = Sign.REFUSAL
        except (OddAnswerError, ForbiddenError):
            best = Sign.REFUSAL
        except TriesExhaustedError:
            pass
        else:
            return Sign.USEFUL
    return best


class Outage:
    """Counts what has no answer, one after the other."""

    def __init__(self, look: Callable[[], Sign | None]) -> None:
        """Begin with nothing asked for.

        Args:
            look: Looks whether the server gives a sign of life; None when told to stop meanwhile.
        """
        self._look = look
        self._is_useful = self._is_refused = False
        self._first: VCCLiveError | None = None
        self._in_a_row = 0
        self._unsettled: list[Callable[[], None]] = []

    def answered(self) -> None:
        """Note a useful answer: what had none before it has failed by itself, and is settled."""
        self._is_useful = True
        settled, self._unsettled = self._unsettled, []
        self._first, self._in_a_row, self._is_refused = None, 0, False
        for settle in settled:
            settle()

    def failed(self, fault: VCCLiveError, settle: Callable[[], None]) -> None:
        """Note that there was no useful answer.

        Args:
            fault: Why.
            settle: Leaves it for later and tells the user so; called when it is not the server.

        Raises:
            ServerFailsError: When the server does not answer anything any more.
        """
        is_silent = isinstance(fault, TriesExhaustedError)
        if self._is_useful and not is_silent:
            settle()
            return
        self._first = self._first or fault
        self._unsettled.append(settle)
        self._is_refused |= not is_silent
        self._in_a_row = self._in_a_row + 1 if is_silent else 0
        if self._in_a_row > _MOST_IN_A_ROW:
            self._look_closer(Sign.REFUSAL)
            self._in_a_row = 0
        elif not self._is_useful and len(self._unsettled) == _MOST_WITHOUT_USE:
            self._look_closer(Sign.USEFUL)

    def end(self) -> None:
        """Note that the run is over.

        Raises:
            ServerFailsError: When nothing that was asked for had a useful answer.
        """
        if self._unsettled and not self._is_useful:
            self._look_closer(Sign.USEFUL)
        elif self._unsettled:
            self.answered()

    def _look_closer(self, least: Sign) -> None:
        """Look for a sign of life; what failed is settled when there is a useful one.

        Args:
            least: What is enough to go on for.

        Raises:
            NoUsefulAnswerError: When there is less than that; other streams may fare better.
            ServerFailsError: When there is nothing at all.
        """
        sign, fault, number = self._look(), self._first, len(self._unsettled)
        if sign is Sign.USEFUL:
            self.answered()
        elif sign is None or fault is None or least is sign is Sign.REFUSAL:
            return
        elif least is Sign.USEFUL and (sign is not Sign.SILENCE or self._is_refused):
            # Of a few, with nothing else to ask for, nobody knows whether it is the server.
            raise NoUsefulAnswerError(fault, number)
        else:
            raise ServerFailsError(fault, number)
