"""What agents have done: states that cover their calls, and what lies between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from vcclive_sandbox import centre
from vcclive_sandbox.envelope import answer, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from starlette.responses import Response

    from vcclive_sandbox.calls import Call, Calls
    from vcclive_sandbox.options import Options

PATH: Final = "/statistics/userstate"
MANDATORY: Final = frozenset({"from", "to"})
OPTIONS: Final = MANDATORY | {"start", "num", "direction", "projects", "users"}
LARGEST_PAGE: Final = 100_000
TIMESTAMP: Final = "%Y-%m-%d %H:%M:%S"
LUNCH_HOUR, LUNCH = 12, timedelta(minutes=30)


class UserStates:
    """The states of all days."""

    def __init__(self, calls: Calls, options: Options) -> None:
        """Cover the calls of agents."""
        self._calls = calls
        self._variants = options.variants
        self._cap = min(options.page_cap, LARGEST_PAGE) if options.states_capped else LARGEST_PAGE

    def page(self, given: Mapping[str, str]) -> Response:
        """Answer a page."""
        try:
            first, last = (_day_of(given[name]) for name in ("from", "to"))
            start, num = int(given.get("start", 0)), int(given.get("num", LARGEST_PAGE))
            listed = given.get("projects")
            projects = {int(one) for one in listed.split(",")} if listed is not None else None
        except (KeyError, ValueError):
            return refusal(400, "Bad options.")
        if not given.keys() <= OPTIONS or (first.year, first.month) != (last.year, last.month):
            return refusal(400, "Bad options.")
        rows = [
            row
            for row in self.rows(first, last)
            if projects is None or row["projectid"] in projects
        ]
        if given.get("direction") == "DESC":
            rows.reverse()
        if start >= len(rows) and (start or rows or self._variants.states_past_end != "empty"):
            match self._variants.states_past_end:
                case "400" | "404" | "500":
                    return refusal(int(self._variants.states_past_end), "start is past the end.")
                case "empty":
                    return answer([])
        return answer(rows[start : start + min(num, self._cap)])

    def rows(self, first: date, last: date) -> list[dict[str, Any]]:
        """Return the states that began on some days, oldest first; equal ones are there twice."""
        calls = (self._calls[position] for position in self._calls.between(first, last))
        rows = [row for call in calls for row in _of_call(call)]
        rows += rows[:1]  # the same in each of its fields, and another state all the same
        for number in range((last - first).days + 1):
            rows += self._breaks(first + timedelta(days=number))
        return sorted(rows, key=lambda row: (row["prevtime"], row["name"]))

    def _breaks(self, day: date) -> list[dict[str, Any]]:
        """Return the breaks of a day that has calls."""
        if not self._calls.between(day, day):
            return []
        noon = datetime(day.year, day.month, day.day, LUNCH_HOUR, tzinfo=UTC)
        return [
            _row(agent.name, "AUX", noon, LUNCH, auxid=1 + number % 2)
            for number, agent in enumerate(centre.AGENTS)
        ]


def _of_call(call: Call) -> list[dict[str, Any]]:
    """Return the states of the agent of a call: talking, and writing it up."""
    cdr = call.cdr()
    talk, after = int(cdr["talktime"] or 0), int(cdr["afterwork"] or 0)
    if cdr["userid"] == centre.SYSTEM_USER or not cdr["billing_ts"]:
        return []
    begin = datetime.strptime(str(cdr["billing_ts"]), TIMESTAMP).replace(tzinfo=UTC)
    common = {"projectid": cdr["projectid"], "numberid": cdr["numberid"]}
    name = str(cdr["userfullname"])
    rows = [_row(name, "CALL", begin, timedelta(seconds=talk), **common)]
    if after:
        end = begin + timedelta(seconds=talk)
        rows.append(_row(name, "AFTERWORK", end, timedelta(seconds=after), **common))
    return rows


def _row(
    name: str, state: str, begin: datetime, length: timedelta, **others: object
) -> dict[str, Any]:
    return {
        "auxid": 0,
        "chatid": 0,
        "connection_lost": 0,
        "duration": int(length.total_seconds()),
        "emailid": 0,
        "name": name,
        "numberid": 0,
        "prevstate": state,
        "prevtime": begin.strftime(TIMESTAMP),
        "projectid": 0,
        "secondary_projects": "",
        **others,
    }


def _day_of(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
