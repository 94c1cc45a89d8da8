"""A list of calls as people keep them: a table, logged webhooks, bare uuids."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, TextIO

from vcclive_sandbox import example
from vcclive_sandbox.cdr import webhook_of

if TYPE_CHECKING:
    from vcclive_sandbox.calls import Calls

FORMATS = ("csv", "jsonl", "txt")
COLUMNS = ("uuid", "year", "month")
EXAMPLE = (example.UUID, example.YEAR, example.MONTH)


def write(calls: Calls, form: str, out: TextIO, *, with_example: bool = False) -> None:
    """Write the calls in order of their start, one at a time.

    Args:
        calls: What to list.
        form: `csv` has the columns uuid, year and month; `jsonl` a webhook a line; `txt` a uuid a
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
                out.write(json.dumps(dict(zip(COLUMNS, EXAMPLE, strict=True))) + "\n")
            out.writelines(
                json.dumps(webhook_of(call), ensure_ascii=False) + "\n" for call in calls
            )
        case "txt":
            if with_example:
                out.write(f"{example.UUID}\n")
            out.writelines(f"{call.uuid}\n" for call in calls if call.version == 1)
        case _:
            raise ValueError(form)
