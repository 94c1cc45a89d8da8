"""A list of calls as people keep them: a table, logged webhooks, bare uuids."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vcclive_sandbox import example, webhooks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vcclive_sandbox.calls import Calls

PIECE_CHARACTERS = 100

FORMATS = ("csv", "jsonl", "txt")
COLUMNS = ("uuid", "year", "month")
EXAMPLE = (example.UUID, example.YEAR, example.MONTH)


class Writer(Protocol):
    """What a list is written to."""

    def write(self, text: str, /) -> object:
        """Write a text."""

    def writelines(self, texts: Iterable[str], /) -> object:
        """Write some texts."""


class SlowFile:
    """A file that grows piece by piece, within lines as well, while others read it."""

    def __init__(self, path: str, seconds_between: float) -> None:
        """Keep where to write, and how long to wait between two pieces."""
        self._path = path
        self._seconds_between = seconds_between

    def write(self, text: str, /) -> None:
        """Append a text."""
        with Path(self._path).open("a", encoding="utf-8") as file:
            for begin in range(0, len(text), PIECE_CHARACTERS):
                file.write(text[begin : begin + PIECE_CHARACTERS])
                file.flush()
                time.sleep(self._seconds_between)

    def writelines(self, texts: Iterable[str], /) -> None:
        """Append some texts."""
        for text in texts:
            self.write(text)


def write(calls: Calls, form: str, out: Writer, *, with_example: bool = False) -> None:
    """Write the calls in order of their start, one at a time.

    Args:
        calls: What to list.
        form: `csv` has the columns uuid, year and month; `jsonl` a log of webhooks; `txt` a uuid a
            line, of the version-1 uuids only: the others do not tell their month.
        out: Where to.
        with_example: Whether the documented call of 2015 comes first.
    """
    match form:
        case "csv":
            table = csv.writer(out, lineterminator="\n")
            table.writerow(COLUMNS)
            if with_example:
                table.writerow(EXAMPLE)
            table.writerows((call.uuid, call.year, call.month) for call in calls)
        case "jsonl":
            if with_example:
                out.write(json.dumps(webhooks.EXAMPLE) + "\n\n")
            out.writelines(webhooks.log_of(calls))
        case "txt":
            if with_example:
                out.write(f"{example.UUID}\n")
            out.writelines(f"{call.uuid}\n" for call in calls if call.version == 1)
        case _:
            raise ValueError(form)
