"""Position, pending and missing: how far the calls of a list have got, as a small piece of state.

A call of the list is done when its record has been written, or when it stands in `pending` (asked
for, not registered yet, asked again by a later run) or in `missing` (given up). `position` counts
the done calls from the beginning of the list, with a digest over them, so that the state is the
same size for ten calls and for a million and still notices that the list has become another one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.calls.call import BadCallError, Call, call_of
from tap_vcclive.calls.call_list import Digest
from tap_vcclive.states import BadStateError, check_names

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

# A pending call takes 130 bytes of state, and Meltano reads lines of 50 MiB at most.
MOST_PENDING: Final = 50_000

_LAST_YEAR: Final = 9000

KEYS: Final = ("position", "pending", "missing")
"""What stands in the state."""

_STREAM: Final = "cdr"
_POSITION_KEYS: Final = ("calls", "digest")
_PENDING_KEYS: Final = (*Call._fields, "attempts", "last_attempt", "failed")


class Pending:
    """A call that is not registered yet.

    Attributes:
        call: The call.
        attempts: How many runs have asked for it.
        last_attempt: When it was asked for last, in UTC.
        failed: Whether that had no answer at all, in all its tries.
    """

    __slots__ = ("attempts", "call", "failed", "last_attempt")

    def __init__(
        self, call: Call, attempts: int, last_attempt: datetime, *, failed: bool = False
    ) -> None:
        """Keep the values."""
        self.call = call
        self.attempts = attempts
        self.last_attempt = last_attempt
        self.failed = failed

    def to_state(self) -> dict[str, Any]:
        """Return the call as it stands in the state."""
        return {
            **self.call._asdict(),
            "attempts": self.attempts,
            "last_attempt": self.last_attempt.isoformat(timespec="seconds"),
            **({"failed": True} if self.failed else {}),
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
            last = datetime.fromisoformat(entry["last_attempt"])
            last = (last if last.tzinfo else last.replace(tzinfo=UTC)).astimezone(UTC)
            attempts = entry["attempts"]
        except (BadCallError, KeyError, TypeError, ValueError, OverflowError):
            raise BadStateError(_STREAM, "pending holds an entry that is no pending call") from None
        if type(attempts) is not int or attempts < 0 or last.year > _LAST_YEAR:
            raise BadStateError(_STREAM, "pending holds an entry with impossible attempts")
        return cls(call, attempts, last, failed=entry.get("failed") is True)


def check(state: Mapping[str, Any]) -> None:
    """Check a state without taking it over.

    Raises:
        BadStateError: When it is none that `Progress.save` writes.
    """
    Progress(retry_after=timedelta(), max_attempts=1).load(state)


class Progress:
    """How far a list of calls has got.

    Attributes:
        done: Digest of the calls of the list that are done.
        pending: Calls that are not registered yet, in the order they came up. A uuid can stand
            there under several months, when a list does not know which is the right one.
        missing: Uuids of the calls given up, in that order (the values mean nothing).
    """

    def __init__(self, *, retry_after: timedelta, max_attempts: int) -> None:
        """Begin with nothing done.

        Args:
            retry_after: How long a pending call is left alone after an attempt.
            max_attempts: How many attempts a call gets before it is given up.
        """
        self._retry_after = retry_after
        self._max_attempts = max_attempts
        self.done = Digest()
        self.pending: dict[Call, Pending] = {}
        self._months: dict[str, list[Call]] = {}
        self.missing: dict[str, None] = {}

    def load(self, state: Mapping[str, Any]) -> tuple[int, str]:
        """Take over pending and missing of a state; return its position: calls and digest.

        Raises:
            BadStateError: When the state is none that `save` writes.
        """
        position = state.get("position", {"calls": 0, "digest": Digest().hexdigest()})
        pending, missing = state.get("pending", []), state.get("missing", [])
        if not isinstance(pending, list) or not isinstance(missing, list):
            raise BadStateError(_STREAM, "pending and missing must be lists")
        if not all(isinstance(uuid, str) for uuid in missing):
            raise BadStateError(_STREAM, "missing must hold uuids")
        entries = [Pending.from_state(entry) for entry in pending]
        check_names(_STREAM, "position", position, _POSITION_KEYS)
        try:
            calls, digest = position["calls"], position["digest"]
        except (KeyError, TypeError):
            raise BadStateError(_STREAM, "position must hold calls and digest") from None
        if type(calls) is not int or calls < 0 or not isinstance(digest, str):
            raise BadStateError(_STREAM, "position must hold a number of calls and a digest")
        for entry in {entry.call: entry for entry in entries}.values():
            self._add(entry)
        self.missing = dict.fromkeys(missing)
        return calls, digest

    def save(self, state: MutableMapping[str, Any]) -> None:
        """Write position, pending and missing into a state, leaving its other keys alone."""
        state["position"] = {"calls": self.done.calls, "digest": self.done.hexdigest()}
        state["pending"] = [entry.to_state() for entry in self.pending.values()]
        state["missing"] = list(self.missing)

    def due(self, now: datetime) -> list[Call]:
        """Return the pending calls whose next attempt has come, in the order they came up."""
        return [
            entry.call
            for entry in self.pending.values()
            if now - entry.last_attempt >= self._retry_after
            # An attempt in the future is a clock set back; it must not hold the call forever.
            or entry.last_attempt > now
        ]

    def next_due(self) -> datetime | None:
        """Return when the first pending call may be asked for again, in UTC."""
        last = min((entry.last_attempt for entry in self.pending.values()), default=None)
        return last + self._retry_after if last else None

    def loaded(self, call: Call) -> None:
        """Note that the record of a call has been written: under other months it is not to be."""
        for same in self._months.pop(call.uuid, ()):
            del self.pending[same]
        self.missing.pop(call.uuid, None)

    def not_registered(
        self, call: Call, now: datetime, *, failed: bool = False, counts: bool = True
    ) -> bool:
        """Note that a call was asked for in vain; return whether it is given up with that.

        Args:
            call: The call.
            now: When it was asked for, in UTC.
            failed: Whether there was no answer at all.
            counts: Whether that was an attempt: not when it was the server that failed.
        """
        if call not in self.pending:
            self._add(Pending(call, 0, now))
        entry = self.pending[call]
        entry.attempts += counts
        entry.last_attempt = now
        entry.failed = failed
        if entry.attempts < self._max_attempts:
            self.missing.pop(call.uuid, None)
            return False
        del self.pending[call]
        self._months[call.uuid].remove(call)
        if not self._months[call.uuid]:
            del self._months[call.uuid]
        self.missing[call.uuid] = None
        return True

    def _add(self, entry: Pending) -> None:
        self.pending[entry.call] = entry
        self._months.setdefault(entry.call.uuid, []).append(entry.call)
