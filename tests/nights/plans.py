"""What happens in a history, night by night: data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.nights.weather import Fault

# Before the first run there are days to catch up with.
DAYS_BEFORE: Final = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """What the settings ask for.

    Attributes:
        start: Number of the first day.
        end: Number of the last day; None for today.
        projects: Their ids; None for all.
        lookback: The setting `lookback_days`.
    """

    start: int = 0
    end: int | None = None
    projects: tuple[int, ...] | None = None
    lookback: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """How a run is cut off.

    Attributes:
        after: After how many records, or calls without one.
        is_kill: Whether by force; else it is told to stop.
        back: How many of the last states are lost with it, if by force.
    """

    after: int
    is_kill: bool = True
    back: int = 0


@dataclass(frozen=True, slots=True)
class Edit:
    """What becomes of the list of calls before a night.

    Attributes:
        drop: How many calls are taken away at its beginning.
        is_turned: Whether it is turned round.
        append: Numbers of the calls that are added at its end.
    """

    drop: int = 0
    is_turned: bool = False
    append: tuple[int, ...] = ()

    def of(self, numbers: tuple[int, ...]) -> tuple[int, ...]:
        """Return what becomes of a list."""
        left = numbers[self.drop :]
        return (*(left[::-1] if self.is_turned else left), *self.append)


@dataclass(frozen=True, slots=True)
class Night:
    """One run, and what is before it.

    Attributes:
        days_later: How many days after the last run.
        minute: Minute of the day; five minutes after the last run if that is past.
        asked: What the settings ask for from now on; None for the same as before (in the first
            night, as in the last ones).
        edit: What becomes of the list.
        faults: What is wrong with the answers, in this night.
        is_down: Whether nothing has an answer.
        step: How many minutes later it is at each request for the same day or call.
        cut: How the run is cut off, or None.
        is_merged: Whether its states are merged into the one before, key by key.
        restored: How many runs old the state is that it begins with.
    """

    days_later: int = 1
    minute: int = 5
    asked: Asked | None = None
    edit: Edit = Edit()
    faults: tuple[Fault, ...] = ()
    is_down: bool = False
    step: int = 0
    cut: Cut | None = None
    is_merged: bool = False
    restored: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A history.

    Attributes:
        nights: Its nights; after them the server is well, but for `for_good`.
        last: What the settings ask for in the nights after that.
        for_good: What is wrong with the answers in every night, to the end.
        first_list: Numbers of the calls of the list at the beginning.
        max_attempts: The setting.
        retry_minutes: The setting.
        last_nights: How many nights follow in which the server is well; None for so many that all
            is given up by then that is never answered.
    """

    nights: tuple[Night, ...] = ()
    last: Asked = Asked()
    for_good: tuple[Fault, ...] = ()
    first_list: tuple[int, ...] = ()
    max_attempts: int = 2
    retry_minutes: int = 5
    last_nights: int | None = None

    @property
    def last_list(self) -> tuple[int, ...]:
        """The list of calls of the last nights."""
        numbers = self.first_list
        for night in self.nights:
            numbers = night.edit.of(numbers)
        return numbers


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a plan matters to a stream.

    Attributes:
        has_days: Whether it reads days of the log.
        has_calls: Whether it asks for calls one by one.
        has_list: Whether it has a list of calls.
    """

    has_days: bool = False
    has_calls: bool = False
    has_list: bool = False
