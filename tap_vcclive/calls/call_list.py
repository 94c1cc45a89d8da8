"""The list of calls, `calls` followed by `calls_file`: read in order, checked before it is used.

The list is read as a stream, twice when there is something to fetch: once to check every entry
and to find the place where the last run stood, once to fetch. What it costs to find that place is
reading, never a request.
"""

from __future__ import annotations

import hashlib
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_vcclive.calls.call import BadCallError, Call, call_from
from tap_vcclive.calls.files import UnreadableFileError, entries_of, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import tzinfo

# Enough to mend a list in one go, and few enough to read.
_MOST_PROBLEMS: Final = 20


class CallListError(ValueError):
    """A list of calls that cannot be used.

    Attributes:
        problems: A line each, with the place: setting and index, or file and line.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep the problems."""
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class Digest:
    """A digest over the first calls of a list, which grows call by call.

    Attributes:
        calls: How many calls it covers.
    """

    __slots__ = ("_hash", "calls")

    def __init__(self) -> None:
        """Begin with no calls."""
        self.calls = 0
        self._hash = hashlib.sha256()

    def add(self, call: Call) -> None:
        """Cover one call more."""
        self.calls += 1
        self._hash.update(f"{call.uuid}/{call.year}/{call.month}\n".encode())

    def hexdigest(self) -> str:
        """Return the digest of the calls so far, 64 hexadecimal digits."""
        return self._hash.hexdigest()


class Survey(NamedTuple):
    """What reading a list once has shown.

    Attributes:
        total: How many calls the list has.
        done: The digest of as many of its first calls as were asked about; None when the list
            is shorter than that.
        known: The last of those calls that has been loaded, and the last call of all: what VCC
            Live most likely knows.
    """

    total: int
    done: Digest | None
    known: list[Call]


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

    def survey(self, first: int, is_loaded: Callable[[Call], bool] = lambda _: True) -> Survey:
        """Read the whole list, check every entry, and cover its first calls with a digest.

        Args:
            first: How many of the first calls the digest shall cover.
            is_loaded: Whether one of these calls has been loaded, not only asked for.

        Raises:
            CallListError: When an entry names no call or the file cannot be read; with up to 20
                of the problems, each with its place.
        """
        digest = Digest()
        problems: list[str] = []
        total = 0
        done = call = None
        for call in self._read(problems):
            total += 1
            if total <= first:
                digest.add(call)
                done = call if is_loaded(call) else done
        if problems:
            raise CallListError(problems)
        known = [one for one in (done, call) if one is not None]
        return Survey(total, digest if digest.calls == first else None, known)

    def after(self, first: int) -> Iterator[Call]:
        """Yield the calls of the list but the first so many.

        Raises:
            CallListError: When the file has changed since it was surveyed and cannot be used.
        """
        problems: list[str] = []
        yield from islice(self._read(problems), first, None)
        if problems:
            raise CallListError(problems)

    def _read(self, problems: list[str]) -> Iterator[Call]:
        """Yield each call; note what is no call in `problems`, and stop when these are many."""
        for place, entry in self._entries(problems):
            try:
                if isinstance(entry, BadCallError):
                    raise entry
                call = call_from(entry, self._zone)
            except BadCallError as error:
                problems.append(f"{_text_of(place)}: {error}")
                if len(problems) >= _MOST_PROBLEMS:
                    problems.append("and possibly more: only the first of them are named")
                    return
            else:
                yield call

    def _entries(self, problems: list[str]) -> Iterator[tuple[tuple[str, int], object]]:
        """Yield each entry with its place."""
        for index, entry in enumerate(self._calls):
            yield ("", index), entry
        if self._file is None:
            return
        name = name_of(self._file)
        try:
            for line, entry in entries_of(self._file):
                yield (name, line), entry
        except UnreadableFileError as error:
            problems.append(f"calls_file: {name} {error}")


def _text_of(place: tuple[str, int]) -> str:
    name, number = place
    return f"calls_file: {name} line {number}" if name else f"calls[{number}]"
