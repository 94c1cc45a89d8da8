"""The resources: one call, the log of a month or a day, and lists."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING

from starlette.routing import Route, Router

from vcclive_sandbox import answers, example, lists, user_states
from vcclive_sandbox.absences import absence
from vcclive_sandbox.envelope import refusal
from vcclive_sandbox.log import Log, PageAsked
from vcclive_sandbox.registration import Registration

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from vcclive_sandbox.calls import Calls
    from vcclive_sandbox.options import Options

PREFIX = "/v2"
DEFAULT_ROWS = 10
LOG_OPTIONS = frozenset({"projectid", "start", "num"})

_YEAR = re.compile(r"[0-9]{4}")
_TWO_DIGITS = re.compile(r"[0-9]{2}")
_NUMBER = re.compile(r"[0-9]{1,9}")


class Resources:
    """What can be read, behind authentication and faults.

    Attributes:
        router: The ASGI application that answers.
    """

    def __init__(self, calls: Calls, options: Options) -> None:
        """Serve `calls`, which register from now on as `options` say."""
        self._calls = calls
        self._variants = options.variants
        self._page_cap = options.page_cap
        self._registration = Registration(calls, options)
        self._states = user_states.UserStates(calls, options)
        self._log = Log(calls, options, self._registration)
        self.router = Router(
            [
                Route(f"{PREFIX}/cdr/{{year}}/{{month}}/{{uuid}}", self.cdr),
                Route(f"{PREFIX}/cdrs/{{year}}/{{month}}", self.log),
                Route(f"{PREFIX}/cdrs/{{year}}/{{month}}/{{day}}", self.log),
                *(Route(f"{PREFIX}{path}", self.whole_list) for path in lists.LISTS),
                Route(f"{PREFIX}/projects/{{projectid}}", self.project),
                Route(f"{PREFIX}{user_states.PATH}", self.states),
            ],
            redirect_slashes=False,
            default=_no_such_resource,
        )

    async def cdr(self, request: Request) -> Response:
        """Answer one call, under its own local year and month only."""
        year, month, uuid = (request.path_params[name] for name in ("year", "month", "uuid"))
        if not (_YEAR.fullmatch(year) and _TWO_DIGITS.fullmatch(month)):
            return refusal(404, "No such resource.")
        if request.scope["query_string"]:
            return refusal(400, "This resource has no options.")
        if (year, month, uuid) == (example.YEAR, example.MONTH, example.UUID):
            return answers.one_call(example.CDR, self._variants)
        position = self._calls.find(uuid)
        if position is not None:
            call = self._calls[position]
            if (call.year, call.month) == (year, month) and self._registration.ask(position):
                return answers.one_call(call.cdr(), self._variants)
        return absence(self._variants.not_registered, "No such call.")

    async def log(self, request: Request) -> Response:
        """Answer a page of the log of a month or a day."""
        try:
            first, last = _days(**request.path_params)
        except ValueError:
            return refusal(404, "No such resource.")
        given = dict(request.query_params)
        if not (given.keys() <= LOG_OPTIONS and all(map(_NUMBER.fullmatch, given.values()))):
            return refusal(400, "Bad options.")
        return self._log.page(
            PageAsked(
                first=first,
                last=last,
                project=int(given["projectid"]) if "projectid" in given else None,
                start=int(given.get("start", 0)),
                rows=min(int(given.get("num", DEFAULT_ROWS)), self._page_cap),
            )
        )

    async def whole_list(self, request: Request) -> Response:
        """Answer a list."""
        if request.scope["query_string"]:
            return refusal(400, "This resource has no options.")
        return lists.whole(request.scope["path"].removeprefix(PREFIX), self._variants)

    async def project(self, request: Request) -> Response:
        """Answer what a project has."""
        number = request.path_params["projectid"]
        if not _NUMBER.fullmatch(number):
            return refusal(404, "No such resource.")
        if request.scope["query_string"]:
            return refusal(400, "This resource has no options.")
        return lists.project(int(number), self._variants)

    async def states(self, request: Request) -> Response:
        """Answer a page of user states."""
        return self._states.page(dict(request.query_params))

    def another_path(self, path: str) -> str:
        """Return the path of a registered call after the one that `path` names, or `path`."""
        position = self._calls.find(path.rpartition("/")[2])
        if position is None:
            return path
        others = ((position + step) % len(self._calls) for step in range(1, len(self._calls)))
        other = next(filter(self._registration.registered, others), None)
        if other is None:
            return f"{PREFIX}/cdr/{example.YEAR}/{example.MONTH}/{example.UUID}"
        call = self._calls[other]
        return f"{PREFIX}/cdr/{call.year}/{call.month}/{call.uuid}"


def _days(year: str, month: str, day: str | None = None) -> tuple[date, date]:
    """Return the first and the last day of a month, or the day twice; ValueError if no such."""
    if not (_YEAR.fullmatch(year) and _TWO_DIGITS.fullmatch(month)):
        raise ValueError("four digits and two digits")
    if day is None:
        first = date(int(year), int(month), 1)
        return first, first.replace(day=monthrange(first.year, first.month)[1])
    if not _TWO_DIGITS.fullmatch(day):
        raise ValueError("two digits")
    return (date(int(year), int(month), int(day)),) * 2


async def _no_such_resource(scope: Scope, receive: Receive, send: Send) -> None:
    await refusal(404, "No such resource.")(scope, receive, send)
