"""What becomes of a run that meets a fault: the one table, for the tests and for docs/faults.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.faults.outcomes import (
    CDR,
    CDR_LOG,
    HOWS,
    STREAMS,
    Left,
    Loaded,
    Message,
    Outcome,
    Outcomes,
    Row,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

WELL: Final = Outcome(Loaded.ALL)


def _passing(what: str, end: str = ", after") -> dict[str, Outcomes]:
    """Return what becomes of a fault that is tried again; `what` is what the tap calls it."""
    says = Message("ERROR", what + end)
    return {
        CDR: (WELL, WELL, Outcome(Loaded.NONE, Left.FIRST, 1, says)),
        CDR_LOG: (WELL, WELL, Outcome(Loaded.NONE, Left.NOTHING, 1, says)),
    }


def _ending(what: str) -> dict[str, Outcomes]:
    """Return what becomes of a fault that ends the run at once."""
    says = Message("ERROR", what)
    before = Outcome(Loaded.BEFORE, Left.NOTHING, 1, says)
    row = (before, before, Outcome(Loaded.NONE, Left.NOTHING, 1, says))
    return {CDR: row, CDR_LOG: row}


# What is left of all that it repeats.
ECHOED: Final = (
    "500: Internal error; headers …; headers …; user …; user …; parameters …; response …"
)

_NONE_REGISTERED: Final = Message("WARNING", "Not one of 40 calls is registered")
_NO_DAY: Final = Message("ERROR", "VCC Live has no log of any of 4 days")
_OTHER_CALL: Final = Message("WARNING", "that one is loaded, the other stays pending")
_BYTES: Final = Message("WARNING", "has bytes that are no UTF-8 or JSON; it is read all the same")


def _not_registered(says: str | None = None) -> Outcomes:
    """Return what becomes of calls that seem not to be registered yet; they are asked for again.

    Args:
        says: What VCC Live says of them.
    """
    line = Message("WARNING", f"Not registered, VCC Live says: {says}") if says else None
    some = Outcome(Loaded.BUT_HIT, Left.HIT, 0, line)
    return some, some, Outcome(Loaded.NONE, Left.ALL, 0, _NONE_REGISTERED)


def _absent() -> dict[str, Outcomes]:
    """Return what becomes of an answer that may mean that there is nothing.

    A call is not registered yet. A day is asked for again, and has no calls when it says so three
    times; that no day has any is not believed.
    """
    never = Outcome(Loaded.NONE, Left.NOTHING, 1, _NO_DAY)
    return {CDR: _not_registered(), CDR_LOG: (WELL, WELL, never)}


def _errors(says: str) -> dict[str, Outcomes]:
    """Return what becomes of errors with a good status: of a day they never mean "no calls"."""
    nothing = Outcome(Loaded.NONE, Left.NOTHING, 1, Message("ERROR", f"{says}; nor any of"))
    return {CDR: _not_registered(says), CDR_LOG: (WELL, WELL, nothing)}


def _refused(call: str, page: str) -> dict[str, Outcomes]:
    """Return what becomes of a refusal: it is that of one call or one page as long as others come.

    Args:
        call: What the tap says of a call.
        page: What the tap says of a page of the log.
    """
    some = Outcome(Loaded.BUT_HIT, Left.HIT, 1, Message("WARNING", call))
    none = Message("ERROR", "nor any of the 39 asked for next")
    rows = Outcome(Loaded.BUT_PAGES, Left.DAYS, 1, Message("WARNING", page))
    no_day = Message("ERROR", "nor any of the 3 asked for next")
    return {
        CDR: (some, some, Outcome(Loaded.NONE, Left.ALL, 1, none)),
        CDR_LOG: (rows, rows, Outcome(Loaded.NONE, Left.NOTHING, 1, no_day)),
    }


def _echoed() -> dict[str, Outcomes]:
    """Return what becomes of an error that repeats what it should not, when it is told at last."""
    passing = _passing(f"status 500, {ECHOED}")
    return {stream: (None, None, outcomes[2]) for stream, outcomes in passing.items()}


def _too_large() -> dict[str, Outcomes]:
    """Return what becomes of an answer that stays far too large, also for one row of a day."""
    says = Message("ERROR", "an answer that is far too large; nor any of")
    return {
        CDR: _passing("an answer that is far too large")[CDR],
        CDR_LOG: (WELL, WELL, Outcome(Loaded.NONE, Left.NOTHING, 1, says)),
    }


_TOO_LARGE: Final = _too_large()
_FORBIDDEN: Final = _refused("stays pending", "stays open")
_ODD: Final = {
    CDR: _FORBIDDEN[CDR],
    # Asked for in other slices, the rows of the page come.
    CDR_LOG: (WELL, WELL, _FORBIDDEN[CDR_LOG][2]),
}
_OTHER: Final = Outcome(Loaded.BUT_HIT, Left.HIT, 0, _OTHER_CALL)
_MENDED: Final = Outcome(Loaded.ALL, says=_BYTES)

# Refused or closed, and in which way, is a matter of moments.
_GONE: Final = "the connection to 127.0.0.1 was"
_NO_JSON: Final = "an answer that is no JSON"
_LATE: Final = "no whole answer in 1 seconds from 127.0.0.1"

ROWS: Final[Mapping[str, Row]] = {
    "429": Row("429", _passing("status 429, Too many requests")),
    "429, with a date": Row(
        "429", _passing("status 429, Too many requests"), retry_after="date", kin="429"
    ),
    "500": Row("500", _passing("status 500, Internal error")),
    "502": Row("502", _passing("status 502"), kin="500"),
    "503": Row("503", _passing("status 503")),
    "503, with a date": Row("503", _passing("status 503"), retry_after="date", kin="503"),
    "slow": Row("slow", _passing(_LATE), timeout=1),
    "stall": Row("stall", _passing(_LATE), timeout=1, kin="slow"),
    "drop": Row("drop", _passing(_GONE, "")),
    "half": Row("half", _passing("the answer of 127.0.0.1 broke off")),
    "refuse": Row("refuse", _passing(_GONE, "")),
    "certificate": Row("certificate", _ending("does not verify; nothing was sent")),
    "json": Row("json", _passing(_NO_JSON)),
    "html": Row("html", _passing(_NO_JSON), kin="json"),
    "400": Row("400", _ODD),
    "403": Row("403", _FORBIDDEN),
    "404": Row("404", _absent()),
    "410": Row("410", _absent(), kin="404"),
    "204": Row("204", _absent(), kin="404"),
    "blank": Row("blank", _absent(), kin="null"),
    "null": Row("null", _absent()),
    "empty-list": Row("empty-list", _absent(), kin="null"),
    "empty-object": Row("empty-object", _absent(), kin="null"),
    "false": Row("false", _absent(), kin="null"),
    "bare": Row("bare", _passing("an answer without the envelope")),
    "errors": Row("errors", _errors("Something went wrong.")),
    "errors-objects": Row("errors-objects", _errors("500: Something went wrong."), kin="errors"),
    "echo": Row("echo", _echoed()),
    "empty-error": Row("empty-error", _errors("(an error without a message)"), kin="errors"),
    "no-response": Row("no-response", _passing("an answer without a response"), kin="bare"),
    "other-call": Row(
        "other-call",
        {
            CDR: (_OTHER, _OTHER, Outcome(Loaded.ALL, Left.ALL, 0, _OTHER_CALL)),
            CDR_LOG: (WELL, WELL, WELL),
        },
    ),
    "one-row": Row("one-row", dict.fromkeys(STREAMS, (WELL, WELL, WELL))),
    "bad-byte": Row("bad-byte", dict.fromkeys(STREAMS, (_MENDED, _MENDED, _MENDED))),
    "raw-tab": Row("raw-tab", dict.fromkeys(STREAMS, (_MENDED, _MENDED, _MENDED)), kin="bad-byte"),
    "large": Row(
        "large",
        {
            # Four megabytes each: valid, and too much output for forty of them.
            CDR: (WELL, WELL, None),
            CDR_LOG: _TOO_LARGE[CDR_LOG],
        },
    ),
    "fat": Row("fat", dict.fromkeys(STREAMS, (WELL, WELL, WELL))),
    "redirect": Row("redirect", _ending("points to another server; the key is not sent there")),
    "endless": Row("endless", _TOO_LARGE, kin="bomb"),
    "bomb": Row("bomb", _TOO_LARGE),
    "deep": Row("deep", _passing(_NO_JSON)),
    "many-errors": Row("many-errors", _TOO_LARGE, kin="bomb"),
    "headers": Row("headers", _passing("127.0.0.1 answers with what is no HTTP")),
    "drip-headers": Row("drip-headers", _passing(_LATE), timeout=1, kin="drip"),
    "drip": Row("drip", _passing(_LATE), timeout=1),
}

LARGE: Final = ("endless", "bomb", "deep", "many-errors", "headers")
"""Faults made to fill the memory of whoever reads them."""

MOST_MEGABYTES: Final = 300
"""What the tap takes of memory at the most, whatever it is sent, with 8 requests in flight."""


def table() -> list[str]:
    """Return the lines of the table in docs/faults.md; faults of the same fate share a row."""
    fates: dict[tuple[str, Outcomes], list[str]] = {}
    for name, row in ROWS.items():
        for stream, outcomes in row.outcomes.items():
            fates.setdefault((stream, outcomes), []).append(f"`{name}`")
    lines = ["| fault | stream | " + " | ".join(HOWS) + " |", "|---|---|" + "---|" * len(HOWS)]
    lines += [
        f"| {', '.join(names)} | `{stream}` | {' | '.join(map(_cell, outcomes))} |"
        for (stream, outcomes), names in fates.items()
    ]
    return lines


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return "not tried"
    parts = [outcome.loaded.value, outcome.left.value, f"status {outcome.status}"]
    if outcome.says:
        parts.append(f"{outcome.says.level} “{outcome.says.text}”")
    return "; ".join(filter(None, parts))
