"""The first part: a week of calls by nothing but a date, then the run of the next day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from demo.checks import check
from demo.narration import command, result, step, table
from demo.sandbox import DEFAULT, calls_on, sandbox, write_calls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.pipeline import Pipeline

DAYS = 8
# The run of the next day reads the last two days of the week again: the one that it had read last,
# and the setting lookback_days, whose default is 1, before that.
READ_AGAIN = 2


@dataclass(frozen=True)
class Log:
    """What the sandbox says that it has.

    Attributes:
        totals: The number of calls of each day, as its log tells it.
        calls: The uuids of all calls in order of their start.
    """

    totals: dict[date, int]
    calls: Sequence[str]


def show(pipeline: Pipeline) -> None:
    """Load a week, then what the next day brings."""
    # In the zone of the call centre, as the tap's: elsewhere it can be another day.
    today = datetime.now(ZoneInfo(DEFAULT.timezone)).date()
    days = [today - timedelta(days=back) for back in range(DAYS, 0, -1)]
    options = ("--first-day", days[0].isoformat(), "--days", str(DAYS))

    step("A stand-in for VCC Live: eight days of calls, the last of them yesterday")
    command(" ".join(("vcclive-sandbox serve", *options)))
    with sandbox(options) as api_url:
        log = Log(
            {day: calls_on(api_url, day) for day in days},
            write_calls(options, pipeline.folder / "log.csv"),
        )
        check(sum(log.totals.values()) == len(log.calls), "the sandbox contradicts itself")
        result(f"It answers at {api_url} and has {len(log.calls)} calls.")
        settings = {
            "TAP_VCCLIVE_API_URL": api_url,
            "TAP_VCCLIVE_START_DATE": days[0].isoformat(),
        }

        week = days[:-1]
        step("A week of calls, by date: no list of calls is needed")
        command(f"export TAP_VCCLIVE_START_DATE={week[0]} TAP_VCCLIVE_END_DATE={week[-1]}")
        pipeline.run(
            {**settings, "TAP_VCCLIVE_END_DATE": week[-1].isoformat()},
            "the first time on a machine, Meltano installs tap and target: up to a minute",
        )
        _compare(pipeline, log, week, read=week)
        result("A few of them:")
        pipeline.show_rows("cdr_log")

        step("The next day: the same command, with no end")
        command("unset TAP_VCCLIVE_END_DATE")
        pipeline.run(settings)
        _compare(pipeline, log, days, read=days[-1 - READ_AGAIN :])
        result("It read the new day, and today so far; the two days before once more.")


def _compare(pipeline: Pipeline, log: Log, days: Sequence[date], *, read: Sequence[date]) -> None:
    """Show the calls of each day, and check that they are those that the sandbox has.

    Args:
        pipeline: What has run.
        log: What the sandbox says.
        days: The days that have been read by now.
        read: Those of them that the last run has read.
    """
    # By the local day, which is that of the log: `start_ts` is the call centre's own time.
    rows = pipeline.database.rows(
        "SELECT left(start_ts, 10), count(*), count(*) FILTER (WHERE _sdc_sync_started_at = "
        "(SELECT max(_sdc_sync_started_at) FROM vcclive_sandbox.cdr_log)) "
        "FROM vcclive_sandbox.cdr_log GROUP BY 1"
    )
    counts = {date.fromisoformat(day): (count, new) for day, count, new in rows}
    table(
        ("day", "sandbox says", "PostgreSQL has", "of this run"),
        [(f"{day:%a %d %b}", log.totals[day], *counts.get(day, (0, 0))) for day in days],
    )
    for day in days:
        total, (count, new) = log.totals[day], counts.get(day, (0, 0))
        check(count == total, f"of {day}, PostgreSQL has {count} calls, the sandbox {total}")
        expected = total if day in read else 0
        check(new == expected, f"the run loaded {new} calls of {day}, not {expected}")
    check(counts.keys() <= set(days), "PostgreSQL has calls of other days")

    # The list is in order of start, so the calls of the first days are the first of it.
    calls = log.calls[: sum(log.totals[day] for day in days)]
    loaded = [
        uuid for (uuid,) in pipeline.database.rows("SELECT uuid FROM vcclive_sandbox.cdr_log")
    ]
    check(set(loaded) == set(calls), "the rows are not the calls of the sandbox's list")
    check(len(loaded) == len(calls), "a call has more than one row")
    result(f"All {len(calls)} calls of these {len(days)} days, each of them once.")
