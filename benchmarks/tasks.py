"""What contenders are let do: calls one by one, or days of the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from benchmarks import calls
from benchmarks.call_log import NO_CALLS, CallLog

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.server import Counts


class Task(Protocol):
    """What a contender is let do."""

    @property
    def calls(self) -> int:
        """How many calls it is to fetch."""

    @property
    def least(self) -> Task:
        """The same with a single call: what it takes is the contender's start-up."""

    @property
    def log(self) -> CallLog:
        """The log that the server must have."""

    @property
    def name(self) -> str:
        """Name of the file that lists what is to be fetched."""

    def write(self, path: Path) -> Path:
        """Write that file; return its path."""

    def is_done(self, counts: Counts) -> bool:
        """Whether it was asked for all calls, as the server has counted."""


@dataclass(frozen=True)
class CallByCall:
    """The first so many calls of a list, each asked for once.

    Attributes:
        calls: How many calls.
    """

    calls: int

    @property
    def least(self) -> CallByCall:
        """The first call."""
        return CallByCall(1)

    @property
    def log(self) -> CallLog:
        """None is needed."""
        return NO_CALLS

    @property
    def name(self) -> str:
        """Name of the list."""
        return f"{self.calls}.csv"

    def write(self, path: Path) -> Path:
        """Write the list; return its path."""
        return calls.write(path, self.calls)

    def is_done(self, counts: Counts) -> bool:
        """Whether there was one request for each call."""
        return counts.requests == self.calls


@dataclass(frozen=True)
class DayByDay:
    """All days of a log, in as many requests as a contender likes.

    Attributes:
        log: The log.
    """

    log: CallLog

    @property
    def calls(self) -> int:
        """How many calls the log has."""
        return self.log.days * self.log.calls_per_day

    @property
    def least(self) -> DayByDay:
        """A day with one call."""
        return DayByDay(CallLog(1, 1))

    @property
    def name(self) -> str:
        """Name of the list of days."""
        return f"{self.log.days}-days.txt"

    def write(self, path: Path) -> Path:
        """Write the days; return the path."""
        return self.log.write(path)

    def is_done(self, counts: Counts) -> bool:
        """Whether all calls were in the pages that were asked for."""
        return counts.rows == self.calls
