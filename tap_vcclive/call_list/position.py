"""How much of a list of calls is done: as a small piece of state, whatever the list's size.

The position counts the calls done from the beginning of the list, with a digest over them, which
notices when the list has become another one. Rows that name no call are no part of it; where they
stood is kept, so that such a row can be mended, or taken out, and all other calls stay done. Nor is
a last line part of it that has no end and may be a piece of a longer one.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_vcclive.calls.call import BadCallError, Call, call_of
from tap_vcclive.states import BadStateError, check_names, value_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# If one that is not kept any more is mended, the list is read from the start again.
MOST_GAPS: Final = 500

KEYS: Final = ("position", "bad_rows", "last_line")
"""What stands in the state."""

_STREAM: Final = "cdr"
_LAST_YEAR: Final = 9000


class Gap(NamedTuple):
    """A place where rows stand that name no call.

    Attributes:
        calls: How many calls stand before it.
        next: Uuid of the call that follows.
    """

    calls: int
    next: str


class Position:
    """How many calls of a list are done, which grows call by call.

    Attributes:
        calls: How many.
        gaps: Where between them rows stand that name no call, of many the first ones.
    """

    __slots__ = ("_hash", "calls", "gaps")

    def __init__(self) -> None:
        """Begin with no calls."""
        self.calls = 0
        self.gaps: list[Gap] = []
        self._hash = hashlib.sha256()

    def add(self, call: Call, *, is_after_gap: bool = False) -> None:
        """Cover one call more.

        Args:
            call: The call.
            is_after_gap: Whether rows that name no call stand right before it.
        """
        if is_after_gap and len(self.gaps) < MOST_GAPS:
            self.gaps.append(Gap(self.calls, call.uuid))
        self.calls += 1
        self._hash.update(f"{call.uuid}/{call.year}/{call.month}\n".encode())

    def hexdigest(self) -> str:
        """Return the digest of the calls so far, 64 hexadecimal digits."""
        return self._hash.hexdigest()

    def copy(self) -> Position:
        """Return the same position, to grow in another way."""
        other = Position()
        other.calls, other.gaps, other._hash = self.calls, list(self.gaps), self._hash.copy()
        return other


class LastLine(NamedTuple):
    """The last line of a file, which has no end and may be a piece of a longer one.

    Attributes:
        digest: Digest of the line, which notices when it grows.
        since: When it was first seen like this, in UTC.
        call: The call that it names as it stands, if that has been asked for.
    """

    digest: str
    since: datetime
    call: Call | None = None


class Beginning(NamedTuple):
    """What a state says of a list.

    Attributes:
        calls: How many of its calls are done.
        digest: The digest of these.
        gaps: Where between them rows stood that named no call.
        last_line: Its last line, if that had no end.
    """

    calls: int = 0
    digest: str = Position().hexdigest()
    gaps: Sequence[Gap] = ()
    last_line: LastLine | None = None


def to_state(position: Position, last_line: LastLine | None) -> dict[str, Any]:
    """Return what stands in the state: each key always, so that a merge keeps what was meant."""
    line = last_line and {
        "digest": last_line.digest,
        "since": last_line.since.isoformat(timespec="seconds"),
        "call": last_line.call and last_line.call._asdict(),
    }
    return {
        "position": {"calls": position.calls, "digest": position.hexdigest()},
        "bad_rows": [gap._asdict() for gap in position.gaps],
        "last_line": line,
    }


def from_state(state: Mapping[str, Any]) -> Beginning:
    """Return what a state says of a list.

    Raises:
        BadStateError: When it is none that `to_state` has made.
    """
    position = value_in(state, "position", {"calls": 0, "digest": Position().hexdigest()})
    check_names(_STREAM, "position", position, ("calls", "digest"))
    try:
        calls, digest = position["calls"], position["digest"]
    except (KeyError, TypeError):
        raise BadStateError(_STREAM, "position must hold calls and digest") from None
    if not _is_number(calls) or not isinstance(digest, str):
        raise BadStateError(_STREAM, "position must hold a number of calls and a digest")
    gaps = _gaps_in(value_in(state, "bad_rows", []))
    return Beginning(calls, digest, gaps, _last_line_in(value_in(state, "last_line", None)))


def _gaps_in(entries: Any) -> Sequence[Gap]:  # noqa: ANN401 - states are edited by hand
    if not isinstance(entries, list):
        raise BadStateError(_STREAM, "bad_rows must be a list")
    for entry in entries:
        check_names(_STREAM, "an entry of bad_rows", entry, Gap._fields)
        if not _is_number(entry.get("calls")) or not isinstance(entry.get("next"), str):
            raise BadStateError(_STREAM, "bad_rows holds an entry that is none")
    return [Gap(entry["calls"], entry["next"]) for entry in entries]


def _last_line_in(entry: Any) -> LastLine | None:  # noqa: ANN401 - states are edited by hand
    if entry is None:
        return None
    check_names(_STREAM, "last_line", entry, LastLine._fields)
    try:
        since = datetime.fromisoformat(entry["since"]).astimezone(UTC)
        call = entry.get("call")
        if call is not None:
            call = call_of(call["uuid"], call["year"], call["month"], UTC)
    except (BadCallError, KeyError, TypeError, ValueError, OverflowError):
        raise BadStateError(_STREAM, "last_line is none") from None
    if not isinstance(entry.get("digest"), str) or since.year > _LAST_YEAR:
        raise BadStateError(_STREAM, "last_line is none")
    return LastLine(entry["digest"], since, call)


def _is_number(value: object) -> bool:
    return type(value) is int and value >= 0
