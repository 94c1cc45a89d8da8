"""What can become of a run that meets a fault, and how a test asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vcclive_sandbox.options import FaultName


class Loaded(StrEnum):
    """Which calls a run loads."""

    ALL = "all"
    BUT_HIT = "all but those hit"
    BUT_PAGES = "all but those of the pages hit"
    BEFORE = "those before the first one hit"
    NONE = "none"


class Left(StrEnum):
    """What the state leaves to the next run, besides what has not been asked for."""

    NOTHING = ""
    HIT = "those hit stay open"
    DAYS = "days with a page hit stay open"
    FIRST = "the first eleven stay pending"
    ALL = "all stay open"


class Message(NamedTuple):
    """A line of the log.

    Attributes:
        level: Its level.
        text: A part of it.
    """

    level: str
    text: str


class Outcome(NamedTuple):
    """What becomes of a run.

    Attributes:
        loaded: Which calls are loaded.
        left: What stays pending (calls) or open (days of the log).
        status: The exit status.
        says: What the log says; None when no warning and no error is due.
    """

    loaded: Loaded
    left: Left = Left.NOTHING
    status: int = 0
    says: Message | None = None


ONCE: Final = "once"
RARELY: Final = "5 %"
ALWAYS: Final = "always"
HOWS: Final = (ONCE, RARELY, ALWAYS)

CDR: Final = "cdr"
CDR_LOG: Final = "cdr_log"
STREAMS: Final = (CDR, CDR_LOG)


Outcomes = tuple[Outcome | None, Outcome | None, Outcome | None]
"""When a fault comes once, rarely and always."""


@dataclass(frozen=True)
class Row:
    """A fault, and what becomes of runs that meet it.

    Attributes:
        fault: Its name in the sandbox.
        outcomes: For each stream, the outcomes when it comes once, rarely and always; None where
            that takes too long to be tried.
        retry_after: What `Retry-After` names, where there is one.
        timeout: Seconds of the setting `request_timeout_seconds`: the fault shall decide, not they.
        kin: The row that stands for this one where a fault comes rarely: to the tap both are the
            same but for the words.
    """

    fault: FaultName
    outcomes: Mapping[str, Outcomes]
    retry_after: Literal["seconds", "date"] = "seconds"
    timeout: int = 10
    kin: str | None = None
