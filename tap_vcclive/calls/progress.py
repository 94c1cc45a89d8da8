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

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

# A pending call takes 130 bytes of state, and Meltano reads lines of 50 MiB at most.
MOST_PENDING: Final = 50_000

_LAST_YEAR: Final = 9000


class BadStateError(ValueError):
    """A state that this tap has not written, or not like this."""

    def __init__(self, what: str) -> None:
        """Say what is wrong with it."""
        super().__init__(f"The state of the stream cdr cannot be used: {what}")


class Pending:
    """A call that is not registered yet.

    Attributes:
        call: The call.
        attempts: How many runs have asked for it.
        last_attempt: When it was asked for last, in UTC.
    """

    __slots__ = ("attempts", "call", "last_attempt")

    def __init__(self, call: Call, attempts: int, last_attempt: datetime) -> None:
        """Keep the values."""
        self.call = call
        self.attempts = attempts
        self.last_attempt = last_attempt

    def to_state(self) -> dict[str, Any]:
        """Return the call as it stands in the state."""
        return {
            **self.call._asdict(),
            "attempts": self.attempts,
            "last_attempt": self.last_attempt.isoformat(timespec="seconds"),
        }

    @classmethod
    def from_state(cls, entry: Any) -> Pending:  # noqa: ANN401 - states are edited by hand
        """Return the call of an entry of the state.

        Raises:
            BadStateError: When the entry is none.
        """
        try:
            call = call_of(entry["uuid"], entry["year"], entry["month"], UTC)
            last = datetime.fromisoformat(entry["last_attempt"])
            last = (last if last.tzinfo else last.replace(tzinfo=UTC)).astimezone(UTC)
            attempts = entry["attempts"]
        except (BadCallError, KeyError, TypeError, ValueError, OverflowError):
            raise BadStateError("pending holds an entry that is no pending call") from None
        if type(attempts) is not int or attempts < 0 or last.year > _LAST_YEAR:
            raise BadStateError("pending holds an entry with impossible attempts")
        return cls(call, attempts, last)


class Progress:
    """How far a list of calls has got.

    Attributes:
        done: Digest of the calls of the list that are done.
        pending: Calls that are not registered yet, by uuid, in the order they were asked for.
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
        self.pending: dict[str, Pending] = {}
        self.missing: dict[str, None] = {}

    def load(self, state: Mapping[str, Any]) -> tuple[int, str]:
        """Take over pending and missing of a state; return its position: calls and digest.

        Raises:
            BadStateError: When the state is none that `save` writes.
        """
        position = state.get("position", {"calls": 0, "digest": Digest().hexdigest()})
        pending, missing = state.get("pending", []), state.get("missing", [])
        if not isinstance(pending, list) or not isinstance(missing, list):
            raise BadStateError("pending and missing must be lists")
        if not all(isinstance(uuid, str) for uuid in missing):
            raise BadStateError("missing must hold uuids")
        entries = [Pending.from_state(entry) for entry in pending]
        try:
            calls, digest = position["calls"], position["digest"]
        except (KeyError, TypeError):
            raise BadStateError("position must hold calls and digest") from None
        if type(calls) is not int or calls < 0 or not isinstance(digest, str):
            raise BadStateError("position must hold a number of calls and a digest")
        self.pending = {entry.call.uuid: entry for entry in entries}
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
        """Note that the record of a call has been written."""
        self.pending.pop(call.uuid, None)
        self.missing.pop(call.uuid, None)

    def is_pending(self, call: Call) -> bool:
        """Return whether a call is pending, under this very month."""
        entry = self.pending.get(call.uuid)
        return entry is not None and entry.call == call

    def not_registered(self, call: Call, now: datetime, *, counts: bool = True) -> bool:
        """Note that a call was asked for in vain; return whether it is given up with that.

        Args:
            call: The call; under another month than before, it begins anew.
            now: When it was asked for, in UTC.
            counts: Whether that was an attempt: not when it was the server that failed.
        """
        if not self.is_pending(call):
            self.pending[call.uuid] = Pending(call, 0, now)
        entry = self.pending[call.uuid]
        entry.attempts += counts
        entry.last_attempt = now
        if entry.attempts < self._max_attempts:
            self.missing.pop(call.uuid, None)
            return False
        del self.pending[call.uuid]
        self.missing[call.uuid] = None
        return True
