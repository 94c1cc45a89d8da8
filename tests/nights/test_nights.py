"""Many nights of runs, whatever happens in them: at the end no call is lost without a word."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings

from tests.nights.draws import plans_of
from tests.nights.histories import HISTORIES
from tests.nights.history import History
from tests.nights.owed import lacking
from tests.nights.plans import Edit, Night, Plan
from tests.nights.streams import CALLS_OF_LOG, LIST, LOG
from tests.nights.weather import CallFault, How
from tests.nights.world import CALLS
from tests.soak import FACTOR

if TYPE_CHECKING:
    from tests.nights.streams import Stream

# Drawn alike in each run of the tests, and otherwise each time in a soak.
SOAKING: Final = partial(
    settings,
    deadline=None,
    derandomize=FACTOR == 1,
    suppress_health_check=list(HealthCheck),
)

# What is found takes minutes to be made small.
pytestmark = pytest.mark.timeout(900 * FACTOR)


@SOAKING(max_examples=110 * FACTOR)
@given(plans_of(LOG.scope))
def test_no_call_of_the_log_is_lost(plan: Plan) -> None:
    assert lacking(plan, LOG) == []


@SOAKING(max_examples=100 * FACTOR)
@given(plans_of(LIST.scope))
def test_no_call_of_a_list_is_lost(plan: Plan) -> None:
    assert lacking(plan, LIST) == []


@SOAKING(max_examples=55 * FACTOR)
@given(plans_of(CALLS_OF_LOG.scope))
def test_no_call_that_the_log_has_is_lost_one_by_one(plan: Plan) -> None:
    assert lacking(plan, CALLS_OF_LOG) == []


@pytest.mark.parametrize(("stream", "plan"), HISTORIES.values(), ids=HISTORIES.keys())
def test_no_call_is_lost_as_it_was_once(stream: Stream, plan: Plan) -> None:
    assert lacking(plan, stream) == []


def test_a_call_that_was_given_up_is_fetched_when_it_is_listed_again() -> None:
    uuid, unknown = CALLS[3].uuid, (CallFault(How.NOT_FOUND, frozenset({3})),)
    nights = tuple(Night(2, faults=unknown) for _ in range(4))
    given_up = History(Plan(nights, first_list=(2, 3)), LIST)
    given_up.nights()
    assert uuid in given_up.stored.named.given_up
    again = History(Plan((*nights, Night(edit=Edit(append=(3,)))), first_list=(2, 3)), LIST)
    again.nights()
    assert uuid in again.stored.written
