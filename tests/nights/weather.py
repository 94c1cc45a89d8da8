"""What can be wrong with the answers of a call centre, for a night or for good."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.api import errors
from tap_vcclive.api.errors import NoAnswerError, OddAnswerError, TriesExhaustedError
from tests.nights.world import number_of

if TYPE_CHECKING:
    from datetime import date

    from tap_vcclive.api.errors import VCCLiveError
    from tests.nights.world import CallOfCentre


class How(Enum):
    """What is wrong with an answer."""

    # There is none.
    FAILS = "500, again and again"
    SILENT = "no answer in time, again and again"
    FORBIDDEN = "403"
    ODD = "400"
    SAYS = "errors with a text"
    SAYS_NOTHING = "errors with an empty text"
    # Nothing is there, it says, and not as a day without calls does.
    NOT_FOUND = "404"
    NO_CONTENT = "204"
    EMPTY = "an empty body"
    NULL = "null"
    LIST = "[]"
    OBJECT = "{}"
    # A page of the log is not as it should be.
    HOLLOW = "a page without rows, with its total"
    SHORT = "pages of two rows"
    MOVES = "rows that move from page to page"
    NAMELESS = "rows without a uuid"
    NO_TOTAL = "no total"
    TOTAL_TOO_SMALL = "a total smaller than the first page"
    TOTAL_ALTERNATES = "a total that is one too large every other time"
    TOTAL_IS_TEXT = "a total as text"
    # Rows and calls name their uuid otherwise.
    BRACES = "{UUID}"
    NO_HYPHENS = "a uuid without hyphens"


ABSENT: Final = (How.NOT_FOUND, How.NO_CONTENT, How.EMPTY, How.NULL, How.LIST, How.OBJECT)
REFUSED: Final = (How.FAILS, How.SILENT, How.FORBIDDEN, How.ODD, How.SAYS, How.SAYS_NOTHING)
SPELT: Final = (How.BRACES, How.NO_HYPHENS)
HARMLESS: Final = (
    *(How.NO_TOTAL, How.TOTAL_TOO_SMALL, How.TOTAL_ALTERNATES, How.TOTAL_IS_TEXT),
    *(How.SHORT, *SPELT),
)
"""With these, for however long, every call can be had."""


class At(Enum):
    """Which pages of a day a fault is of."""

    ANY = "any page"
    FIRST = "the first page"
    LATER = "the pages after the first"


@dataclass(frozen=True, slots=True)
class DayFault:
    """What is wrong with the log of some days.

    Attributes:
        how: What is wrong.
        days: Numbers of the days.
        project: Only what is asked for this project; None for whatever is asked.
        at: Which pages.
        row: Only pages that hold the call of this number, of whatever day; None for all.
        times: How many requests of each night for the day (and project) meet it; None for all.
    """

    how: How
    days: frozenset[int]
    project: int | None = None
    at: At = At.ANY
    row: int | None = None
    times: int | None = None

    def is_of(self, day: date, project: int | None, *, first: bool) -> bool:
        """Return whether it is of a page of a day, as far as that does not hang on its rows."""
        at = {At.ANY: True, At.FIRST: first, At.LATER: not first}[self.at]
        return at and number_of(day) in self.days and self.project in {None, project}


@dataclass(frozen=True, slots=True)
class CallFault:
    """What is wrong with the answers for some calls, asked for one by one.

    Attributes:
        how: What is wrong: nothing of pages.
        calls: Numbers of the calls.
        times: How many requests of each night for the call meet it; None for all.
    """

    how: How
    calls: frozenset[int]
    times: int | None = None


Fault = DayFault | CallFault


def failed(resource: str, *, is_answer: bool) -> VCCLiveError:
    """Return what a client makes of 500, or of no answer at all, again and again."""
    error = TriesExhaustedError(f"{resource}: it fails")
    vars(error)["is_answer"] = is_answer
    return error


def forbidden(resource: str) -> VCCLiveError:
    """Return what a client makes of 403."""
    error: Any = getattr(errors, "ForbiddenError", None)
    return error(resource) if error else OddAnswerError(f"{resource}: status 403")


_STATUSES: Final = {
    How.NOT_FOUND: HTTPStatus.NOT_FOUND,
    How.NO_CONTENT: HTTPStatus.NO_CONTENT,
    How.EMPTY: HTTPStatus.OK,
}
_SAYS: Final = {How.SAYS: "it is maintained", How.SAYS_NOTHING: ""}
_RESPONSES: Final[dict[How, object]] = {How.NULL: None, How.LIST: [], How.OBJECT: {}}


def nothing_but(how: How, resource: str) -> object:
    """Return what is answered in the place of a call or a page.

    Raises:
        VCCLiveError: What a client raises for it.
    """
    if how in _STATUSES:
        raise NoAnswerError(resource, status=_STATUSES[how])
    if how in _SAYS:
        raise NoAnswerError(resource, says=_SAYS[how])
    if how in {How.FAILS, How.SILENT}:
        raise failed(resource, is_answer=how is How.FAILS)
    if how is How.FORBIDDEN:
        raise forbidden(resource)
    if how is How.ODD:
        raise OddAnswerError(f"{resource}: status 400")
    return _RESPONSES[how]


def spelt(call: CallOfCentre, how: How | None) -> dict[str, object]:
    """Return the CDR of a call, its uuid spelt as a fault says."""
    row = call.row
    if how is How.BRACES:
        row["uuid"] = f"{{{call.uuid.upper()}}}"
    elif how is How.NO_HYPHENS:
        row["uuid"] = call.uuid.replace("-", "")
    elif how is How.NAMELESS:
        del row["uuid"]
    return row
