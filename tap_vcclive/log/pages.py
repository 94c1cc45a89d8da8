"""One page of the call log: where it is asked for, and what its answer holds.

Documented are the resource and its options; that a page has 500 rows at most, and that `totalCount`
can be a number or text, was seen in clients of the real service. What an offset past the end
answers, and a day without calls, is not known: there anything is taken for "no rows".
"""

from __future__ import annotations

import re
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_vcclive.api.errors import NoAnswerError, OddAnswerError

if TYPE_CHECKING:
    from datetime import date

    from tap_vcclive.api.client import Client

# The largest page that was ever seen, whatever was asked for.
LARGEST_PAGE: Final = 500

_LARGEST_TOTAL: Final = 10**12
_DIGITS: Final = re.compile(r"\s*[0-9]{1,12}\s*", re.ASCII)


class DayOfLog(NamedTuple):
    """What is read and counted as one: a day's calls, all or those of one project.

    Attributes:
        day: Local day of the call centre.
        project: The project's id; None for all projects.
    """

    day: date
    project: int | None

    def resource(self, start: int, num: int) -> str:
        """Return where a page is asked for.

        A key can be bound to resources with their query, so the options are few and always in the
        same order.
        """
        day, project = self.day, self.project
        options = "" if project is None else f"projectid={project}&"
        path = f"/cdrs/{day.year:04}/{day.month:02}/{day.day:02}"
        return f"{path}?{options}start={start}&num={num}"


class Page(NamedTuple):
    """What a page holds.

    Attributes:
        start: The offset of its first row.
        rows: The rows, as they were sent.
        total: How many calls the day has, as this page says; None when it does not.
        absent: Whether there is no such day (404): it has no calls, or the address is wrong.
    """

    start: int
    rows: list[Any]
    total: int | None = None
    absent: bool = False


def page_at(of: DayOfLog, start: int, num: int, client: Client) -> Page:
    """Return the page of a day's log that begins at an offset.

    Args:
        of: The day.
        start: The offset in rows, from 0.
        num: How many rows are asked for; there can be fewer.
        client: Asks VCC Live.

    Raises:
        OddAnswerError: When the answer is no page of a log.
        VCCLiveError: When there is no answer.
    """
    resource = of.resource(start, num)
    try:
        return _page_in(_answer_to(resource, client), start, resource)
    except NoAnswerError as error:
        if start:
            return Page(start, [])  # past the end
        if error.says:
            raise OddAnswerError(str(error)) from None
        return Page(start, [], total=0, absent=True)
    except OddAnswerError:
        if start:
            return Page(start, [])
        raise


def _answer_to(resource: str, client: Client) -> object:
    """Return the answer; where that is an empty body, the second one.

    It can be what a day without calls answers, and as well a fault that would lose a day: twice in
    a row that is not likely.
    """
    try:
        return client.get(resource)
    except NoAnswerError as error:
        if error.status != HTTPStatus.OK:
            raise
    return client.get(resource)


def _page_in(response: object, start: int, resource: str) -> Page:
    if not response:
        return Page(start, [], total=None if start else 0)
    if isinstance(response, list):
        return Page(start, response)
    if isinstance(response, dict) and response.keys() & {"rows", "totalCount"}:
        rows = response.get("rows") or []
        if isinstance(rows, list):
            return Page(start, rows, _number(response.get("totalCount")))
    raise OddAnswerError(f"{resource}: the answer is no page of the log")


def _number(total: object) -> int | None:
    """Return a total that is a number, or text of one."""
    if isinstance(total, str) and _DIGITS.fullmatch(total):
        return int(total)
    if isinstance(total, Decimal) and 0 <= total <= _LARGEST_TOTAL and total == int(total):
        return int(total)
    return total if type(total) is int and 0 <= total <= _LARGEST_TOTAL else None
