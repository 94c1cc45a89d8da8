"""What is only guessed about the real API: for each thing, the choices there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

NotRegistered = Literal[
    "404",
    "404-plain",
    "empty-list",
    "empty-object",
    "null",
    "errors-text",
    "errors-object",
    "empty-body",
]


@dataclass(frozen=True)
class Variants:
    """One choice for each thing about the real API that is only guessed.

    Each field's `help` is also that of the command line's option of the same name.
    """

    not_registered: NotRegistered = field(
        default="404",
        metadata={"help": "What a call answers that is not registered."},
    )
    cdr_shape: Literal["object", "list"] = field(
        default="object",
        metadata={"help": "One call as an object, or as a list of one."},
    )
    numbers: Literal["native", "text"] = field(
        default="native",
        metadata={"help": "Numbers of a call as JSON numbers or as text."},
    )
    totals: Literal["number", "text", "missing"] = field(
        default="number",
        metadata={"help": "totalCount as a JSON number or as text, or no totalCount at all."},
    )
    fields: Literal["old", "new"] = field(
        default="new",
        metadata={"help": "The fields of the documented sample, or all that are known."},
    )
    absent: Literal["missing", "null", "empty", "zero"] = field(
        default="missing",
        metadata={
            "help": "How a value looks that a call does not have: its key is missing, null, an "
            "empty text, or (timestamps; empty text elsewhere) 0000-00-00 00:00:00.",
        },
    )
    past_end: Literal["empty", "error"] = field(
        default="empty",
        metadata={"help": "A log's answer to an offset past its end: no rows, or status 400."},
    )
    empty_day: Literal["rows", "404"] = field(
        default="rows",
        metadata={
            "help": "What a log without any call answers: no rows and totalCount 0, or status 404.",
        },
    )
    log_order: Literal["oldest", "newest", "moving"] = field(
        default="oldest",
        metadata={
            "help": "Order of a log by the calls' start: oldest first, newest first, or oldest "
            "first but moved one call further round with each page of that log.",
        },
    )
    log_day: Literal["start", "utc", "overlap"] = field(
        default="start",
        metadata={
            "help": "Which calls the log of a day (or a month, likewise) has: those that start on "
            "that local day, those that start on that UTC day, or those of the local day and of "
            "the hour before its midnight.",
        },
    )
    repeats: Literal["none", "counted", "uncounted"] = field(
        default="none",
        metadata={
            "help": "Whether a log lists one call in ten twice, one right behind the other, and "
            "whether totalCount then counts rows (counted) or calls (uncounted).",
        },
    )
