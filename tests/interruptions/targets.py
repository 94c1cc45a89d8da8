"""What a target makes of the output of runs that can end at any byte."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.catalogs import CALLS

if TYPE_CHECKING:
    from tests.interruptions.truth import Written


class Stored(NamedTuple):
    """A STATE that a target may have stored.

    Attributes:
        state: Its value.
        written: The records before it, in its output and in those that led to its starting state.
    """

    state: dict[str, Any]
    written: Written


class Target:
    """Loads records of calls by key, as they come; takes whole lines only.

    Attributes:
        records: The last record of each stream and uuid.
        arrived: The state that the current run began with, and each STATE that has arrived since:
            any of them may be stored, as targets store one only after all that stands before it.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.records: dict[tuple[str, str], dict[str, Any]] = {}
        self.arrived = [Stored({}, {})]
        self._written: Written = {}
        self._rest = b""

    def begin(self, stored: Stored) -> None:
        """Begin to take the output of a run that begins with a stored state."""
        self.arrived = [stored]
        self._written = dict(stored.written)
        self._rest = b""

    def take(self, piece: bytes) -> None:
        """Take a piece of the output; a line that is whole and no JSON fails the test."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            self._take_message(json.loads(line))

    @property
    def has_half_a_line(self) -> bool:
        """Whether the output so far ends in the middle of a line."""
        return bool(self._rest)

    def _take_message(self, message: dict[str, Any]) -> None:
        if message["type"] == "RECORD" and message["stream"] in CALLS:
            record = message["record"]
            key = (message["stream"], record["uuid"])
            self.records[key] = record
            self._written[key] = record["start_ts_utc"]
        elif message["type"] == "STATE":
            self.arrived.append(Stored(message["value"], dict(self._written)))

    def uuids(self, stream: str) -> set[str]:
        """Return the uuids of a stream."""
        return {uuid for name, uuid in self.records if name == stream}
