"""What a stream says at its end, and how it says that it ends with an error: never a value.

The SDK logs the text of an error that it does not know, and a traceback.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Final

from tap_vcclive.api.errors import (
    ForbiddenError,
    NoUsefulAnswerError,
    RefusedError,
    ServerFailsError,
    UnreachableError,
    VCCLiveError,
    WrongServerError,
)
from tap_vcclive.call_list.call_list import CallListError
from tap_vcclive.singer.map_errors import StreamMapError
from tap_vcclive.states import BadStateError
from tap_vcclive.values.names import named

if TYPE_CHECKING:
    import logging

    from tap_vcclive.values.record import Values

# Where the key opens nothing of a stream.
_WAY_OUT: Final = (
    "deselect the stream: select_filter: ['!{0}'] in Meltano, \"selected\": false in a catalog"
)

_WITH_A_LINE_OF_THEIR_OWN: Final = (VCCLiveError, CallListError, BadStateError, StreamMapError)

_OF_ALL: Final = (RefusedError, WrongServerError, UnreachableError, ServerFailsError)


def ends_all(error: Exception) -> bool:
    """Return whether what ends one stream holds for all others as well.

    That is a key that opens nothing, a wrong server, and no way to it.
    """
    return isinstance(error, (RefusedError, WrongServerError, UnreachableError))


def is_of_server(error: Exception) -> bool:
    """Return whether a stream ends as nothing is answered: the others may fare no better."""
    return isinstance(error, ServerFailsError) and not isinstance(error, NoUsefulAnswerError)


def tell_values(values: Values, logger: logging.Logger) -> None:
    """Name what a run has put into the additional fields, so that somebody looks there."""
    if values.undeclared:
        logger.info("In additional_fields, not in the schema: %s", named(values.undeclared))
    for line in values.warnings():
        logger.warning("%s", line)


def lines_of(error: Exception, stream: str, logger: logging.Logger) -> list[str]:
    """Return why a run ends; of an error that is none of the tap's own, where it was raised.

    The text of such an error can be anything, a value of a record as well.

    Args:
        error: What ended the run.
        stream: The stream.
        logger: Where more is told to whoever looks for the mistake.
    """
    if isinstance(error, _WITH_A_LINE_OF_THEIR_OWN):
        way_out = ""
        if isinstance(error, NoUsefulAnswerError) and isinstance(error.fault, ForbiddenError):
            way_out = f". To leave it out, {error.way_out or _WAY_OUT.format(stream)}"
        return [f"{line}{way_out}" for line in str(error).splitlines()]
    frames = traceback.extract_tb(error.__traceback__)
    raised = " from ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-3:]))
    logger.debug("It was raised there:\n%s", "".join(traceback.format_list(frames)))
    mistake = "The stream ends with a mistake of the tap's own; please report this line"
    return [f"{mistake}: {type(error).__name__} in {raised}"]
