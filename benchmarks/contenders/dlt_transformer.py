"""dlt: a resource that lists the calls, a parallelized transformer that fetches them, extracted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import dlt
import requests

from benchmarks.calls import read
from benchmarks.contenders.dlt_extract import extract
from benchmarks.contenders.work import API_KEY, CUSTOMER, from_command_line

if TYPE_CHECKING:
    from benchmarks.contenders.work import Work


def _run(work: Work) -> None:
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

    calls = dlt.resource((call._asdict() for call in read(work.listed)), name="calls")
    cdr = dlt.transformer(fetch, data_from=calls, name="cdr", parallelized=True)
    extract(cdr, work)


if __name__ == "__main__":
    _run(from_command_line())
