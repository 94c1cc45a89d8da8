"""The streams that a history is lived through with: how they run, and what their states say."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from tap_vcclive.call_log.run import CallLogRun
from tap_vcclive.cdr.run import CallsRun
from tests.call_log.logs import settings as settings_of_tap
from tests.nights.plans import Asked, Plan, Scope
from tests.nights.world import CALLS, FIRST_DAY

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from tap_vcclive.api.client import Client
    from tap_vcclive.api.errors import VCCLiveError
    from tap_vcclive.settings.typed import Settings
    from tests.nights.centre import Centre

SILENT: Final = logging.getLogger("silent")
SILENT.setLevel(logging.CRITICAL + 1)
_SETTINGS: Final = settings_of_tap("http://127.0.0.1:1/v2", max_concurrency=1)

Name = str | date
"""What a state names: a call by its uuid, or a day."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a state names.

    Attributes:
        left: What is left to later runs.
        given_up: What is given up.
    """

    left: frozenset[Name]
    given_up: frozenset[Name]

    @property
    def all(self) -> frozenset[Name]:
        """All of it."""
        return self.left | self.given_up


class Stream:
    """A stream of the tap.

    Attributes:
        scope: What of a plan matters to it.
    """

    def __init__(self, *, days: bool, numbers: bool, from_log: bool) -> None:
        """Say whether it reads days, has a list of calls, and takes its calls from the log."""
        self.scope = Scope(has_days=days, has_calls=numbers or from_log, has_list=numbers)

    def run(
        self, plan: Plan, asked: Asked, numbers: Sequence[int], centre: Centre
    ) -> CallsRun | CallLogRun:
        """Return a run that has not begun."""
        client = cast("Client", centre)
        settings = self._settings(plan, asked, numbers)
        if self.scope.has_calls:
            return CallsRun(settings, client, SILENT)
        return CallLogRun(settings, client, SILENT)

    def _settings(self, plan: Plan, asked: Asked, numbers: Sequence[int]) -> Settings:
        return replace(
            _SETTINGS,
            start_date=_day(asked.start) if self.scope.has_days else None,
            end_date=None if asked.end is None else _day(asked.end),
            project_ids=asked.projects,
            lookback_days=asked.lookback,
            calls=[CALLS[number].entry for number in numbers] if self.scope.has_list else [],
            calls_from_log=self.scope.has_days and self.scope.has_calls,
            max_attempts=plan.max_attempts,
            retry_after=timedelta(minutes=plan.retry_minutes),
        )

    def log_in(self, bookmark: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a state says of the log."""
        log: Mapping[str, Any] = bookmark.get("log", {}) if self.scope.has_calls else bookmark
        return log

    def named_in(self, bookmark: Mapping[str, Any]) -> Named:
        """Return what a state names."""
        log = self.log_in(bookmark)
        return Named(
            frozenset((*_uuids(bookmark.get("pending")), *_days(log.get("open_days")))),
            frozenset((*_uuids(bookmark.get("missing")), *_days(log.get("given_up")))),
        )

    def days_in(self, bookmark: Mapping[str, Any]) -> set[date]:
        """Return the days that count as read."""
        log = self.log_in(bookmark)
        spans = [*(log.get("earlier") or []), *([log] if log.get("first_day") else [])]
        days: set[date] = set()
        for span in spans:
            first, last = map(date.fromisoformat, (span["first_day"], span["last_day"]))
            days |= {first + timedelta(days=number) for number in range((last - first).days + 1)}
        return days

    def covers(self, bookmark: Mapping[str, Any], projects: tuple[int, ...] | None) -> bool:
        """Return whether the days that count as read do so for some projects, or for all."""
        read = self.log_in(bookmark).get("project_ids")
        return not read or (projects is not None and set(projects) <= set(read))


LOG: Final = Stream(days=True, numbers=False, from_log=False)
LIST: Final = Stream(days=False, numbers=True, from_log=False)
CALLS_OF_LOG: Final = Stream(days=True, numbers=False, from_log=True)


def records_of(run: CallsRun | CallLogRun) -> Generator[tuple[bool, str | None], None, None]:
    """Yield what a run hands out, as a stream does.

    Yields:
        Whether the state may be written before it, and the uuid of a record; None when there is
        none.
    """
    if isinstance(run, CallsRun):
        with closing(run.answers(None)) as answers:
            for _, answer in answers:
                yield True, None if answer.cdr is None else answer.uuid
        return
    with closing(run.days()) as days:
        for day in days:
            yield True, None
            # What is no row says that the next one is not there yet.
            yield from ((False, row[0]) for row in day.rows() if isinstance(row, tuple))


def is_unfinished(run: CallsRun | CallLogRun, error: VCCLiveError | None) -> bool:
    """Return whether a run's result is status 1.

    Args:
        run: The run, which is over.
        error: What ended it, if anything did.
    """
    return error is not None or bool(getattr(run, "unfinished", None))


def _day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def _uuids(entries: Any) -> Iterator[str]:  # noqa: ANN401 - as a state has it
    return (one["uuid"] if isinstance(one, dict) else one for one in entries or [])


def _days(entries: Any) -> Iterator[date]:  # noqa: ANN401 - as a state has it
    days = (one["day"] if isinstance(one, dict) else one for one in entries or [])
    return map(date.fromisoformat, days)
