"""How a run that ends with an error says so: a line, and never a value.

The SDK logs the text of an error that it does not know, and a traceback.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Final

from tap_vcclive.api.errors import (
    NothingOfUseError,
    RefusedError,
    ServerFailsError,
    UnreachableError,
    VCCLiveError,
    WrongServerError,
)
from tap_vcclive.calls.call_list import CallListError
from tap_vcclive.states import BadStateError
from tap_vcclive.streams.base import StreamMapError

if TYPE_CHECKING:
    import logging

_WITH_A_LINE_OF_THEIR_OWN: Final = (VCCLiveError, CallListError, BadStateError, StreamMapError)

_OF_ALL: Final = (RefusedError, WrongServerError, UnreachableError, ServerFailsError)


def ends_all(error: Exception) -> bool:
    """Return whether what ends one stream would end all others as well.

    That is a key that opens nothing, a wrong server, no way to it, and one that answers nothing.
    """
    is_of_one = isinstance(error, NothingOfUseError)
    return isinstance(error, _OF_ALL) and not is_of_one


def lines_of(error: Exception, logger: logging.Logger) -> list[str]:
    """Return why a run ends; of an error that is none of the tap's own, where it was raised.

    The text of such an error can be anything, a value of a record as well.

    Args:
        error: What ended the run.
        logger: Where more is told to whoever looks for the mistake.
    """
    if isinstance(error, _WITH_A_LINE_OF_THEIR_OWN):
        return str(error).splitlines()
    frames = traceback.extract_tb(error.__traceback__)
    raised = " from ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-3:]))
    logger.debug("It was raised there:\n%s", "".join(traceback.format_list(frames)))
    mistake = "The stream ends with a mistake of the tap's own; please report this line"
    return [f"{mistake}: {type(error).__name__} in {raised}"]
