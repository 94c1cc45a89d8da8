"""How hypothesis draws what happens in a history.

Most nights are as they should be in most respects: else nothing is ever read, or all is read once
more than what went wrong.
"""

from __future__ import annotations

from functools import partial
from typing import Final, TypeVar

from hypothesis import strategies as st

from tests.nights.plans import Asked, Cut, Edit, Night, Plan, Scope
from tests.nights.weather import (
    ABSENT,
    HARMLESS,
    REFUSED,
    SPELT,
    At,
    CallFault,
    DayFault,
    How,
)
from tests.nights.world import CALLS, DAYS

DrawnT = TypeVar("DrawnT")
Projects = tuple[int, ...] | None

_MOST_OTHER_NIGHTS: Final = 5
_TIMES_OF_DAY: Final = (5, 30, 70, 180, 720, 1435)
_ALL_DAYS: Final = frozenset(range(DAYS))
_ALL_CALLS: Final = frozenset(range(len(CALLS)))


def _rarely(
    usual: DrawnT, others: st.SearchStrategy[DrawnT], one_in: int
) -> st.SearchStrategy[DrawnT]:
    """Draw what is usual, and once in so many times something else."""
    return st.integers(1, one_in).flatmap(lambda n: others if n == one_in else st.just(usual))


def _some(numbers: frozenset[int]) -> st.SearchStrategy[frozenset[int]]:
    """Draw a few of them, or all but a few."""
    few = st.frozensets(st.sampled_from(sorted(numbers)), min_size=1, max_size=6)
    return st.one_of(few, few.map(lambda left_out: numbers - left_out))


_days = _some(_ALL_DAYS)
_numbers = st.integers(0, len(CALLS) - 1)
_times = st.sampled_from((None, 1, 2))
_calls_without_answers = st.builds(
    CallFault,
    how=st.sampled_from((*REFUSED, *ABSENT, *SPELT)),
    calls=_some(_ALL_CALLS),
    times=_times,
)
_calls_lastingly_so = st.builds(
    CallFault, how=st.sampled_from((*REFUSED, *SPELT)), calls=_some(_ALL_CALLS)
)
_cuts = st.builds(Cut, after=st.integers(0, 30), is_kill=st.booleans(), back=st.integers(0, 2))


def plans_of(scope: Scope) -> st.SearchStrategy[Plan]:
    """Draw the plans of a history of a stream."""
    # As a rule the same in all nights: when others are wanted, all days are read anew.
    projects = st.sampled_from((None, None, (3, 5), (5,)) if scope.has_days else (None,))
    return projects.flatmap(partial(_plans_with, scope))


def _plans_with(scope: Scope, projects: Projects) -> st.SearchStrategy[Plan]:
    """Draw the plans of a history in which some projects are wanted as a rule."""
    usual = Asked(projects=projects)
    asked = _asked(projects) if scope.has_days else st.just(usual)
    night = partial(_nights, scope, asked, projects)
    # The first run has many days to catch up with, which no look-back heals.
    first = night(st.sampled_from((0, 3, 6, 9)))
    others = night(st.sampled_from((1, 1, 1, 0, 0, 2, 4)))
    lasting = st.one_of(
        *([_days_lastingly_without(projects)] if scope.has_days else []),
        *([_calls_lastingly_so] if scope.has_calls else []),
    )
    return st.builds(
        Plan,
        nights=st.builds(
            lambda one, more: (one, *more), first, st.lists(others, max_size=_MOST_OTHER_NIGHTS)
        ),
        last=st.one_of(st.just(usual), asked),
        for_good=_rarely((), st.lists(lasting, min_size=1, max_size=2).map(tuple), 3),
        first_list=_lists(scope),
        max_attempts=st.sampled_from((2, 1, 4)),
        retry_minutes=st.sampled_from((5, 0)),
    )


def _nights(
    scope: Scope,
    asked: st.SearchStrategy[Asked],
    projects: Projects,
    days_later: st.SearchStrategy[int],
) -> st.SearchStrategy[Night]:
    edits = st.builds(
        Edit, drop=st.sampled_from((0, 0, 0, 1, 100)), is_turned=st.booleans(), append=_lists(scope)
    )
    faults = st.one_of(
        *([_days_without(projects)] if scope.has_days else []),
        *([_calls_without_answers] if scope.has_calls else []),
    )
    return st.builds(
        Night,
        days_later=days_later,
        minute=st.sampled_from(_TIMES_OF_DAY),
        asked=_rarely(None, asked, 3) if scope.has_days else st.none(),
        edit=edits if scope.has_list else st.just(Edit()),
        faults=st.lists(faults, max_size=3).map(tuple),
        is_down=_rarely(usual=False, others=st.just(value=True), one_in=15),
        step=_rarely(0, st.just(10), 4),
        cut=_rarely(None, _cuts, 4),
        is_merged=st.booleans(),
        restored=_rarely(0, st.integers(1, 2), 6),
    )


def _lists(scope: Scope) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(_numbers, max_size=8 if scope.has_list else 0).map(tuple)


def _asked(projects: Projects) -> st.SearchStrategy[Asked]:
    return st.builds(
        Asked,
        start=st.sampled_from((0, 0, 2, 3, 4, 6, 9)),
        end=_rarely(None, st.sampled_from((2, 3, 4, 5, 8)), 3),
        projects=_rarely(projects, st.sampled_from((None, (3,), (3, 5))), 4),
        lookback=st.integers(0, 2),
    )


def _project(projects: Projects) -> st.SearchStrategy[int | None]:
    return st.sampled_from((None, *projects) if projects else (None,))


def _days_without(projects: Projects) -> st.SearchStrategy[DayFault]:
    """Draw what is wrong with the log of some days: no answers for the most part."""
    no_pages = st.builds(
        DayFault,
        how=st.sampled_from((*REFUSED, *ABSENT, How.HOLLOW)),
        days=_days,
        project=_project(projects),
        at=st.sampled_from((At.ANY, At.ANY, At.FIRST, At.LATER)),
        times=_times,
    )
    pages_with_a_row = st.builds(
        DayFault,
        how=st.sampled_from((*REFUSED, *ABSENT)),
        days=st.just(_ALL_DAYS),
        row=_numbers,
        times=_times,
    )
    odd_pages = st.builds(
        DayFault,
        how=st.sampled_from((How.MOVES, How.NAMELESS, *HARMLESS)),
        days=_days,
        project=_project(projects),
    )
    return st.one_of(no_pages, no_pages, pages_with_a_row, odd_pages)


def _days_lastingly_without(projects: Projects) -> st.SearchStrategy[DayFault]:
    """Draw what is wrong with the log of some days for good."""
    project = _project(projects)
    return st.one_of(
        st.builds(DayFault, how=st.sampled_from(REFUSED), days=_days, project=project),
        st.builds(DayFault, how=st.sampled_from(REFUSED), days=st.just(_ALL_DAYS), row=_numbers),
        st.builds(DayFault, how=st.sampled_from(HARMLESS), days=_days, project=project),
    )
