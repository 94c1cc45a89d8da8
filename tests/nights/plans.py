"""What happens in a history, night by night: data, and how hypothesis draws it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hypothesis import strategies as st

from tests.nights.weather import (
    ABSENT,
    HARMLESS,
    REFUSED,
    SPELT,
    At,
    CallFault,
    DayFault,
    Fault,
    How,
)
from tests.nights.world import CALLS, DAYS, PROJECTS

_MOST_NIGHTS: Final = 7
_TIMES_OF_DAY: Final = (5, 30, 70, 180, 720, 1435)
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


_ALL_DAYS: Final = frozenset(range(DAYS))
_ALL_CALLS: Final = frozenset(range(len(CALLS)))


def _some(numbers: frozenset[int]) -> st.SearchStrategy[frozenset[int]]:
    """Draw a few of them, all of them, or all but a few."""
    few = st.frozensets(st.sampled_from(sorted(numbers)), min_size=1, max_size=6)
    return st.one_of(few, few.map(lambda left_out: numbers - left_out))


_days = _some(_ALL_DAYS)
_numbers = st.integers(0, len(CALLS) - 1)
_project = st.sampled_from((None, None, *PROJECTS))
_times = st.sampled_from((None, 1, 2))

day_faults: Final = st.one_of(
    st.builds(
        DayFault,
        how=st.sampled_from((*REFUSED, *ABSENT, How.HOLLOW)),
        days=_days,
        project=_project,
        at=st.sampled_from(At),
        times=_times,
    ),
    st.builds(
        DayFault,
        how=st.sampled_from((*REFUSED, *ABSENT)),
        days=st.just(_ALL_DAYS),
        row=_numbers,
        times=_times,
    ),
    st.builds(
        DayFault,
        how=st.sampled_from((How.MOVES, How.NAMELESS, *HARMLESS)),
        days=_days,
        project=_project,
    ),
)
lasting_day_faults: Final = st.one_of(
    st.builds(DayFault, how=st.sampled_from(REFUSED), days=_days, project=_project),
    st.builds(DayFault, how=st.sampled_from(REFUSED), days=st.just(_ALL_DAYS), row=_numbers),
    st.builds(DayFault, how=st.sampled_from(HARMLESS), days=_days, project=_project),
)
call_faults: Final = st.builds(
    CallFault,
    how=st.sampled_from((*REFUSED, *ABSENT, *SPELT)),
    calls=_some(_ALL_CALLS),
    times=_times,
)
lasting_call_faults: Final = st.builds(
    CallFault, how=st.sampled_from((*REFUSED, *SPELT)), calls=_some(_ALL_CALLS)
)
asked: Final = st.builds(
    Asked,
    start=st.sampled_from((0, 2, 3, 4, 6, 9)),
    end=st.one_of(st.none(), st.sampled_from((2, 3, 4, 5, 8))),
    projects=st.sampled_from((None, (3,), (5,), (3, 5))),
    lookback=st.integers(0, 2),
)


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
    has_list: bool = field(default=False)


def plans_of(scope: Scope) -> st.SearchStrategy[Plan]:
    """Draw the plans of a history of a stream."""
    kinds: list[st.SearchStrategy[Fault]] = []
    lasting: list[st.SearchStrategy[Fault]] = []
    if scope.has_days:
        kinds.append(day_faults)
        lasting.append(lasting_day_faults)
    if scope.has_calls:
        kinds.append(call_faults)
        lasting.append(lasting_call_faults)
    lists = st.lists(_numbers, max_size=8) if scope.has_list else st.just([])
    edits = st.builds(
        Edit,
        drop=st.sampled_from((0, 0, 0, 1, 100)),
        is_turned=st.booleans() if scope.has_list else st.just(value=False),
        append=lists.map(tuple),
    )
    # Most nights are as they should be in most respects: else nothing is ever read.
    nights = st.builds(
        Night,
        days_later=st.sampled_from((1, 1, 1, 0, 0, 2, 4)),
        minute=st.sampled_from(_TIMES_OF_DAY),
        asked=st.one_of(st.none(), st.none(), asked) if scope.has_days else st.none(),
        edit=edits if scope.has_list else st.just(Edit()),
        faults=st.lists(st.one_of(kinds), max_size=2).map(tuple),
        is_down=st.sampled_from((False,) * 9 + (True,)),
        step=st.sampled_from((0, 0, 0, 10)),
        cut=st.one_of(
            st.none(),
            st.none(),
            st.builds(
                Cut,
                after=st.integers(0, 30),
                is_kill=st.booleans(),
                back=st.integers(0, 2),
            ),
        ),
        is_merged=st.booleans(),
        restored=st.sampled_from((0, 0, 0, 0, 1, 2)),
    )
    return st.builds(
        Plan,
        nights=st.lists(nights, min_size=1, max_size=_MOST_NIGHTS).map(tuple),
        last=st.one_of(st.just(Asked()), asked) if scope.has_days else st.just(Asked()),
        for_good=st.one_of(st.just(()), st.lists(st.one_of(lasting), max_size=2).map(tuple)),
        first_list=lists.map(tuple),
        max_attempts=st.sampled_from((2, 1, 4)),
        retry_minutes=st.sampled_from((5, 0)),
    )
