"""One page of user states: where it is asked for, and what its answer holds.

Documented are the resource and its options; that 100,000 rows come at most, and that an offset past
the end is an HTTP error, was seen in clients of the real service. The web page of the same report
allows one month at most, hence a day at a time. That `to` is a day of it as well is a guess.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_vcclive.api.confirmed import confirmed
from tap_vcclive.api.errors import NoAnswerError, OddAnswerError
from tap_vcclive.lists.rows import rows_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

# Of what an answer may take, such a page needs half; servers can send fewer.
LARGEST_PAGE: Final = 2_500
# How a day without states looks, and a fault may look once.
_EMPTY: Final = "[]"
# No day has so many rows.
_BEYOND: Final = 900_000_000


class StatesOfDay(NamedTuple):
    """What is read as one: the states that began on a day.

    Attributes:
        day: Local day of the call centre.
        projects: Ids of the projects; None for all.
    """

    day: date
    projects: Sequence[int] | None

    def resource(self, start: int, num: int) -> str:
        """Return where a page is asked for.

        A key can be bound to resources with their query, so the options are few and always in the
        same order. `of` must not be sent.
        """
        day = f"{self.day:%Y%m%d}"
        query = f"from={day}&to={day}&start={start}&num={num}&direction=ASC"
        if self.projects is not None:
            query += f"&projects={','.join(map(str, self.projects))}"
        return f"/statistics/userstate?{query}"


class Page(NamedTuple):
    """What a page holds.

    Attributes:
        start: The offset of its first row.
        rows: The rows, as they were sent.
        nothing: In which way the answer may have said that there is nothing; None when it has
            rows, or says plainly that it has none.
    """

    start: int
    rows: list[Any]
    nothing: str | None = None


def page_at(of: StatesOfDay, start: int, num: int, get: Callable[[str], Any]) -> Page:
    """Return the page of a day that begins at an offset.

    Args:
        of: The day.
        start: The offset in rows, from 0.
        num: How many rows are asked for; there can be fewer.
        get: Returns VCC Live's answer for a resource, as `Client.get` does.

    Raises:
        OddAnswerError: When the answer is no page.
        VCCLiveError: When there is no answer.
    """
    resource = of.resource(start, num)

    def asked() -> Page:
        try:
            response = get(resource)
        except NoAnswerError as error:
            if error.how == "errors":
                raise OddAnswerError(str(error)) from None
            return Page(start, [], error.how)
        if not response and not isinstance(response, list):
            return Page(start, [], "no rows")
        rows = rows_in(response, resource)
        return Page(start, rows, None if rows or start else _EMPTY)

    page = confirmed(asked, resource)
    if page.start and not page.rows and page.nothing is None:
        page = asked()  # once more, as an end that is none would cost rows
    # A day without states says so with an empty list, and so does nothing else three times.
    return page._replace(nothing=None) if page.nothing == _EMPTY else page


def first_page(of: StatesOfDay, num: int, get: Callable[[str], Any]) -> Page:
    """Return the first page of a day.

    For a day without states the first offset may be one past the end, and with that a status of
    400 or the like: it is taken for that when an offset that is certainly past it answers the same.

    Raises:
        VCCLiveError: See `page_at`.
    """
    try:
        return page_at(of, 0, num, get)
    except OddAnswerError as fault:
        status = fault.status
        if status is None or status < HTTPStatus.BAD_REQUEST:
            raise
        try:
            page_at(of, _BEYOND, 1, get)
        except OddAnswerError as beyond:
            if beyond.status == status:
                return Page(0, [], f"status {int(status)}")
        raise
