"""The calls found in the log, to be fetched one by one: hour by hour, and only where it is needed.

Days near the end of the log are read in several runs. What tells whether their calls have to be
fetched again is a digest of each hour's rows: where no call is new and none has changed, the
digest is the same. So a late call costs the calls of its hour, and an interrupted run one hour.
"""

from __future__ import annotations

import json
import re
from contextlib import closing
from functools import partial
from hashlib import blake2b
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_vcclive import clock
from tap_vcclive.api.errors import ServerFailsError
from tap_vcclive.call_log.reader import reader_for
from tap_vcclive.calls.call import Call
from tap_vcclive.days.reading import DaysReading
from tap_vcclive.days.spans import day_in
from tap_vcclive.days.state import KEYS, days_state_in
from tap_vcclive.fetching.lookahead import Later
from tap_vcclive.states import BadStateError, check_names

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from tap_vcclive.api.client import Client
    from tap_vcclive.days.day import ReadDay
    from tap_vcclive.fetching.prefetch import Room
    from tap_vcclive.fetching.report import Report
    from tap_vcclive.settings.typed import Settings

_STREAM: Final = "cdr"
_START: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])-[0-9]{2}[ T][0-9]{2}")
_DIGEST_BYTES: Final = 8


class CallsOfHour(NamedTuple):
    """Calls of the log that began in one hour.

    Attributes:
        calls: The calls.
        done: To be called when all of them have been asked for.
    """

    calls: list[Call]
    done: Callable[[], None]


class _Found(NamedTuple):
    """A call found in the log, and a digest of its row."""

    call: Call
    digest: bytes


