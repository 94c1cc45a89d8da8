"""What is only guessed about the real API: for each thing, the choices there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Absence = Literal[
    "404",
    "404-plain",
    "410",
    "204",
    "empty-body",
    "null",
    "empty-list",
    "empty-object",
    "false",
    "empty-error",
    "errors-text",
    "errors-object",
]
# An error is never the same as no calls: the ways by errors are no choice for a day.
EmptyDay = Literal[
    "rows",
    "404",
    "404-plain",
    "410",
    "204",
    "empty-body",
    "null",
    "empty-list",
    "empty-object",
    "false",
]


@dataclass(frozen=True)
class Variants:
    """One choice for each thing about the real API that is only guessed.

    Each field's `help` is also that of the command line's option of the same name.
    """

    not_registered: Absence = field(
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
    totals: Literal["number", "text", "missing", "alternating"] = field(
        default="number",
        metadata={
            "help": "totalCount as a JSON number or as text, no totalCount at all, or one that is "
            "one call behind on each other page of a log, as with two servers that take turns.",
        },
    )
    uuid_form: Literal["plain", "upper", "bare", "braces", "urn"] = field(
        default="plain",
        metadata={
            "help": "How an answer spells the uuid of a call: in lower case, in upper case, as 32 "
            "digits, in braces, or as urn:uuid:...",
        },
    )
    uuid_name: Literal["uuid", "UUID"] = field(
        default="uuid",
        metadata={"help": "Name of the field that has the uuid of a call."},
    )
    rows_shape: Literal["list", "object"] = field(
        default="list",
        metadata={
            "help": "The rows of a page as a list, or as an object with numbered keys, as PHP "
            "writes an array that does not begin at 0; no rows are a list there, too.",
        },
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
    past_end: Literal["empty", "error", "404", "errors"] = field(
        default="empty",
        metadata={
            "help": "A log's answer to an offset past its end: no rows, status 400, status 404, or "
            "status 200 with an errors text.",
        },
    )
    empty_day: EmptyDay = field(
        default="rows",
        metadata={
            "help": "What a log without any call answers: no rows and totalCount 0, a status, an "
            "empty body, or null, [], {}, false as the response.",
        },
    )
    unknown_project: Literal["rows", "404", "403", "400", "errors"] = field(
        default="rows",
        metadata={
            "help": "What a log answers for a projectid that does not exist: no rows and "
            "totalCount 0, a status, or status 200 with an errors text.",
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
    field_names: Literal["documented", "lower", "camel"] = field(
        default="documented",
        metadata={
            "help": "Names of fields in lists: as documented, all in lower case, or with ids "
            "written as in userId.",
        },
    )
    ids: Literal["unique", "repeated"] = field(
        default="unique",
        metadata={
            "help": "Whether a list has an id twice, as the documented sample of /users has."
        },
    )
    states_past_end: Literal["empty", "400", "404", "500"] = field(
        default="400",
        metadata={"help": "What /statistics/userstate answers to an offset past its end."},
    )
    folder_ids: Literal["own", "shared"] = field(
        default="own",
        metadata={
            "help": "Whether the folders among the projects have numbers of their own, or share "
            "those of projects.",
        },
    )
    disposition_ids: Literal["dispositionid", "id", "none"] = field(
        default="dispositionid",
        metadata={
            "help": "Name of the field that has the number of a disposition, if there is one."
        },
    )
