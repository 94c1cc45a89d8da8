"""One page of the log: where it is asked for, and what each answer holds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tap_vcclive.api.errors import (
    ForbiddenError,
    NoAnswerError,
    OddAnswerError,
    RefusedError,
    TriesExhaustedError,
    VCCLiveError,
    WrongServerError,
)
from tap_vcclive.call_log.pages import DayOfLog, End, Page, page_at
from tests.call_log.logs import OF, row

ROWS = [row(1), row(2)]


PAST = End(is_known=False)
PAST_A_SHORT_PAGE = End(is_known=False, after_full=False)


class Answers:
    """Answers one after the other, the last one for good."""

    def __init__(self, *answers: object) -> None:
        """Keep the answers, or the errors to raise."""
        self.answers = answers
        self.asked: list[str] = []

    def get(self, resource: str) -> object:
        """Answer."""
        answer = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append(resource)
        if isinstance(answer, Exception):
            raise answer
        return answer


def page(*answers: object, start: int = 0, end: End = End()) -> Page:  # noqa: B008 - never changed
    """Return the page that answers are, one after the other."""
    return page_at(OF, start, 500, Answers(*answers).get, end)


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
    answers = Answers({"rows": ROWS, "totalCount": 1002})
    page_at(of, 1000, 500, answers.get, End())
    assert answers.asked == [resource] == [of.resource(1000, 500)]


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


NO_ROWS = "no rows"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"rows": ROWS}, Page(0, ROWS)),
        ({"rows": ROWS, "totalCount": 5, "more": 1}, Page(0, ROWS, 5)),
        ({"totalCount": 0}, Page(0, [], 0)),
        ({"rows": None, "totalCount": 0}, Page(0, [], 0)),
        ({"rows": {}, "totalCount": "0"}, Page(0, [], 0)),
        ({"totalCount": "777"}, Page(0, [], 777, NO_ROWS)),
        ({"rows": [], "totalCount": 600}, Page(0, [], 600, NO_ROWS)),
        ({"rows": []}, Page(0, [], nothing=NO_ROWS)),
        ({"rows": [None, 5, "x"], "totalCount": 3}, Page(0, [None, 5, "x"], 3)),
        ({"rows": {"0": ROWS[0], "1": ROWS[1]}, "totalCount": 2}, Page(0, ROWS, 2)),
        (ROWS, Page(0, ROWS)),
    ],
    ids=str,
)
@pytest.mark.parametrize("start", [0, 500])
def test_rows_come_as_they_were_sent_in_each_shape_of_an_answer(
    answer: object, expected: Page, start: int
) -> None:
    assert page(answer, start=start) == expected._replace(start=start)


def test_no_rows_at_the_offset_of_the_total_are_its_end() -> None:
    assert page({"rows": [], "totalCount": 500}, start=500) == Page(500, [], 500)


# In which ways there can be nothing.
NOTHING: list[tuple[object, str]] = [
    ([], "[]"),
    ({}, "{}"),
    (None, "null"),
    (False, "false"),
    ("", NO_ROWS),
    ({"rows": []}, NO_ROWS),
    (NoAnswerError("/x", status=200), "an empty body"),
    (NoAnswerError("/x", status=204), "204"),
    (NoAnswerError("/x", status=404), "404"),
    (NoAnswerError("/x", status=404, says="No calls."), "404"),
    (NoAnswerError("/x", status=410), "410"),
]
A_PAGE = {"rows": ROWS, "totalCount": 2}


@pytest.mark.parametrize(("answer", "how"), NOTHING, ids=repr)
@pytest.mark.parametrize("start", [0, 500])
def test_nothing_is_believed_when_it_comes_three_times_in_the_same_way(
    answer: object, how: str, start: int
) -> None:
    answers = Answers(answer)
    assert page_at(OF, start, 500, answers.get, End()) == Page(start, [], nothing=how)
    assert len(answers.asked) == 3


@pytest.mark.parametrize(("answer", "how"), NOTHING, ids=repr)
@pytest.mark.parametrize("times", [1, 2])
def test_nothing_of_a_moment_is_asked_for_again(answer: object, how: str, times: int) -> None:
    assert page(*[answer] * times, A_PAGE) == Page(0, ROWS, 2), how


@pytest.mark.parametrize(("answer", "how"), NOTHING, ids=repr)
def test_nothing_in_different_ways_is_odd(answer: object, how: str) -> None:
    other = NoAnswerError("/x", status=204 if how != "204" else 410)
    for answers in ((answer, other), (answer, answer, other)):
        with pytest.raises(OddAnswerError, match="in different ways"):
            page(*answers)
    with pytest.raises(TriesExhaustedError):
        page(answer, TriesExhaustedError("x"))


NO_PAGES = [
    5,
    Decimal("1.5"),
    True,
    "a page",
    {"uuid": "x"},
    {"Rows": []},
    {"rows": 5},
    {"rows": "x"},
    {"rows": True, "totalCount": 1},
    {"rows": {"first": ROWS[0]}, "totalCount": 1},
    OddAnswerError("status 405", status=405),
]


@pytest.mark.parametrize("answer", NO_PAGES, ids=str)
@pytest.mark.parametrize("start", [0, 500])
def test_what_is_no_page_is_odd(answer: object, start: int) -> None:
    with pytest.raises(OddAnswerError):
        page(answer, start=start)


@pytest.mark.parametrize("says", ["no licence", "(an error without a message)"])
@pytest.mark.parametrize("start", [0, 500])
def test_errors_are_never_nothing_whatever_their_text(says: str, start: int) -> None:
    with pytest.raises(OddAnswerError) as caught:
        page(NoAnswerError("/x", says=says), start=start, end=PAST if start else End())
    assert says in str(caught.value)


def test_past_the_end_of_a_log_without_totals_an_error_is_the_end_when_it_stays() -> None:
    """Whether an offset past the end is an error is not known."""
    status = OddAnswerError("status 400", status=400)
    for end in (PAST, PAST_A_SHORT_PAGE):
        assert page(status, start=500, end=end) == Page(500, [], nothing="status 400")
        assert page(status, {"rows": ROWS}, start=500, end=end) == Page(500, ROWS)
    errors = NoAnswerError("/x", says="past the end")
    assert page(errors, start=500, end=PAST_A_SHORT_PAGE) == Page(500, [], nothing="errors")
    # No rows behind a page that was not full are what one expects.
    answers = Answers({"rows": []})
    assert page_at(OF, 300, 500, answers.get, PAST_A_SHORT_PAGE) == Page(300, [])
    assert len(answers.asked) == 1


@pytest.mark.parametrize(
    "error",
    [
        RefusedError(401, "/x"),
        ForbiddenError("/x"),
        WrongServerError("x"),
        TriesExhaustedError("x"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("start", [0, 500])
def test_other_errors_are_errors_everywhere(error: VCCLiveError, start: int) -> None:
    with pytest.raises(VCCLiveError) as caught:
        page(error, start=start)
    assert caught.value is error
