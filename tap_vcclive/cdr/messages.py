"""What a run of calls says: what it will do, what it has come to, what it leaves."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, NamedTuple

from tap_vcclive.fetching.report import Kind
from tap_vcclive.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tap_vcclive.api.client import Client
    from tap_vcclive.call_list.call_list import Survey
    from tap_vcclive.call_log.hours import CallsByHour
    from tap_vcclive.cdr.progress import Progress


CALLS: Final = Kind("cdr", "calls", "pending")
"""What a run of calls is about, for its report."""


class Plan(NamedTuple):
    """What a run is going to do; as text, for people.

    Attributes:
        total: Calls in the list.
        new: Calls of the list that have not been asked for yet.
        pending: Calls that are not registered yet.
        due: Those of them that are asked for again now.
        next_due: When the first of them is asked for again, in UTC; None when there are none.
    """

    total: int
    new: int
    pending: int
    due: int
    next_due: datetime | None

    def __str__(self) -> str:
        """Return one line."""
        known = f"{self.total:,} calls in the list, {self.total - self.new:,} done"
        if self.pending:
            known += f", {self.pending:,} pending"
        if self.new or self.due:
            also = f" and {self.due:,} pending" if self.due else ""
            return f"{known}; fetching {self.new:,} new{also}"
        if self.next_due:
            due = self.next_due.isoformat(timespec="seconds")
            return f"{known}; nothing to fetch, the next pending call is due at {due}"
        return f"{known}; nothing to fetch"


def announce(
    total: int, due: int, progress: Progress, logger: logging.Logger, *, has_log: bool
) -> int:
    """Say what will be fetched, and what will not although somebody may think so.

    Args:
        total: How many calls the list has.
        due: How many of the pending calls are asked for again now.
        progress: How far the list has got.
        logger: Where to.
        has_log: Whether calls are taken from the log, too, which says so itself.

    Returns:
        How many calls will be fetched.
    """
    plan = Plan(
        total=total,
        new=total - progress.done.calls,
        pending=len(progress.pending),
        due=due,
        next_due=progress.next_due(),
    )
    if not has_log or plan.total or plan.pending:
        logger.info("%s", plan)
    if progress.forgotten:
        logger.error(
            "%s calls that were given up long ago leave the state: too many are missing",
            f"{progress.forgotten:,}",
        )
    if progress.missing:
        logger.warning(
            "%s calls have been given up and stand in the state as missing: to have one asked "
            "for again, append it to the list once more",
            f"{len(progress.missing):,}",
        )
    return plan.new + plan.due


def left_of(total: int, progress: Progress, call_log: CallsByHour | None) -> list[str]:
    """Return what is left to do, a text each.

    Args:
        total: How many calls the list has.
        progress: How far the list has got.
        call_log: The call log, if calls are taken from there.
    """
    left = {
        "call of the list": total - progress.done.calls,
        "day of the log": call_log.left if call_log is not None else 0,
        "pending call": len(progress.pending),
    }
    plurals = {"call of the list": "calls of the list", "day of the log": "days of the log"}
    return [counted(number, noun, plurals.get(noun)) for noun, number in left.items() if number]


def summary_of(loaded: int, progress: Progress, client: Client) -> str:
    """Return what a run has come to.

    Args:
        loaded: How many calls have been loaded.
        progress: How far the list has got.
        client: Has asked VCC Live.
    """
    return (
        f"{counted(loaded, 'call')} loaded, {len(progress.pending):,} pending, "
        f"{len(progress.missing):,} missing; {counted(client.asked, 'request')}, "
        f"{counted(client.tries, 'try', 'tries')}"
    )


def tell_list(problems: Iterable[str], survey: Survey, logger: logging.Logger) -> None:
    """Say what of a list is not asked for, and why.

    Args:
        problems: What is wrong with it, a line each.
        survey: What reading it has shown.
        logger: Where to.
    """
    for problem in problems:
        logger.error("%s", problem)
    reading = survey.reading
    if others := reading.other_events:
        # Of a whole log of webhooks at least some are about calls.
        level = logging.INFO if survey.total or reading.bad_rows else logging.WARNING
        logger.log(
            level,
            "calls_file: %s without a uuid passed over",
            counted(others, "object"),
        )
    if reading.waiting:
        logger.info(
            "%s has no line end and may be a piece of a longer one: left for a later run",
            reading.waiting,
        )
