"""Believes that there is nothing only when VCC Live says so again and again, in the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from tap_vcclive import clock
from tap_vcclive.api.errors import OddAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

# An answer that may mean "nothing" is believed when it comes a third time in the same way.
_PAUSES_SECONDS: Final = (0.25, 0.75)


class MayBeNothing(Protocol):
    """An answer.

    Attributes:
        nothing: In which way it may have said that there is nothing; None when it has rows, or says
            plainly that it has none.
    """

    @property
    def nothing(self) -> str | None:
        """See above."""


AnswerT = TypeVar("AnswerT", bound=MayBeNothing)


def confirmed(asked: Callable[[], AnswerT], resource: str) -> AnswerT:
    """Return an answer that is not "nothing", or one that is and stays so.

    Args:
        asked: Asks.
        resource: What for, for the message.

    Raises:
        OddAnswerError: When it is "nothing" in different ways.
    """
    answer = asked()
    for seconds in _PAUSES_SECONDS:
        if answer.nothing is None:
            return answer
        clock.pause(seconds)
        again = asked()
        if again.nothing not in {None, answer.nothing}:
            raise OddAnswerError(
                f"{resource}: VCC Live says in different ways that there is nothing"
            )
        answer = again
    return answer
