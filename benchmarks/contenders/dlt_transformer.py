"""dlt: a resource that lists the calls, a parallelized transformer that fetches them, extracted."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import dlt
import requests

from benchmarks.calls import read
from benchmarks.contenders.work import API_KEY, CUSTOMER, from_command_line

if TYPE_CHECKING:
    from benchmarks.contenders.work import Work


def _extract(work: Work) -> None:
    of_thread = threading.local()

    def fetch(call: dict[str, str]) -> Any:  # noqa: ANN401 - any JSON value
        session = getattr(of_thread, "session", None)
        if session is None:
            # dlt's own session retries and times out; it is slower than this one.
            session = of_thread.session = requests.Session()
            session.auth = (CUSTOMER, API_KEY)
        path = "/cdr/{year}/{month}/{uuid}".format(**call)
        response = session.get(f"{work.url}{path}", timeout=60)
        response.raise_for_status()
        return response.json()["response"]

    calls = dlt.resource((call._asdict() for call in read(work.calls)), name="calls")
    cdr = dlt.transformer(fetch, data_from=calls, name="cdr", parallelized=True)
    pipeline = dlt.pipeline(
        "benchmark", pipelines_dir=str(work.folder), destination="filesystem", dataset_name="calls"
    )
    pipeline.extract(cdr)


if __name__ == "__main__":
    given = from_command_line()
    os.environ["EXTRACT__WORKERS"] = str(given.concurrency)
    # As many again may wait for a thread, or the threads would wait for the next call.
    os.environ["EXTRACT__MAX_PARALLEL_ITEMS"] = str(2 * given.concurrency)
    _extract(given)
