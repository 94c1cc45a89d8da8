"""Times the tap's work on parsed answers: `python -m benchmarks.records_probe LIST RESULT`.

The tap runs as it always does, but for its look-ahead: the threads that fetch are replaced by
answers that were parsed beforehand. The clock runs from the first of them to the end of the sync,
so that reading the list is not counted either.
"""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import calls
from benchmarks.cdrs import Answers
from benchmarks.contenders.contender import calls_only
from benchmarks.contenders.work import API_KEY, CUSTOMER
from tap_vcclive.api.answers import response_in
from tap_vcclive.cdr import run
from tap_vcclive.cdr.answers import Answer
from tap_vcclive.tap import TapVCCLive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class AtHand:
    """Stands in for the look-ahead."""

    stopped = False
    answers: tuple[Answer, ...] = ()
    begun = 0.0

    def __init__(self, _fetch: object, items: Iterable[Any], **_: object) -> None:
        """Take the items of the list."""
        self._items = items

    def __iter__(self) -> Iterator[tuple[Any, Answer]]:
        """Yield each with its answer, and start the clock."""
        pairs = list(zip(self._items, self.answers, strict=True))
        # What was prepared is not the tap's to be searched for garbage.
        gc.freeze()
        type(self).begun = time.perf_counter()
        return iter(pairs)


def main(listed: str, result: str) -> None:
    """Sync a list of the benchmark's calls; write the seconds that it took to a file."""
    bodies = Answers()
    AtHand.answers = tuple(
        Answer(call.uuid, response_in(bodies.body(call.uuid), call.uuid))
        for call in calls.read(Path(listed))
    )
    run.LookAhead = AtHand  # type: ignore[assignment, attr-defined] # has what the run uses of it
    config = {
        "customer": CUSTOMER,
        "api_key": API_KEY,
        "api_url": "http://127.0.0.1:9/v2",
        "calls_file": listed,
    }
    TapVCCLive(config=config, catalog=calls_only()).sync_all()
    seconds = time.perf_counter() - AtHand.begun
    Path(result).write_text(str(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
