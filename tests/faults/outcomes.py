"""What becomes of a run that meets a fault: the one table, for the tests and for docs/faults.md."""

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
    BEFORE = "those before the first one hit"
    NONE = "none"


class Left(StrEnum):
    """What the state leaves to the next run, besides what has not been asked for."""

    NOTHING = ""
    HIT = "those hit stay open"
    FIRST = "the first ten stay pending"
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


@dataclass(frozen=True)
class Row:
    """A fault, and what becomes of runs that meet it.

    Attributes:
        fault: Its name in the sandbox.
        outcomes: For each stream, the outcomes when it comes once, rarely and always.
        retry_after: What `Retry-After` names, where there is one.
        timeout: Seconds of the setting `request_timeout_seconds`: the fault shall decide, not they.
    """

    fault: FaultName
    outcomes: Mapping[str, tuple[Outcome, Outcome, Outcome]]
    retry_after: Literal["seconds", "date"] = "seconds"
    timeout: int = 10


WELL: Final = Outcome(Loaded.ALL)


def _passing(what: str) -> dict[str, tuple[Outcome, Outcome, Outcome]]:
    """Return what becomes of a fault that is tried again; `what` is what the tap calls it."""
    says = Message("ERROR", f"{what}, after")
    return {
        CDR: (WELL, WELL, Outcome(Loaded.NONE, Left.FIRST, 1, says)),
        CDR_LOG: (WELL, WELL, Outcome(Loaded.NONE, Left.NOTHING, 1, says)),
    }


def _ending(what: str) -> dict[str, tuple[Outcome, Outcome, Outcome]]:
    """Return what becomes of a fault that ends the run at once."""
    says = Message("ERROR", what)
    before = Outcome(Loaded.BEFORE, Left.NOTHING, 1, says)
    row = (before, before, Outcome(Loaded.NONE, Left.NOTHING, 1, says))
    return {CDR: row, CDR_LOG: row}


_NONE_REGISTERED: Final = Message("WARNING", "Not one of 40 calls is registered")
_NOT_REGISTERED: Final = Message("WARNING", "Not registered, VCC Live says: Something went wrong.")
_DAY_OPEN: Final = Message("WARNING", "Something went wrong.; the log of ")
_NO_DAY: Final = Message("WARNING", "VCC Live has no log of any of 4 days")
_OTHER_CALL: Final = Message("WARNING", "that one is loaded, the other stays pending")

_CALL_OPEN: Final = Outcome(Loaded.BUT_HIT, Left.HIT, 0, _NOT_REGISTERED)
_LOG_OPEN: Final = Outcome(Loaded.BUT_HIT, Left.HIT, 0, _DAY_OPEN)
_ERRORS: Final = {
    CDR: (_CALL_OPEN, _CALL_OPEN, Outcome(Loaded.NONE, Left.ALL, 0, _NONE_REGISTERED)),
    CDR_LOG: (
        _LOG_OPEN,
        _LOG_OPEN,
        Outcome(
            Loaded.NONE, Left.NOTHING, 1, Message("ERROR", "Something went wrong.; nor any of")
        ),
    ),
}
_BLANK: Final = Outcome(Loaded.BUT_HIT, Left.HIT)
_OTHER: Final = Outcome(Loaded.BUT_HIT, Left.HIT, 0, _OTHER_CALL)

_BROKE: Final = "the connection failed or broke"
_NO_JSON: Final = "an answer that is no JSON"
_TOO_LARGE: Final = "an answer that is far too large"
_LATE: Final = "no whole answer in 1 seconds"

ROWS: Final[Mapping[str, Row]] = {
    "429": Row("429", _passing("status 429")),
    "429, with a date": Row("429", _passing("status 429"), retry_after="date"),
    "500": Row("500", _passing("status 500")),
    "502": Row("502", _passing("status 502")),
    "503": Row("503", _passing("status 503")),
    "503, with a date": Row("503", _passing("status 503"), retry_after="date"),
    "slow": Row("slow", _passing(_LATE), timeout=1),
    "stall": Row("stall", _passing(_LATE), timeout=1),
    "drop": Row("drop", _passing(_BROKE)),
    "half": Row("half", _passing(_BROKE)),
    "refuse": Row("refuse", _passing(_BROKE)),
    "certificate": Row("certificate", _ending("does not verify; nothing was sent")),
    "json": Row("json", _passing(_NO_JSON)),
    "html": Row("html", _passing(_NO_JSON)),
    "blank": Row(
        "blank",
        {
            CDR: (_BLANK, _BLANK, Outcome(Loaded.NONE, Left.ALL, 0, _NONE_REGISTERED)),
            CDR_LOG: (WELL, WELL, Outcome(Loaded.NONE, Left.NOTHING, 0, _NO_DAY)),
        },
    ),
    "bare": Row("bare", _passing("an answer without the envelope")),
    "errors": Row("errors", _ERRORS),
    "errors-objects": Row("errors-objects", _ERRORS),
    "no-response": Row("no-response", _passing("an answer without a response")),
    "other-call": Row(
        "other-call",
        {
            CDR: (_OTHER, _OTHER, Outcome(Loaded.ALL, Left.ALL, 0, _OTHER_CALL)),
            CDR_LOG: (WELL, WELL, WELL),
        },
    ),
    "redirect": Row("redirect", _ending("points to another server; the key is not sent there")),
    "endless": Row("endless", _passing(_TOO_LARGE)),
    "bomb": Row("bomb", _passing(_TOO_LARGE)),
    "deep": Row("deep", _passing(_NO_JSON)),
    "many-errors": Row("many-errors", _passing(_TOO_LARGE)),
    "headers": Row("headers", _passing(_BROKE)),
    "drip-headers": Row("drip-headers", _passing(_LATE), timeout=1),
    "drip": Row("drip", _passing(_LATE), timeout=1),
}

LARGE: Final = ("endless", "bomb", "deep", "many-errors", "headers")
"""Faults made to fill the memory of whoever reads them."""

MOST_MEGABYTES: Final = 300
"""What the tap takes of memory at the most, whatever it is sent, with 8 requests in flight."""


def table() -> list[str]:
    """Return the lines of the table in docs/faults.md; faults of the same fate share a row."""
    fates: dict[tuple[str, tuple[Outcome, ...]], list[str]] = {}
    for name, row in ROWS.items():
        for stream, outcomes in row.outcomes.items():
            fates.setdefault((stream, outcomes), []).append(f"`{name}`")
    lines = ["| fault | stream | " + " | ".join(HOWS) + " |", "|---|---|" + "---|" * len(HOWS)]
    lines += [
        f"| {', '.join(names)} | `{stream}` | {' | '.join(map(_cell, outcomes))} |"
        for (stream, outcomes), names in fates.items()
    ]
    return lines


def _cell(outcome: Outcome) -> str:
    parts = [outcome.loaded.value, outcome.left.value, f"status {outcome.status}"]
    if outcome.says:
        parts.append(f"{outcome.says.level} “{outcome.says.text}”")
    return "; ".join(filter(None, parts))
