"""Position, pending and missing: how far the calls of a list have got, as a small piece of state.

A call of the list is done when its record has been written, or when it stands in `pending` (asked
for, not registered yet, asked again by a later run) or in `missing` (given up).
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive import clock
from tap_vcclive.attempts import KEYS as ATTEMPTS_KEYS
from tap_vcclive.attempts import Attempts
from tap_vcclive.call_list import position
from tap_vcclive.call_list.position import Beginning, LastLine, Position
from tap_vcclive.calls.call import BadCallError, Call, CallOrBefore, call_of
from tap_vcclive.states import BadStateError, check_names, value_in

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from datetime import datetime

# A pending call takes 200 bytes of state, and Meltano reads lines of 50 MiB at most.
MOST_PENDING: Final = 50_000
# Of more calls than these that were given up, the first ones leave the state.
MOST_MISSING: Final = 10_000

# A call is not given up before this time has passed since its first attempt.
LEAST_TIME_PENDING: Final = timedelta(hours=24)

# A list can name one call under several months, one right behind the other.
_MOST_RECENT: Final = 1000

KEYS: Final = (*position.KEYS, "pending", "missing")
"""What stands in the state: all of it always, so that a merge key by key keeps what was meant."""

_STREAM: Final = "cdr"
_PENDING_KEYS: Final = (*Call._fields, "or_month_before", *ATTEMPTS_KEYS, "failed")


class Pending:
    """A call that has been asked for and not been had.

    Attributes:
        call: The call.
        attempts: How often it was asked for, and when.
        failed: Whether that had no useful answer: neither the call nor that it is not registered.
    """

    __slots__ = ("attempts", "call", "failed")

    def __init__(self, call: Call, attempts: Attempts, *, failed: bool = False) -> None:
        """Keep the values."""
        self.call = call
        self.attempts = attempts
        self.failed = failed

    def to_state(self) -> dict[str, Any]:
        """Return the call as it stands in the state."""
        return {
            **self.call._asdict(),
            "or_month_before": isinstance(self.call, CallOrBefore),
            **self.attempts.to_state(),
            "failed": self.failed,
        }

    @classmethod
    def from_state(cls, entry: Any) -> Pending:  # noqa: ANN401 - states are edited by hand
        """Return the call of an entry of the state.

        Raises:
            BadStateError: When the entry is none.
        """
        check_names(_STREAM, "an entry of pending", entry, _PENDING_KEYS)
        try:
            call = call_of(entry["uuid"], entry["year"], entry["month"], UTC)
            call = CallOrBefore(*call) if entry.get("or_month_before") is True else call
        except (BadCallError, KeyError, TypeError):
            raise BadStateError(_STREAM, "pending holds an entry that is no pending call") from None
        try:
            attempts = Attempts.from_state(entry, clock.now())
        except ValueError:
            raise BadStateError(
                _STREAM, "pending holds an entry with impossible attempts"
            ) from None
        return cls(call, attempts, failed=entry.get("failed") is True)


def check(state: Mapping[str, Any]) -> None:
    """Check a state without taking it over.

    Raises:
        BadStateError: When it is none that `Progress.save` writes.
    """
    Progress(retry_after=timedelta(), max_attempts=1).load(state)


class Progress:
    """How far a list of calls has got.

    Attributes:
        done: The calls of the list that are done.
        last_line: The last line of the list, when it may be a piece of a longer one.
        pending: Calls that have not been had yet, in the order they came up. A uuid can stand
            there under several months, when a list does not know which is the right one.
        missing: Uuids of the calls given up, in that order (the values mean nothing).
        forgotten: How many of them a state had that are too many to keep.
    """

    def __init__(self, *, retry_after: timedelta, max_attempts: int) -> None:
        """Begin with nothing done.

        Args:
            retry_after: How long a pending call is left alone after an attempt, at least.
            max_attempts: How many attempts a call gets before it is given up, at least.
        """
        self._retry_after = retry_after
        self._max_attempts = max_attempts
        self.done = Position()
        self.last_line: LastLine | None = None
        self.pending: dict[Call, Pending] = {}
        self._months: dict[str, list[Call]] = {}
        self.missing: dict[str, None] = {}
        self.forgotten = 0
        self._recent: deque[str] = deque(maxlen=_MOST_RECENT)

    def load(self, state: Mapping[str, Any]) -> Beginning:
        """Take over pending and missing of a state; return what it says of the list.

        Raises:
            BadStateError: When the state is none that `save` writes.
        """
        beginning = position.from_state(state)
        pending, missing = value_in(state, "pending", []), value_in(state, "missing", [])
        if not isinstance(pending, list) or not isinstance(missing, list):
            raise BadStateError(_STREAM, "pending and missing must be lists")
        if not all(isinstance(uuid, str) for uuid in missing):
            raise BadStateError(_STREAM, "missing must hold uuids")
        entries = [Pending.from_state(entry) for entry in pending]
        for entry in {entry.call: entry for entry in entries}.values():
            self._add(entry)
        self.missing = dict.fromkeys(missing[-MOST_MISSING:])
        self.forgotten = len(missing) - len(missing[-MOST_MISSING:])
        return beginning

    def save(self, state: MutableMapping[str, Any]) -> None:
        """Write its keys into a state, leaving the other keys alone."""
        state.update(position.to_state(self.done, self.last_line))
        state["pending"] = [entry.to_state() for entry in self.pending.values()]
        state["missing"] = list(self.missing)

    def advance(self, call: Call, *, is_after_gap: bool) -> None:
        """Note that the next call of the list is done; see `Position.add`."""
        self.done.add(call, is_after_gap=is_after_gap)

    def move_to(self, done: Position) -> None:
        """Note that calls between those that were done are done, too."""
        self.done = done

    def note_last_line(self, line: LastLine) -> None:
        """Note that the call of a last line that may still grow is done."""
        self.last_line = line

    def is_loaded(self, call: Call) -> bool:
        """Return whether a call that has been asked for has been loaded."""
        return call not in self.pending and call.uuid not in self.missing

    def due(self, now: datetime) -> list[Call]:
        """Return the pending calls whose next attempt has come, in the order they came up.

        Those that failed come last and in turns, the one that has waited longest first: each of
        them can take all its tries again, which the others need not wait for.
        """
        due = [e for e in self.pending.values() if e.attempts.is_due(now, self._retry_after)]
        late = [entry.call for entry in due if not entry.failed]
        failed = sorted((e for e in due if e.failed), key=lambda entry: entry.attempts.last)
        return late + [entry.call for entry in failed]

    def next_due(self) -> datetime | None:
        """Return when the first pending call may be asked for again, in UTC."""
        entries = self.pending.values()
        return min((e.attempts.due_at(self._retry_after) for e in entries), default=None)

    def loaded(self, call: Call) -> None:
        """Note that the record of a call has been written: under other months it is not to be."""
        for same in self._months.pop(call.uuid, ()):
            del self.pending[same]
        self.missing.pop(call.uuid, None)
        self._recent.append(call.uuid)

    def not_loaded(
        self, call: Call, now: datetime, *, failed: bool = False, counts: bool = True
    ) -> None:
        """Note that a call was asked for and not had: it stays pending.

        Args:
            call: The call.
            now: When it was asked for, in UTC.
            failed: Whether there was no useful answer.
            counts: Whether that was an attempt: not as long as nothing at all is answered.
        """
        if call not in self.pending:
            if call.uuid in self._recent:
                return  # it has just been loaded under another month
            self._add(Pending(call, Attempts(0, now, now)))
        entry = self.pending[call]
        entry.attempts = entry.attempts.again(now, counts=counts)
        entry.failed = failed
        self.missing.pop(call.uuid, None)

    def count_attempt(self, call: Call) -> None:
        """Note that the last attempt of a call was one after all."""
        if entry := self.pending.get(call):
            entry.attempts = entry.attempts.again(entry.attempts.last)

    def give_up(self, call: Call) -> list[str] | None:
        """Give a pending call up if it has been asked for often and long enough.

        Returns:
            The uuids of calls given up long ago that leave the state for it; None when the call
            stays pending.
        """
        entry = self.pending.get(call)
        if entry is None or not entry.attempts.are_enough(self._max_attempts, LEAST_TIME_PENDING):
            return None
        del self.pending[call]
        self._months[call.uuid].remove(call)
        if not self._months[call.uuid]:
            del self._months[call.uuid]
        self.missing[call.uuid] = None
        leaving = list(self.missing)[: max(len(self.missing) - MOST_MISSING, 0)]
        for uuid in leaving:
            del self.missing[uuid]
        return leaving

    def _add(self, entry: Pending) -> None:
        self.pending[entry.call] = entry
        self._months.setdefault(entry.call.uuid, []).append(entry.call)
