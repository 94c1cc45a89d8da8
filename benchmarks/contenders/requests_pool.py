"""The bare pool: requests in threads, each record parsed and printed, and nothing else."""

from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any

import requests

from benchmarks.calls import read
from benchmarks.contenders.work import API_KEY, CUSTOMER, from_command_line

if TYPE_CHECKING:
    from benchmarks.calls import Entry

# More than are in flight by far, so that no thread waits for the end of a batch for long.
_BATCH = 10_000


def main() -> None:
    """Do the work of the command line."""
    work = from_command_line()
    of_thread = threading.local()

    def fetch(call: Entry) -> Any:  # noqa: ANN401 - any JSON value
        session = getattr(of_thread, "session", None)
        if session is None:
            session = of_thread.session = requests.Session()
            session.auth = (CUSTOMER, API_KEY)
        response = session.get(f"{work.url}/cdr/{call.year}/{call.month}/{call.uuid}", timeout=60)
        response.raise_for_status()
        return response.json()["response"]

    calls = read(work.listed)
    with ThreadPoolExecutor(work.concurrency) as pool:
        while batch := list(islice(calls, _BATCH)):
            for record in pool.map(fetch, batch):
                message = {"type": "RECORD", "stream": "cdr", "record": record}
                sys.stdout.write(json.dumps(message) + "\n")


if __name__ == "__main__":
    main()
