"""Whether a STATE is true: it may speak of nothing but what stands before it.

The one place of the tests that understands a whole state: how far a list is done, which days and
hours of the log have been read, and the bookmarks.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_vcclive.call_list.position import Position
from tap_vcclive.calls.call import Call
from tests.catalogs import CALLS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

Written = dict[tuple[str, str], str]
"""The `start_ts_utc` of each record by stream and uuid."""


class Logged(NamedTuple):
    """A call of the log.

    Attributes:
        uuid: The call.
        start: Its `start_ts`, local time.
    """

    uuid: str
    start: str


class Known:
    """What there is to speak of: the lists that the runs have had, and the calls of the log."""

    def __init__(self, logged: Iterable[Logged] = ()) -> None:
        """Take note of calls of the log."""
        self._days: dict[str, set[str]] = {}
        self._hours: dict[str, set[str]] = {}
        self._beginnings: dict[tuple[int, str], list[str]] = {}
        self.add_logged(logged)

    def add_logged(self, logged: Iterable[Logged]) -> None:
        """Take note of more calls that are registered before the first run."""
        for call in logged:
            self._days.setdefault(call.start[:10], set()).add(call.uuid)
            self.add_late(call)

    def add_late(self, *logged: Logged) -> None:
        """Take note of calls that may be registered at any time."""
        for call in logged:
            self._hours.setdefault(call.start[:13], set()).add(call.uuid)

    def add_list(self, entries: Iterable[Mapping[str, str]]) -> None:
        """Take note of a list of calls."""
        digest = Position()
        uuids: list[str] = []
        for entry in entries:
            digest.add(Call(**entry))
            uuids.append(entry["uuid"])
            self._beginnings[digest.calls, digest.hexdigest()] = uuids

    def beginning(self, position: Mapping[str, Any]) -> list[str] | None:
        """Return the calls that a position says are done; None when no list begins with them."""
        calls = position["calls"]
        if not calls:
            return []
        uuids = self._beginnings.get((calls, position["digest"]))
        return None if uuids is None else uuids[:calls]

    def of_day(self, day: date) -> AbstractSet[str]:
        """Return the calls of a day."""
        return self._days.get(day.isoformat(), set())

    def of_hour(self, hour: str) -> set[str]:
        """Return the calls that began in an hour, `YYYY-MM-DD hh`."""
        return self._hours.get(hour, set())


def untruths(state: Mapping[str, Any], written: Written, known: Known) -> list[str]:
    """Return what a STATE says that is not so, a line each.

    Args:
        state: The value of the STATE.
        written: The records before it, in its output and in those that led to its starting state.
        known: What there is to speak of.
    """
    bookmarks = state.get("bookmarks", {})
    found: list[str] = []
    for stream, bookmark in bookmarks.items():
        if stream not in CALLS:
            continue
        starts = {uuid: start for (of, uuid), start in written.items() if of == stream}
        found += _of_bookmark(stream, bookmark, starts)
        if stream == "cdr":
            found += _of_list(bookmark, starts.keys(), known)
        else:
            found += _of_log(stream, bookmark, starts.keys(), known)
    return found


def _of_bookmark(
    stream: str, bookmark: Mapping[str, Any], starts: Mapping[str, str]
) -> Iterator[str]:
    value = bookmark.get("replication_key_value")
    if value is not None and value not in starts.values():
        yield f"{stream}: no record of {value} has been written"


def _of_list(bookmark: Mapping[str, Any], written: AbstractSet[str], known: Known) -> Iterator[str]:
    pending = {entry["uuid"] for entry in bookmark.get("pending", [])}
    done = written | pending | set(bookmark.get("missing", []))
    position = bookmark.get("position", {"calls": 0})
    beginning = known.beginning(position)
    if beginning is None:
        yield f"cdr: no list begins with the {position['calls']} calls of the position"
    elif not_done := set(beginning) - done:
        yield f"cdr: {len(not_done)} of the {position['calls']} calls done are not"
    log = bookmark.get("log", {})
    yield from _of_log("cdr", log, done, known)
    for of_day in log.get("hours", []):
        for hour in of_day["hours"]:
            # All that were seen are done; in a day that is not read yet, others can have been
            # passed over, which the digest of the hour does not speak of.
            if known.of_hour(hour).isdisjoint(done):
                yield f"cdr: not one call of the hour {hour} of the log is done"


def _of_log(
    stream: str, log: Mapping[str, Any], done: AbstractSet[str], known: Known
) -> Iterator[str]:
    spans = [*log.get("earlier", []), *([log] if log.get("first_day") else [])]
    named = {entry["day"] for key in ("open_days", "given_up") for entry in log.get(key, [])}
    for span in spans:
        for day in _days_between(span["first_day"], span["last_day"]):
            if day.isoformat() not in named and (lacking := known.of_day(day) - done):
                yield f"{stream}: {len(lacking)} calls of {day} lack, which counts as read"


def _days_between(first: str, last: str) -> Iterator[date]:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return (begin + timedelta(days=number) for number in range((end - begin).days + 1))
