"""What a stream says at its end, and how it says that it ends with an error: never a value.

The SDK logs the text of an error that it does not know, and a traceback.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Final

from tap_vcclive.api.errors import (
    ForbiddenError,
    NothingOfUseError,
    RefusedError,
    ServerFailsError,
    VCCLiveError,
    WrongServerError,
)
from tap_vcclive.calls.call_list import CallListError
from tap_vcclive.states import BadStateError
from tap_vcclive.streams.map_errors import StreamMapError

if TYPE_CHECKING:
    import logging

    from tap_vcclive.values.record import Values

# Where the key opens nothing of a stream.
_WAY_OUT: Final = (
    "deselect the stream: select_filter: ['!{0}'] in Meltano, \"selected\": false in a catalog"
)

_WITH_A_LINE_OF_THEIR_OWN: Final = (VCCLiveError, CallListError, BadStateError, StreamMapError)


def ends_all(error: Exception) -> bool:
    """Return whether what ends one stream holds for all others as well.

    That is a key that opens nothing, and a wrong server.
    """
    return isinstance(error, (RefusedError, WrongServerError))


def is_of_server(error: Exception) -> bool:
    """Return whether a stream ends as nothing is answered: the others may fare no better."""
    return isinstance(error, ServerFailsError) and not isinstance(error, NothingOfUseError)


def tell_values(values: Values, logger: logging.Logger) -> None:
    """Name what a run has put into the additional fields, so that somebody looks there."""
    if values.undeclared:
        logger.info("In additional_fields, not in the schema: %s", ", ".join(values.undeclared))
    for line in values.warnings():
        logger.warning("%s", line)


def tell_end(error: Exception, stream: str, logger: logging.Logger) -> None:
    """Say why a run ends; of an error that is none of the tap's own, where it was raised.

    The text of such an error can be anything, a value of a record as well.

    Args:
        error: What ended the run.
        stream: The stream.
        logger: Where to.
    """
    if isinstance(error, _WITH_A_LINE_OF_THEIR_OWN):
        way_out = ""
        if isinstance(error, NothingOfUseError) and isinstance(error.fault, ForbiddenError):
            way_out = f". To leave it out, {error.way_out or _WAY_OUT.format(stream)}"
        for line in str(error).splitlines():
            logger.error("%s%s", line, way_out)
        return
    frames = traceback.extract_tb(error.__traceback__)
    raised = " from ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-3:]))
    logger.error(
        "The stream ends with a mistake of the tap's own; please report this line: %s in %s",
        type(error).__name__,
        raised,
    )
    logger.debug("It was raised there:\n%s", "".join(traceback.format_list(frames)))
