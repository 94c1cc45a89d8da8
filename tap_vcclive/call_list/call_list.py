"""The list of calls, `calls` followed by `calls_file`: read in order, and not held in memory.

The list is read twice when there is something to fetch: once to see what is wrong with it and to
find the place where the last run stood, once to fetch. What it costs to find that place is reading,
never a request.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_vcclive.call_list.files import UnreadableFileError, name_of
from tap_vcclive.call_list.position import Beginning, LastLine, Position
from tap_vcclive.call_list.reading import Reading
from tap_vcclive.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import tzinfo

    from tap_vcclive.calls.call import Call

# More rows than these are not mended ones: another list has been put there.
_MOST_MENDED: Final = 1000


class CallListError(ValueError):
    """A list of calls that cannot be read; the message names the file, and no address."""


class Survey(NamedTuple):
    """What reading a list once has shown.

    Attributes:
        total: How many calls the list has that can be asked for.
        done: The calls that were done and still are; None when the list begins with others.
        mended: Calls between them, in rows that named none when the others were done.
        done_with_mended: The same calls with the mended ones, as they stand in the list now.
        known: The last of those calls that has been loaded, and the last call of all: what VCC
            Live most likely knows.
        reading: What else was seen.
    """

    total: int
    done: Position | None
    mended: list[Call]
    done_with_mended: Position | None
    known: list[Call]
    reading: Reading


class Listed(NamedTuple):
    """A call of a list.

    Attributes:
        call: The call.
        is_after_gap: Whether rows that name no call stand right before it.
        last_line: The line that it stands in, when that may be a piece of a longer one.
    """

    call: Call
    is_after_gap: bool
    last_line: LastLine | None


class CallList:
    """The calls of the settings `calls` and `calls_file`, in that order."""

    def __init__(self, calls: Sequence[Any], file: str | None, zone: tzinfo) -> None:
        """Keep where the calls come from; nothing is read yet.

        Args:
            calls: Entries of the setting `calls`.
            file: The setting `calls_file`.
            zone: Time zone of the call centre.
        """
        self._calls = calls
        self._file = file
        self._zone = zone
        self._last_line: LastLine | None = None
        self._surveyed: Survey | None = None

    @property
    def unfinished(self) -> list[str]:
        """What of the list cannot be asked for."""
        if self._surveyed is None:
            return []
        reading = self._surveyed.reading
        left = []
        if reading.bad_rows:
            names = "names" if reading.bad_rows == 1 else "name"
            left.append(f"{counted(reading.bad_rows, 'row')} of the list that {names} no call")
        if reading.fault:
            left.append("the rest of calls_file")
        return left

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the list, a line each with the place; of many rows the first."""
        if self._surveyed is None:
            return
        reading = self._surveyed.reading
        yield from reading.problems
        if more := reading.bad_rows - len(reading.problems):
            yield f"and {more:,} more rows of the list"
        if reading.fault:
            yield self._told(reading.fault)

    def survey(
        self, before: Beginning, is_loaded: Callable[[Call], bool] = lambda _: True
    ) -> Survey:
        """Read the whole list, and find the calls that are done.

        Args:
            before: What the state says of the list.
            is_loaded: Whether one of these calls has been loaded, not only asked for.

        Raises:
            CallListError: When the file cannot be read, or not as far as the calls are done.
        """
        self._last_line = before.last_line
        reading = self._reading()
        total = seen_bad = 0
        matching = _Matching(before)
        done = call = None
        for call in reading:
            total += 1
            if not matching.is_over:
                bad, seen_bad = reading.bad_rows != seen_bad, reading.bad_rows
                if matching.take(call, is_after_gap=bad):
                    done = call if is_loaded(call) else done
        if reading.fault and (not reading.fault.line or not matching.is_over):
            raise CallListError(self._told(reading.fault))
        known = [one for one in (done, call) if one is not None]
        self._surveyed = Survey(total, *matching.found(), known, reading)
        return self._surveyed

    def after(self, first: int) -> Iterator[Listed]:
        """Yield the calls of the list but the first so many.

        What has been appended since the list was surveyed is left for a later run.

        Raises:
            CallListError: When the file can no longer be read as far as it could.
        """
        reading = self._reading()
        most = None if self._surveyed is None else max(self._surveyed.total, first)
        calls = iter(reading)
        count = sum(1 for _ in islice(calls, first))
        seen_bad = reading.bad_rows
        for call in islice(calls, most and most - first):
            count += 1
            yield Listed(call, reading.bad_rows != seen_bad, reading.last_line)
            seen_bad = reading.bad_rows
        if reading.fault and (self._surveyed is None or count < self._surveyed.total):
            raise CallListError(self._told(reading.fault))

    def _reading(self) -> Reading:
        return Reading(self._calls, self._file, self._zone, self._last_line)

    def _told(self, fault: UnreadableFileError) -> str:
        return f"calls_file: {name_of(self._file or '')} {fault}"


class _Matching:
    """Goes along a list to find the calls that are done, and those of mended rows between them.

    Attributes:
        is_over: Whether as many calls have been seen as are done.
    """

    def __init__(self, before: Beginning) -> None:
        self._before = before
        self._gaps = iter(before.gaps)
        self._gap = next(self._gaps, None)
        self._done = Position()
        self._mended: list[Call] = []
        self._with_mended: Position | None = None
        self.is_over = before.calls == 0

    def take(self, call: Call, *, is_after_gap: bool) -> bool:
        """Take the next call of the list; return whether it is one that was done."""
        if self._gap is not None and self._gap.calls == self._done.calls:
            if call.uuid != self._gap.next and len(self._mended) < _MOST_MENDED:
                self._mended.append(call)
                if self._with_mended is None:
                    self._with_mended = self._done.copy()
                self._with_mended.add(call, is_after_gap=is_after_gap)
                return False
            self._gap = next(self._gaps, None)
        self._done.add(call, is_after_gap=is_after_gap)
        if self._with_mended is not None:
            self._with_mended.add(call, is_after_gap=is_after_gap)
        self.is_over = self._done.calls == self._before.calls
        return True

    def found(self) -> tuple[Position | None, list[Call], Position | None]:
        """Return what is done, if it is, and what was mended; see `Survey`."""
        done = self._done
        if (done.calls, done.hexdigest()) != (self._before.calls, self._before.digest):
            return None, [], None
        if self._mended:
            # Until these are done, too, a state has to speak of the list as it was.
            done.gaps = list(self._before.gaps)
        return done, self._mended, self._with_mended
