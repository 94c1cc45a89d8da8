"""Lives through the nights of a plan: runs with their clocks, and what is kept of their states."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from tap_vcclive import clock
from tap_vcclive.api.errors import VCCLiveError
from tap_vcclive.cdr.run import CallsRun
from tests.nights.centre import Centre, Key
from tests.nights.plans import DAYS_BEFORE, Night, Plan
from tests.nights.streams import Name, Named, Stream, is_unfinished, records_of
from tests.nights.world import ALL_REGISTERED, FIRST_DAY, ZONE, calls_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_vcclive.call_log.run import CallLogRun

_SOON: Final = timedelta(minutes=5)
_CALLS_A_STATE: Final = 7
# Long enough for giving up: seven days for a day of the log, and more runs than max_attempts.
_LAST_NIGHTS: Final = 10
_LONGEST_WAIT: Final = {True: timedelta(days=7), False: timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Stored:
    """A state that is kept, and what has come of all the runs that have led to it.

    Attributes:
        bookmark: The stream's part of the state.
        written: Uuids of the records that stand before it.
        named: What it names.
        ever_named: What any state on the way to it has named.
        told: What was named at the end of a run that ended with status 1.
    """

    bookmark: dict[str, Any]
    written: frozenset[str]
    named: Named
    ever_named: frozenset[Name]
    told: frozenset[Name]


class History:
    """One history.

    Attributes:
        stored: The state that the next run begins with.
        believed: The days that were said, so that it may be believed, to have no calls.
        too_early: What was given up too early.
        is_told: Whether the last run ended with status 1.
    """

    def __init__(self, plan: Plan, stream: Stream) -> None:
        """Begin without a state."""
        self._plan = plan
        self._stream = stream
        self._centre = Centre()
        self._now = datetime.combine(FIRST_DAY + timedelta(days=DAYS_BEFORE), time(), ZONE)
        self._now = self._now.astimezone(UTC)
        self._asked = plan.last
        self._list = plan.first_list
        none: frozenset[Any] = frozenset()
        self.stored = Stored({}, none, Named(none, none), none, none)
        self._kept = [self.stored]
        self.believed: set[Key] = set()
        self.too_early: set[Name] = set()
        self.is_told = False

    def nights(self) -> None:
        """Live through the nights of the plan."""
        for night in self._plan.nights:
            self._asked = night.asked or self._asked
            self._list = night.edit.of(self._list)
            self.stored = self._kept[-1 - min(night.restored, len(self._kept) - 1)]
            self._go_to(night.days_later, night.minute)
            self._live(night)

    def last_nights(self) -> None:
        """Live through nights in which the server is well, with a run each."""
        self._asked = self._plan.last
        self._now = max(self._now, ALL_REGISTERED)
        enough = max(_LAST_NIGHTS, self._plan.max_attempts + 2)
        for _ in range(self._plan.last_nights or enough):
            night = Night(minute=180)
            self._go_to(night.days_later, night.minute)
            self._live(night)

    def _go_to(self, days_later: int, minute: int) -> None:
        local = self._now.astimezone(ZONE)
        day = local.date() + timedelta(days=days_later)
        then = datetime.combine(day, time(*divmod(minute, 60)), ZONE).astimezone(UTC)
        self._now = max(then, self._now + _SOON)

    def _live(self, night: Night) -> None:
        """Run, and keep what is to be kept."""
        faults = (*self._plan.for_good, *night.faults)
        self._centre.begin(self._now, faults, minutes=night.step, is_down=night.is_down)
        before = self.stored
        with (
            mock.patch.object(clock, "now", self._time),
            mock.patch.object(clock, "pause", _no_time_passes),
        ):
            self.stored = self._run(night)
        self._kept.append(self.stored)
        self._note_believed(before)
        self._note_too_early(before)
        self._now = self._centre.latest

    def _time(self) -> datetime:
        return self._now

    def _run(self, night: Night) -> Stored:
        """Run, and return the state that is kept of it."""
        begun = self.stored
        bookmark = _copy(begun.bookmark)
        run = self._stream.run(self._plan, self._asked, self._list, self._centre)
        run.begin(bookmark)
        states = [begun] * 3
        error: VCCLiveError | None = None
        written = set(begun.written)
        try:
            for may_save, uuid in self._handed_out(run, night):
                if may_save:
                    run.save(bookmark)
                    states.append(self._state(night, states[-1], bookmark, written))
                if uuid is not None:
                    written.add(uuid)
        except _KilledError:
            assert night.cut is not None
            return self._told(states[-1 - night.cut.back])
        except VCCLiveError as ended_by:
            error = ended_by
        run.save(bookmark)
        stored = self._state(night, states[-1], bookmark, written)
        self.is_told = is_unfinished(run, error)
        return self._told(stored) if self.is_told else stored

    def _handed_out(
        self, run: CallsRun | CallLogRun, night: Night
    ) -> Iterator[tuple[bool, str | None]]:
        """Yield what a run hands out, up to where it is cut off.

        Raises:
            _KilledError: When that is by force.
        """
        calls_a_state = _CALLS_A_STATE if isinstance(run, CallsRun) else 1
        with closing(records_of(run)) as records:
            for number, (may_save, uuid) in enumerate(records):
                if night.cut is not None and night.cut.after == number:
                    if night.cut.is_kill:
                        raise _KilledError
                    run.stop()
                yield may_save and number > 0 and number % calls_a_state == 0, uuid

    def _state(
        self, night: Night, last: Stored, bookmark: dict[str, Any], written: set[str]
    ) -> Stored:
        """Return a state as it is stored after the last one."""
        value = _copy(bookmark)
        if night.is_merged:
            value = _merged(last.bookmark, value)
        named = self._stream.named_in(value)
        ever_named = last.ever_named | named.all
        return Stored(value, frozenset(written), named, ever_named, last.told)

    @staticmethod
    def _told(stored: Stored) -> Stored:
        """Return a state whose run ended with status 1, or was killed."""
        told = stored.told | stored.named.all
        return Stored(stored.bookmark, stored.written, stored.named, stored.ever_named, told)

    def _note_believed(self, before: Stored) -> None:
        is_known = self._stream.covers(before.bookmark, self._asked.projects)
        for key in self._centre.said_absent:
            # What was read for other projects only is read anew, as if for the first time.
            calls = {call.uuid for call in calls_of(*key)} if is_known else set()
            if before.written.isdisjoint(calls):
                self.believed.add(key)
        self.believed |= self._centre.said_to_end

    def _note_too_early(self, before: Stored) -> None:
        for name in self.stored.named.given_up - before.named.given_up:
            first = self._centre.first_asked[name]
            if self._now - first < _LONGEST_WAIT[not isinstance(name, str)]:
                self.too_early.add(name)


def _no_time_passes(_: float) -> None:
    """Stand in for a pause."""


class _KilledError(Exception):
    """The run is killed."""


def _copy(value: dict[str, Any]) -> dict[str, Any]:
    """Return a state as it comes back out of JSON."""
    copied: dict[str, Any] = json.loads(json.dumps(value))
    return copied


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return what Meltano makes of two states with `--state-strategy=merge`."""
    merged = dict(old)
    for key, value in new.items():
        kept = merged.get(key)
        if isinstance(kept, dict) and isinstance(value, dict):
            merged[key] = _merged(kept, value)
        else:
            merged[key] = value
    return merged
