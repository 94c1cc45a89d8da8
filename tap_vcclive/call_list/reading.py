"""One reading of a list of calls, from its beginning: the calls, and what else stands there."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive import clock
from tap_vcclive.call_list.files import OTHER_EVENT, UnreadableFileError, entries_of, name_of
from tap_vcclive.call_list.position import LastLine
from tap_vcclive.call_list.rows import Unended
from tap_vcclive.calls.call import BadCallError, Call, call_from, month_of_uuid
from tap_vcclive.calls.uuids import canonical_uuid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

# Enough to mend a list in one go, and few enough to read.
_MOST_NAMED: Final = 20

# Before that, a piece of a line may still become a call: what logs webhooks can keep it in hand.
_LEAST_TIME_OF_A_PIECE: Final = timedelta(hours=24)

# A month of one digit that can have another one behind it.
_CUT_MONTH: Final = re.compile(r"\s*1")


class Reading:
    """Reads a list once; what it has seen grows with the calls that are taken from it.

    Attributes:
        bad_rows: How many rows so far name no call.
        problems: Place and fault of the first of them.
        other_events: How many objects so far carry no uuid.
        fault: Why the file could not be read on; None when it could.
        last_line: The last line, when it has no end and may be a piece of a longer one.
        waiting: Its place, when it is left for a later run.
    """

    def __init__(
        self, calls: Sequence[Any], file: str | None, zone: tzinfo, before: LastLine | None = None
    ) -> None:
        """Keep where the calls come from; nothing is read yet.

        Args:
            calls: Entries of the setting `calls`.
            file: The setting `calls_file`.
            zone: Time zone of the call centre.
            before: The last line as an earlier run has seen it.
        """
        self._calls = calls
        self._file = file
        self._zone = zone
        self._before = before
        self.bad_rows = self.other_events = 0
        self.problems: list[str] = []
        self.fault: UnreadableFileError | None = None
        self.last_line: LastLine | None = None
        self.waiting: str | None = None

    def __iter__(self) -> Iterator[Call]:
        """Yield the calls in order; one of a last line that may be cut comes with `last_line`."""
        for index, entry in enumerate(self._calls):
            try:
                call = call_from(entry, self._zone)
            except BadCallError as error:
                self._note(f"calls[{index}]", error)
            else:
                yield call
        if self._file is not None:
            try:
                yield from self._in_file(self._file)
            except UnreadableFileError as error:
                self.fault = error

    def _in_file(self, url: str) -> Iterator[Call]:
        """Yield the calls of a file.

        Raises:
            UnreadableFileError: When it cannot be read to its end.
        """
        name, zone = name_of(url), self._zone
        for line, entry in entries_of(url):
            if entry is OTHER_EVENT:
                self.other_events += 1
                continue
            try:
                if isinstance(entry, (dict, str)):
                    call: Call | None = call_from(entry, zone)
                elif isinstance(entry, Unended):
                    call = self._unended(entry, f"calls_file: {name} line {line}")
                else:
                    raise _error_of(entry)
            except BadCallError as error:
                self._note(f"calls_file: {name} line {line}", error)
                continue
            if call is not None:
                yield call

    def _unended(self, last: Unended, place: str) -> Call | None:
        """Return the call of a last line that has no end; None when it waits, or has been had.

        Raises:
            BadCallError: When it names no call and will hardly become one.
        """
        error: BadCallError | None = None
        call: Call | None = None
        try:
            call = call_from(last.entry, self._zone)
        except BadCallError as one:
            error = _error_of(last.entry, one)
            if canonical_uuid(last.entry) is not None:
                raise  # a line of .txt that is whole, and tells no month
        if call is not None and self._is_whole(last, call):
            return call
        digest = hashlib.sha256(last.text.encode(errors="surrogatepass")).hexdigest()[:16]
        before, now = self._before, clock.now()
        if before is None or before.digest != digest:
            self.last_line, self.waiting = LastLine(digest, now), place
            return None
        self.last_line = before
        if error is not None:
            if now - before.since >= _LEAST_TIME_OF_A_PIECE:
                raise error
            self.waiting = place
            return None
        if call == before.call:
            return None
        self.last_line = before._replace(call=call)
        return call

    def _is_whole(self, last: Unended, call: Call) -> bool:
        """Return whether the call stays the same whatever is still to come of its line."""
        if last.growing != "month" or not isinstance(last.entry, dict):
            return last.growing != "row"
        is_cut = _CUT_MONTH.fullmatch(str(last.entry["month"])) is not None
        return not is_cut or month_of_uuid(call.uuid, self._zone) == (call.year, call.month)

    def _note(self, place: str, error: BadCallError) -> None:
        self.bad_rows += 1
        if len(self.problems) < _MOST_NAMED:
            self.problems.append(f"{place}: {error}")


def _error_of(entry: object, otherwise: BadCallError | None = None) -> BadCallError:
    """Return why an entry is none."""
    return entry if isinstance(entry, BadCallError) else otherwise or BadCallError("no call")
