"""Many nights of runs, whatever happens in them: at the end no call is lost without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings

from tests.nights.draws import plans_of
from tests.nights.histories import HISTORIES
from tests.nights.owed import lacking
from tests.nights.streams import CALLS_OF_LOG, LIST, LOG
from tests.soak import FACTOR

if TYPE_CHECKING:
    from tests.nights.plans import Plan
    from tests.nights.streams import Stream

# Drawn alike in each run of the tests, and otherwise each time in a soak.
SOAKING: Final = settings(
    max_examples=60 * FACTOR,
    deadline=None,
    derandomize=FACTOR == 1,
    suppress_health_check=list(HealthCheck),
)


@SOAKING
@given(plans_of(LOG.scope))
def test_no_call_of_the_log_is_lost(plan: Plan) -> None:
    assert lacking(plan, LOG) == []


@SOAKING
@given(plans_of(LIST.scope))
def test_no_call_of_a_list_is_lost(plan: Plan) -> None:
    assert lacking(plan, LIST) == []


@SOAKING
@given(plans_of(CALLS_OF_LOG.scope))
def test_no_call_that_the_log_has_is_lost_one_by_one(plan: Plan) -> None:
    assert lacking(plan, CALLS_OF_LOG) == []


@pytest.mark.parametrize(("stream", "plan"), HISTORIES.values(), ids=HISTORIES.keys())
def test_no_call_is_lost_as_it_was_once(stream: Stream, plan: Plan) -> None:
    assert lacking(plan, stream) == []
