"""A call centre of few calls that answers without a network, in place of a client."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from tap_vcclive.api.errors import NoAnswerError, TriesExhaustedError
from tests.interruptions.truth import Logged

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_DAY: Final = date(2024, 3, 4)
DAYS: Final = 5
CALLS_A_DAY: Final = 12
CALLS: Final = DAYS * CALLS_A_DAY
LAST_DAY: Final = FIRST_DAY + timedelta(days=DAYS - 1)

_ROWS_A_PAGE: Final = 5
_BYTES: Final = 1000
_CALLS_AN_HOUR: Final = 4
_CALL: Final = re.compile(r"/cdr/2024/03/([0-9a-f]{8})-[-0-9a-f]+")


def uuid_of(number: int) -> str:
    """Return the uuid of a call."""
    return f"{number:08x}-85de-4ec1-8625-e6eaf5c96b1e"


def day_of(number: int) -> date:
    """Return the day of a call."""
    return FIRST_DAY + timedelta(days=number // CALLS_A_DAY)


def start_of(number: int) -> str:
    """Return the `start_ts` of a call."""
    in_day = number % CALLS_A_DAY
    return f"{day_of(number)} {8 + in_day // _CALLS_AN_HOUR:02}:00:{in_day:02}"


def entry_of(number: int) -> dict[str, str]:
    """Return a call as an entry of a list."""
    return {"uuid": uuid_of(number), "year": "2024", "month": "03"}


def logged(number: int) -> Logged:
    """Return a call as one of the log."""
    return Logged(uuid_of(number), start_of(number))


class Centre:
    """Knows which calls are registered and which requests fail; stands in for a client.

    Attributes:
        registered: Numbers of the calls that are registered.
        failing: Numbers of the calls that have no answer.
        failing_days: Days of the log that have no answer.
        is_down: Whether nothing has an answer.
        moves: How many rows a log moves by from one page to the next.
        growing: Numbers of calls of the last day that register once its first page is answered.
        unanswered: How often each call was asked for and not had.
        time: How long it has been there.
        asked_first: At which `time` each call was asked for and not had for the first time.
        asked: As of a client.
        tries: As of a client.
        answered: As of a client.
    """

    def __init__(self) -> None:
        """Begin with all calls registered."""
        self.registered = set(range(CALLS))
        self.failing: set[int] = set()
        self.failing_days: set[date] = set()
        self.is_down = False
        self.moves = 0
        self.growing: set[int] = set()
        self.unanswered: dict[str, int] = {}
        self.time = timedelta()
        self.asked_first: dict[str, timedelta] = {}
        self.asked = self.tries = self.answered = 0

    def begin(self) -> None:
        """Count from the beginning, as a client of a new run does."""
        self.asked = self.tries = self.answered = 0

    def recover(self) -> None:
        """Answer everything, in order."""
        self.failing, self.failing_days = set(), set()
        self.is_down, self.moves = False, 0

    def get(self, resource: str, admit: Callable[[int], object] | None = None) -> Any:  # noqa: ANN401 - any JSON value
        """Return the answer to a request; its size has been admitted before."""
        self.asked += 1
        self.tries += 1
        if self.is_down:
            raise TriesExhaustedError("down")
        if admit is not None:
            admit(_BYTES)
        if call := _CALL.fullmatch(resource):
            return self._call(int(call[1], 16))
        return self._page(resource)

    def _call(self, number: int) -> dict[str, str]:
        if number in self.registered and number not in self.failing:
            self.answered += 1
            return _cdr(number)
        uuid = uuid_of(number)
        self.unanswered[uuid] = self.unanswered.get(uuid, 0) + 1
        self.asked_first.setdefault(uuid, self.time)
        if number in self.failing:
            raise TriesExhaustedError("no answer")
        self.answered += 1
        raise NoAnswerError("the call", status=404)

    def _page(self, resource: str) -> dict[str, Any]:
        url = urlsplit(resource)
        day = date(*map(int, url.path.split("/")[-3:]))
        if day in self.failing_days:
            raise TriesExhaustedError("no answer")
        self.answered += 1
        options = parse_qs(url.query)
        start, num = int(options["start"][0]), int(options["num"][0])
        rows = [_cdr(number) for number in sorted(self.registered) if day_of(number) == day]
        by = self.moves * (start // _ROWS_A_PAGE) % max(len(rows), 1)
        moved = rows[by:] + rows[:by]
        if day == LAST_DAY and not start:
            self.registered |= self.growing
        page = moved[start : start + min(num, _ROWS_A_PAGE)]
        return {"rows": page, "totalCount": len(rows)}


def _cdr(number: int) -> dict[str, str]:
    return {"uuid": uuid_of(number), "start_ts": start_of(number)}
