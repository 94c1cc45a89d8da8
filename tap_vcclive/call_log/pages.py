"""One page of the call log: where it is asked for, and what its answer holds.

Documented are the resource and its options; that a page has 500 rows at most, and that `totalCount`
can be a number or text, was seen in clients of the real service. What an offset past the end
answers, and a day without calls, is not known. Only `{"rows": [], "totalCount": 0}` says plainly
that there are no calls; any other answer without rows may say so, and may as well be a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_vcclive.api.confirmed import confirmed
from tap_vcclive.api.errors import NoAnswerError, OddAnswerError

if TYPE_CHECKING:
    from datetime import date

Get = Callable[[str], Any]
"""Returns VCC Live's answer for a resource."""

# The largest page that was ever seen, whatever was asked for.
LARGEST_PAGE: Final = 500

NO_ROWS: Final = "no rows"
"""How an answer looks that has the form of a page, and no rows where there may be some."""

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
        nothing: In which way the answer may have said that there is nothing; None when it has
            rows, or says plainly that it has none.
    """

    start: int
    rows: list[Any]
    total: int | None = None
    nothing: str | None = None


class End(NamedTuple):
    """What is known of where a log ends, when a page is asked for.

    Attributes:
        is_known: Whether the page lies before the end, as the log's total says: then an error is
            none of the end.
        after_full: Whether the page before was as large as pages get, so that more rows are likely.
    """

    is_known: bool = True
    after_full: bool = True


def page_at(of: DayOfLog, start: int, num: int, get: Get, end: End) -> Page:
    """Return the page of a day's log that begins at an offset.

    An answer that may mean "nothing there" is asked for again: what is there the second or third
    time counts, and "nothing" only when all three say it in the same way.

    Args:
        of: The day.
        start: The offset in rows, from 0.
        num: How many rows are asked for; there can be fewer.
        get: Returns VCC Live's answer for a resource, as `Client.get` does.
        end: What is known of the log's end.

    Raises:
        OddAnswerError: When the answer is no page of a log.
        VCCLiveError: When there is no answer.
    """
    resource = of.resource(start, num)

    def asked() -> Page:
        return _asked(resource, start, get, end)

    return confirmed(asked, resource)


def _asked(resource: str, start: int, get: Get, end: End) -> Page:
    """Return one answer for a page."""
    may_be_past = start > 0 and not end.is_known
    try:
        page = _page_in(get(resource), start, resource)
    except NoAnswerError as error:
        if error.how != "errors":
            return Page(start, [], nothing=error.how)
        # Errors never mean "no calls"; past the end of a log without totals they may mean the end.
        if may_be_past and not end.after_full:
            return Page(start, [], nothing="errors")
        raise OddAnswerError(str(error)) from None
    except OddAnswerError as error:
        status = error.status or HTTPStatus.OK
        if may_be_past and status >= HTTPStatus.BAD_REQUEST:
            return Page(start, [], nothing=f"status {int(status)}")
        raise
    if may_be_past and not end.after_full and page.nothing == NO_ROWS:
        return page._replace(nothing=None)
    return page


def _page_in(response: object, start: int, resource: str) -> Page:
    if not response:
        return Page(start, [], nothing=_named(response))
    if isinstance(response, list):
        return Page(start, response)
    if isinstance(response, dict) and response.keys() & {"rows", "totalCount"}:
        rows, total = _rows_in(response.get("rows")), _number(response.get("totalCount"))
        if rows is not None:
            is_plain = rows or (total is not None and total <= start)
            return Page(start, rows, total, None if is_plain else NO_ROWS)
    raise OddAnswerError(f"{resource}: the answer is no page of the log")


def _named(response: object) -> str:
    """Return how an answer looks that is nothing."""
    return {list: "[]", dict: "{}", bool: "false", type(None): "null"}.get(
        type(response), "no rows"
    )


def _rows_in(rows: object) -> list[Any] | None:
    """Return the rows of a page; a numbered object is how PHP writes some lists."""
    if not rows:
        return []
    if isinstance(rows, dict) and all(name.isdecimal() for name in rows):
        return list(rows.values())
    return rows if isinstance(rows, list) else None


def _number(total: object) -> int | None:
    """Return a total that is a number, or text of one."""
    if isinstance(total, str) and _DIGITS.fullmatch(total):
        return int(total)
    if isinstance(total, Decimal) and 0 <= total <= _LARGEST_TOTAL and total == int(total):
        return int(total)
    return total if type(total) is int and 0 <= total <= _LARGEST_TOTAL else None
