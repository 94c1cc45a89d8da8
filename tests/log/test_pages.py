"""One page of the log: where it is asked for, and what each answer holds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, cast

import pytest

from tap_vcclive.api.errors import (
    NoAnswerError,
    OddAnswerError,
    RefusedError,
    TriesExhaustedError,
    VCCLiveError,
    WrongServerError,
)
from tap_vcclive.log.pages import DayOfLog, Page, page_at
from tests.log.logs import OF, row

if TYPE_CHECKING:
    from tap_vcclive.api.client import Client

ROWS = [row(1), row(2)]


class Answer:
    """A client that knows one answer."""

    def __init__(self, answer: object) -> None:
        """Keep the answer, or the error to raise."""
        self.answer = answer
        self.asked: list[str] = []

    def get(self, resource: str) -> object:
        """Answer."""
        self.asked.append(resource)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def page(answer: object, start: int = 0) -> Page:
    """Return the page that an answer is."""
    return page_at(OF, start, 500, cast("Client", Answer(answer)))


@pytest.mark.parametrize(
    ("of", "resource"),
    [
        (DayOfLog(date(2026, 1, 9), None), "/cdrs/2026/01/09?start=1000&num=500"),
        (DayOfLog(date(2026, 12, 31), 7), "/cdrs/2026/12/31?projectid=7&start=1000&num=500"),
        (DayOfLog(date(2026, 12, 31), 0), "/cdrs/2026/12/31?projectid=0&start=1000&num=500"),
        (DayOfLog(date(33, 2, 3), None), "/cdrs/0033/02/03?start=1000&num=500"),
    ],
)
def test_a_page_is_asked_for_with_few_options_in_one_order(of: DayOfLog, resource: str) -> None:
    answer = Answer([])
    page_at(of, 1000, 500, cast("Client", answer))
    assert answer.asked == [resource] == [of.resource(1000, 500)]


@pytest.mark.parametrize(
    ("says", "total"),
    [
        (0, 0),
        (2, 2),
        (10**12, 10**12),
        ("2", 2),
        (" 2 ", 2),
        ("0002", 2),
        ("999999999999", 999999999999),
        (Decimal(2), 2),
        (Decimal("2.0"), 2),
        (Decimal("2E+3"), 2000),
        (10**12 + 1, None),
        (10**400, None),
        (-1, None),
        ("-1", None),
        ("+2", None),
        ("2.0", None),
        ("1e3", None),
        ("1000000000000", None),
        ("9" * 5000, None),
        ("many", None),
        ("", None),
        ("٣", None),
        (Decimal("2.5"), None),
        (Decimal("-0.5"), None),
        (Decimal("1E+400"), None),
        (Decimal("Infinity"), None),
        (None, None),
        (True, None),
        ([], None),
        ({}, None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_total_is_a_number_or_text_of_one(says: object, total: int | None) -> None:
    got = page({"rows": ROWS, "totalCount": says})
    assert got == Page(0, ROWS, total)
    assert type(got.total) in (int, type(None))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"rows": ROWS}, Page(0, ROWS)),
        ({"rows": ROWS, "totalCount": 5, "more": 1}, Page(0, ROWS, 5)),
        ({"totalCount": 0}, Page(0, [], 0)),
        ({"totalCount": "7"}, Page(0, [], 7)),
        ({"rows": None, "totalCount": 0}, Page(0, [], 0)),
        ({"rows": {}, "totalCount": 0}, Page(0, [], 0)),
        ({"rows": [], "totalCount": 3}, Page(0, [], 3)),
        ({"rows": [None, 5, "x"], "totalCount": 3}, Page(0, [None, 5, "x"], 3)),
        (ROWS, Page(0, ROWS)),
    ],
    ids=str,
)
@pytest.mark.parametrize("start", [0, 500])
def test_rows_come_as_they_were_sent_in_each_shape_of_an_answer(
    answer: object, expected: Page, start: int
) -> None:
    assert page(answer, start) == expected._replace(start=start)


@pytest.mark.parametrize("answer", [[], {}, None, "", False], ids=str)
def test_an_empty_answer_is_a_day_without_calls_or_the_end_of_one(answer: object) -> None:
    assert page(answer) == Page(0, [], 0)
    assert page(answer, 500) == Page(500, [])


@pytest.mark.parametrize(
    "answer",
    [
        5,
        Decimal("1.5"),
        True,
        "a page",
        {"uuid": "x"},
        {"Rows": []},
        {"rows": 5},
        {"rows": "x"},
        {"rows": True, "totalCount": 1},
        {"rows": {"0": ROWS[0]}, "totalCount": 1},
        OddAnswerError("status 405"),
    ],
    ids=str,
)
def test_what_is_no_page_is_odd_at_the_beginning_and_the_end_past_it(answer: object) -> None:
    with pytest.raises(OddAnswerError):
        page(answer)
    assert page(answer, 500) == Page(500, [])


@pytest.mark.parametrize("status", [200, 204, 404, 410])
def test_a_day_that_is_not_there_is_absent_and_what_is_past_the_end_is_not(status: int) -> None:
    assert page(NoAnswerError("/x", status=status)) == Page(0, [], 0, absent=True)
    assert page(NoAnswerError("/x", status=status), 500) == Page(500, [])


@pytest.mark.parametrize(("status", "times"), [(200, 2), (204, 1), (404, 1)])
def test_an_empty_body_may_be_a_fault_and_is_asked_for_twice(status: int, times: int) -> None:
    answer = Answer(NoAnswerError("/x", status=status))
    page_at(OF, 0, 500, cast("Client", answer))
    assert len(answer.asked) == times


def test_what_vcc_live_says_instead_of_a_day_is_odd_and_told() -> None:
    with pytest.raises(OddAnswerError, match="no licence"):
        page(NoAnswerError("/x", says="no licence"))
    assert page(NoAnswerError("/x", says="past the end"), 500) == Page(500, [])


@pytest.mark.parametrize(
    "error", [RefusedError(403, "/x"), WrongServerError("x"), TriesExhaustedError("x")], ids=repr
)
@pytest.mark.parametrize("start", [0, 500])
def test_other_errors_are_errors_everywhere(error: VCCLiveError, start: int) -> None:
    with pytest.raises(VCCLiveError) as caught:
        page(error, start)
    assert caught.value is error
