"""The faults there are, and what each of them is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FaultName = Literal[
    "400",
    "403",
    "404",
    "410",
    "429",
    "500",
    "502",
    "503",
    "204",
    "slow",
    "stall",
    "drop",
    "half",
    "refuse",
    "certificate",
    "json",
    "html",
    "blank",
    "null",
    "empty-list",
    "empty-object",
    "false",
    "empty-error",
    "bare",
    "errors",
    "errors-objects",
    "echo",
    "no-response",
    "other-call",
    "one-row",
    "bad-byte",
    "raw-tab",
    "large",
    "fat",
    "redirect",
    "endless",
    "bomb",
    "deep",
    "many-errors",
    "headers",
    "drip-headers",
    "drip",
]
FAULT_NAMES: tuple[FaultName, ...] = get_args(FaultName)

FAULTS: Mapping[FaultName, str] = {
    "400": "Status 400 with an errors text.",
    "403": "Status 403: the key may not read this, as with --forbidden.",
    "404": "Status 404 with an errors text.",
    "410": "Status 410 with an errors text.",
    "429": "Status 429 with Retry-After.",
    "500": "Status 500 with an errors text.",
    "502": "Status 502 with a page of HTML.",
    "503": "Status 503 with a page of HTML and Retry-After.",
    "204": "Status 204, which has no body.",
    "slow": "The answer comes after --slow-seconds.",
    "stall": "Half of the answer, then silence for --slow-seconds, then the connection breaks.",
    "drop": "The connection breaks without an answer.",
    "half": "Half of the answer, then the connection is closed.",
    "refuse": "All connections break and the port refuses new ones for --outage-seconds.",
    "certificate": "New connections meet the certificate of another CA for --outage-seconds.",
    "json": "JSON that is cut off.",
    "html": "A page of HTML with status 200.",
    "blank": "An empty body with status 200.",
    "null": 'An envelope without an answer: {"response": null}.',
    "empty-list": "[] as the response.",
    "empty-object": "{} as the response.",
    "false": "false as the response.",
    "empty-error": "An errors text that is empty.",
    "bare": "The answer without its envelope.",
    "errors": "An errors text with status 200.",
    "errors-objects": "An error as the documented object with status 200.",
    "echo": "Status 500 with an error that repeats the request's headers and the answer's body.",
    "no-response": "An envelope without the key response.",
    "other-call": "Another call than the one asked for.",
    "one-row": "A page of the log cut short to its first row.",
    "bad-byte": "Half a character in the note of the first call, which is no UTF-8.",
    "raw-tab": "A tab as it is in the note of the first call, which is no JSON.",
    "large": "A call with a text of nearly 4 MB, a page with nearly 8 MB of empty lists; gzipped.",
    "fat": "A note of 28,000 characters in each call: 500 rows are a page of 14 MB.",
    "redirect": "Status 302 to another host.",
    "endless": "A body without end.",
    "bomb": "A gigabyte, gzipped to a megabyte.",
    "deep": "Lists nested 100,000 deep.",
    "many-errors": "A million errors.",
    "headers": "Headers without end.",
    "drip-headers": "Headers without end, byte by byte.",
    "drip": "A body without end, byte by byte.",
}

ALWAYS = "*"
"""At the end of a forced fault's name: it stays, whatever number of requests come."""


def check_fault_names(names: Iterable[str]) -> None:
    """Raise ValueError when one of `names` is no fault."""
    for name in names:
        if name not in FAULT_NAMES:
            raise ValueError(f"no such fault: {name}; there are {', '.join(FAULT_NAMES)}")