class CallsByHour:
    """The calls of the days of the log that are still to read.

    Attributes:
        error: Why the log is not read on, though other calls can be fetched; None when it is.
    """

    def __init__(
        self,
        settings: Settings,
        client: Client,
        logger: logging.Logger,
        room: Room | None = None,
    ) -> None:
        """Keep what is needed; nothing is asked for yet.

        Args:
            settings: The settings, with a `start_date`.
            client: CallQueue VCC Live.
            logger: Where to.
            room: See `Reader`.
        """
        source = reader_for(settings, client, room)
        self._reading = DaysReading(_STREAM, source, settings, client, logger)
        self._hours: dict[date, dict[str, str]] = {}
        self.error: ServerFailsError | None = None

    @property
    def size(self) -> int:
        """How many entries the state has."""
        days = len(self._reading.progress.open_days)
        return days + sum(len(hours) for hours in self._hours.values())

    @property
    def unfinished(self) -> list[str]:
        """See `DaysReading`."""
        return self._reading.unfinished

    @property
    def left(self) -> int:
        """See `DaysReading`."""
        return self._reading.left

    @property
    def has_got_on(self) -> bool:
        """See `DaysReading`."""
        return self._reading.has_got_on

    def begin(self, state: Mapping[str, Any]) -> int:
        """Find the place where the state stood; return how many days there are to read.

        Raises:
            BadStateError: When the state is none of this tap.
        """
        self._hours = _hours_in(state)
        return self._reading.begin(state)

    def save(self) -> dict[str, Any]:
        """Return the state."""
        state: dict[str, Any] = {}
        self._reading.progress.save(state)
        # A list: of objects, a merge of states key by key would keep those that are gone.
        state["hours"] = [
            {"day": day.isoformat(), "hours": dict(hours)}
            for day, hours in sorted(self._hours.items())
        ]
        return state

    def stop(self) -> None:
        """End soon; callable from a signal."""
        self._reading.stop()

    def hours(self, report: Report) -> Iterator[CallsOfHour | Later]:
        """Yield the calls to fetch, oldest hour first; an hour without calls ends a day.

        `LATER` stands for calls whose rows have not arrived yet.

        Args:
            report: Is told what the log says about itself.

        Raises:
            VCCLiveError: When the log cannot be read on.
        """
        with closing(self._reading.days()) as days:
            for day in days:
                yield from self._hours_of(day)
                yield CallsOfHour([], partial(self._settle, day, report))
        # Not here: calls are asked for ahead, and the last days are not settled yet.
        yield CallsOfHour([], partial(self._unless_it_fails, self._reading.end))

    def _hours_of(self, day: ReadDay) -> Iterator[CallsOfHour | Later]:
        """Yield the hours of a day whose calls are not the ones that have been fetched."""
        found: dict[str, list[tuple[str, _Found]]] = {}
        for one in day.rows():
            if isinstance(one, Later):
                yield one
                continue
            uuid, row = one
            start = row.get("start_ts")
            start = start if isinstance(start, str) else ""
            started = _START.match(start)
            year, month = started.groups() if started else (f"{day.day.year:04}", _month(day.day))
            call = _Found(Call(uuid, year, month), _digest_of(row))
            # Hours of other days go together: there is no end to them, and each has a digest.
            is_of_day = start.startswith(day.day.isoformat())
            hour = started[0] if started and is_of_day else ""
            found.setdefault(hour, []).append((start, call))
        known = self._hours.get(day.day, {})
        for hour in sorted(found):
            # In order of their start; of calls that start together, by uuid.
            calls = [call for _, call in sorted(found.pop(hour), key=itemgetter(0, 1))]
            digest = _digest_over(calls)
            if known.get(hour) != digest:
                done = partial(self._hour_done, day.day, hour, digest)
                yield CallsOfHour([found.call for found in calls], done)

    def _hour_done(self, day: date, hour: str, digest: str) -> None:
        self._hours.setdefault(day, {})[hour] = digest

    def _settle(self, day: ReadDay, report: Report) -> None:
        """Take a day into the progress; forget the hours of days that are not read again."""
        self._unless_it_fails(partial(self._reading.settle, day, report))
        progress = self._reading.progress
        again_from = progress.again_from
        if again_from is None:
            return
        for past in list(self._hours):
            is_read = past in progress.days and past not in progress.open_days
            if is_read and past < again_from:
                del self._hours[past]

    def _unless_it_fails(self, settle: Callable[[], None]) -> None:
        """Settle something; when nothing of the log is answered, go on without it."""
        try:
            settle()
        except ServerFailsError as error:
            error.way_out = "set calls_from_log to false"
            self.error = error
            self._reading.stop()


def check_state(state: Any) -> None:  # noqa: ANN401 - states are edited by hand
    """Check a state without taking it over.

    Raises:
        BadStateError: When it is none that `CallsByHour.save` writes.
    """
    check_names(_STREAM, "log", state, (*KEYS, "hours"))
    days_state_in(_STREAM, state, clock.now())
    _hours_in(state)


def _hours_in(state: Mapping[str, Any]) -> dict[date, dict[str, str]]:
    """Return the digests of the hours that a state holds, by day.

    Versions before this one have written an object.

    Raises:
        BadStateError: When there is anything else.
    """
    try:
        hours = state.get("hours") or []
        if isinstance(hours, dict):
            hours = [{"day": day, "hours": of_day} for day, of_day in hours.items()]
        return {day_in(entry["day"]): dict(entry["hours"]) for entry in hours}
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BadStateError(_STREAM, "the hours of its log must be a list by day") from None


def _month(day: date) -> str:
    return f"{day.month:02}"


def _digest_of(row: Mapping[str, Any]) -> bytes:
    """Return a digest of all that a row says."""
    try:
        text = json.dumps(row, sort_keys=True, default=str)
    except RecursionError:
        text = str(row.get("uuid"))
    return blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()


def _digest_over(calls: list[_Found]) -> str:
    """Return a digest of all rows of an hour, whatever their order."""
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for found in sorted(calls):
        digest.update(found.call.uuid.encode() + found.digest)
    return digest.hexdigest()
