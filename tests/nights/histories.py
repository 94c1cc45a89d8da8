"""Histories written by hand, one for each way in which calls have been lost before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.nights.plans import Asked, Cut, Edit, Night, Plan
from tests.nights.streams import CALLS_OF_LOG, LIST, LOG
from tests.nights.weather import At, CallFault, DayFault, How
from tests.nights.world import CALLS, DAYS

if TYPE_CHECKING:
    from tests.nights.streams import Stream

_ALL: Final = frozenset(range(DAYS))
# In the last nights there is no fault: what is read only in this one, and wrongly, is lost.
_LONG_AFTER: Final = 6


def _once(how: How, at: At = At.ANY) -> DayFault:
    return DayFault(how, frozenset({5}), at=at, times=1)


def _one_night(*faults: DayFault, projects: tuple[int, ...] | None = None) -> Plan:
    asked = Asked(projects=projects)
    return Plan((Night(_LONG_AFTER, asked=asked, faults=faults),), asked)


def _looked_back(how: How) -> Plan:
    """Return a plan in which the last reading of a day, with a late call, is answered oddly.

    The last call of day 5 begins a minute before midnight and is registered later than the first
    reading.
    """
    return Plan((Night(0, 5), Night(1, 5, faults=(_once(how),)), Night(3)), Asked(lookback=0))


def _absent_each_time_asked(how: How) -> Plan:
    """Return a plan in which a day that has been read with calls is said to have none."""
    absent = DayFault(how, frozenset({5}))
    return Plan((Night(0, 5), Night(1, 5, faults=(absent,)), Night(3)), Asked(lookback=0))


_OF_THE_LOG: Final = {
    "eleven days fail for good, scattered, and new ones come": Plan(
        (Night(6), Night(1)), for_good=(DayFault(How.FAILS, _ALL - {3, 7, 11, 14}),)
    ),
    "the log does not reach back so far": Plan(
        (Night(9),), for_good=(DayFault(How.ODD, frozenset(range(12))),)
    ),
    "the first eleven days fail for good": Plan(
        (Night(9),), for_good=(DayFault(How.FAILS, frozenset(range(11))),)
    ),
    "the first eleven days are silent for good": Plan(
        (Night(9),), for_good=(DayFault(How.SILENT, frozenset(range(11))),)
    ),
    "days are forbidden": Plan(
        (Night(9),), for_good=(DayFault(How.FORBIDDEN, frozenset(range(12))),)
    ),
    **{
        f"one project of a day answers {how.value} once": _one_night(
            DayFault(how, frozenset({5}), project=5, times=1), projects=(3, 5)
        )
        for how in (How.NOT_FOUND, How.NO_CONTENT, How.EMPTY, How.NULL)
    },
    "an empty body twice": _one_night(
        DayFault(How.EMPTY, frozenset({5}), project=5, times=2), projects=(3, 5)
    ),
    **{
        f"a day answers {how.value} once": _one_night(_once(how))
        for how in (How.NOT_FOUND, How.NO_CONTENT, How.NULL, How.LIST, How.SAYS_NOTHING, How.SAYS)
    },
    **{
        f"the last reading of a day answers {how.value} once": _looked_back(how)
        for how in (How.NOT_FOUND, How.NULL, How.SAYS_NOTHING, How.FAILS)
    },
    "a day that was read with calls is absent each time": _absent_each_time_asked(How.NULL),
    "a day fails in the first runs, five minutes apart": Plan(
        tuple(Night(0, faults=(DayFault(How.FAILS, frozenset({0})),)) for _ in range(3))
    ),
    "a day fails for weeks and is named again": Plan(
        tuple(
            Night(2, asked=Asked(), faults=(DayFault(How.FAILS, frozenset({3})),)) for _ in range(8)
        ),
        Asked(start=3),
    ),
    "a backfill by pieces and back to the beginning": Plan(
        (
            Night(0, 5, Asked(end=5, lookback=1)),
            Night(3, 180, Asked(start=6)),
        ),
        Asked(),
    ),
    "start_date moves past a day that is looked back to": Plan(
        (Night(0, 5, Asked(end=5, lookback=1)),), Asked(start=6)
    ),
    "start_date moves past an open day": Plan(
        (Night(2, asked=Asked(), faults=(DayFault(How.FAILS, frozenset({5})),)),),
        Asked(start=8),
    ),
    "one page of a day fails for good": Plan(
        (Night(_LONG_AFTER),), for_good=(DayFault(How.ODD, _ALL, row=5),)
    ),
    "one page of a day answers errors for good": Plan(
        (Night(_LONG_AFTER),), for_good=(DayFault(How.SAYS, _ALL, row=5),)
    ),
    **{
        f"a log without totals answers {how.value} once on its second page": _one_night(
            DayFault(How.NO_TOTAL, _ALL), _once(how, At.LATER)
        )
        for how in (How.NOT_FOUND, How.SAYS, How.NULL, How.ODD)
    },
    "rows spell their uuids without hyphens": Plan(
        (Night(_LONG_AFTER),), for_good=(DayFault(How.NO_HYPHENS, _ALL),)
    ),
    "rows spell their uuids in braces": Plan(
        (Night(_LONG_AFTER),), for_good=(DayFault(How.BRACES, _ALL),)
    ),
    "rows of a night have no uuid": _one_night(DayFault(How.NAMELESS, frozenset({5}))),
    "a row without a uuid stands beside a total of nought": Plan(
        (
            Night(
                9,
                faults=(
                    DayFault(How.TOTAL_TOO_SMALL, frozenset({6})),
                    DayFault(How.NAMELESS, frozenset({6})),
                ),
            ),
        )
    ),
    **{
        f"all days that are wanted answer {how.value} for good": Plan(
            (Night(1),), Asked(end=2), (DayFault(how, frozenset(range(3))),)
        )
        for how in (How.FORBIDDEN, How.SILENT)
    },
    "the last days are silent for good": Plan(
        (Night(0),), Asked(end=4), (DayFault(How.SILENT, frozenset({3, 4})),)
    ),
    "totals alternate for good, and a call is late": Plan(
        (Night(0, 5),), for_good=(DayFault(How.TOTAL_ALTERNATES, _ALL),)
    ),
    "a merge keeps days that were read for another project": Plan(
        (
            Night(1, 180, Asked(end=1, projects=(5,))),
            Night(1, 180, Asked(start=3, projects=(5,)), is_merged=True),
            Night(1, 180, Asked(start=3, projects=(3, 5)), is_merged=True),
        ),
        Asked(projects=(3, 5)),
    ),
    "a run is told to stop as a day is about to be read": Plan(
        (Night(_LONG_AFTER, cut=Cut(0, is_kill=False)), Night(1, cut=Cut(1, is_kill=False))),
    ),
    "a run is killed and its last states are lost": Plan(
        (Night(_LONG_AFTER, cut=Cut(9, back=2)), Night(1, cut=Cut(3))),
    ),
}

_HALF: Final = tuple(range(0, len(CALLS), 3))

_OF_LISTS: Final = {
    "eleven calls fail for good before four that are well again": Plan(
        (Night(10, faults=(CallFault(How.FAILS, frozenset({23, 25, 27, 29})),)),),
        first_list=tuple(range(30)),
        for_good=(CallFault(How.FAILS, frozenset(range(1, 23, 2))),),
        max_attempts=40,
        last_nights=4,
    ),
    "one call fails for good": Plan(
        (Night(10),), first_list=(1, 2, 3, 4, 5), for_good=(CallFault(How.FAILS, frozenset({3})),)
    ),
    "one call is forbidden": Plan(
        (Night(10),),
        first_list=(1, 2, 3, 4, 5),
        for_good=(CallFault(How.FORBIDDEN, frozenset({3})),),
    ),
    "a call is asked for before it is registered, every five minutes": Plan(
        (Night(0, 5, edit=Edit(append=(34,))), *(Night(0),) * 3), retry_minutes=0
    ),
    "a server in maintenance answers 404 for every call": Plan(
        tuple(Night(0, faults=(CallFault(How.NOT_FOUND, frozenset(_HALF)),)) for _ in range(3)),
        first_list=_HALF,
        retry_minutes=0,
    ),
    "a list has the month in UTC": Plan((Night(10),), first_list=(42,)),
    "answers spell their uuid in braces": Plan(
        (Night(10),),
        first_list=(1, 2, 3),
        for_good=(CallFault(How.BRACES, frozenset({1, 2, 3})),),
    ),
    "a list is replaced while calls of it are pending": Plan(
        (
            Night(10, faults=(CallFault(How.NULL, frozenset({1, 2})),)),
            Night(edit=Edit(drop=9, append=(7, 8))),
        ),
        first_list=(0, 1, 2, 3),
        max_attempts=4,
    ),
}

_OF_CALLS_OF_THE_LOG: Final = {
    "eleven calls of the log fail for good": Plan(
        (Night(6), Night(1)),
        for_good=(CallFault(How.FAILS, frozenset(range(0, 30, 2))),),
    ),
    "calls of the log fail for ten minutes, and runs come every five": Plan(
        tuple(Night(0, faults=(CallFault(How.SAYS, frozenset(range(10))),)) for _ in range(3)),
        retry_minutes=0,
    ),
    **{
        name: _OF_THE_LOG[name]
        for name in (
            "eleven days fail for good, scattered, and new ones come",
            "one project of a day answers 404 once",
            "a day answers null once",
            "the last reading of a day answers null once",
            "a day fails in the first runs, five minutes apart",
            "a backfill by pieces and back to the beginning",
            "one page of a day fails for good",
            "all days that are wanted answer 403 for good",
            "all days that are wanted answer no answer in time, again and again for good",
            "the last days are silent for good",
            "a row without a uuid stands beside a total of nought",
            "a log without totals answers 404 once on its second page",
            "rows spell their uuids without hyphens",
            "a merge keeps days that were read for another project",
        )
    },
}

HISTORIES: Final[dict[str, tuple[Stream, Plan]]] = {
    **{f"log: {name}": (LOG, plan) for name, plan in _OF_THE_LOG.items()},
    **{f"list: {name}": (LIST, plan) for name, plan in _OF_LISTS.items()},
    **{f"one by one: {name}": (CALLS_OF_LOG, plan) for name, plan in _OF_CALLS_OF_THE_LOG.items()},
}
"""By name: whose they are, and what happens."""
