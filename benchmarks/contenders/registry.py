"""Which contenders there are, and how each is started."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.contenders.work import API_KEY, CUSTOMER

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.contenders.work import Work


# The environment of the group bench, inside that of the tap (see the Makefile).
BENCH_PYTHON: Final = str(Path(sys.prefix, "bench", "bin", "python"))


@dataclass(frozen=True)
class Contender:
    """One way to read calls and write records.

    Attributes:
        name: What the results call it.
        settings: What the results say of its settings.
        python: The interpreter of the environment that it needs.
        command: Returns the command that does a piece of work.
    """

    name: str
    settings: str
    python: str
    command: Callable[[Work], list[str]]

    @property
    def is_installed(self) -> bool:
        """Whether it can run here."""
        return Path(self.python).exists()


def _tap(work: Work) -> list[str]:
    config = work.folder / "config.json"
    config.write_text(
        json.dumps(
            {
                "customer": CUSTOMER,
                "api_key": API_KEY,
                "api_url": work.url,
                "calls_file": str(work.calls),
                "max_concurrency": work.concurrency,
            }
        )
    )
    return [sys.executable, "-m", "tap_vcclive", "--config", str(config)]


def _module(name: str, python: str) -> Callable[[Work], list[str]]:
    return lambda work: [python, "-m", f"benchmarks.contenders.{name}", *work.arguments()]


TAP: Final = Contender(
    "tap-vcclive", "`calls_file`, `max_concurrency`; all else as it comes", sys.executable, _tap
)
PLAIN_SDK: Final = Contender(
    "plain singer-sdk tap",
    "`RESTStream`, `partitions` of one call each, `BasicAuthenticator`, default state; one request "
    "after the other, as the SDK has no concurrency",
    sys.executable,
    _module("plain_sdk_tap", sys.executable),
)
DLT: Final = Contender(
    "dlt transformer",
    "`parallelized=True`, `extract.workers` and `extract.max_parallel_items` for the concurrency, "
    "a `requests.Session` a thread; `pipeline.extract` only, to dlt's own files",
    BENCH_PYTHON,
    _module("dlt_transformer", BENCH_PYTHON),
)
POOL: Final = Contender(
    "bare requests pool",
    "`ThreadPoolExecutor`, a `requests.Session` a thread with its pool of connections, "
    "`json` of the standard library",
    sys.executable,
    _module("requests_pool", sys.executable),
)
ASYNCIO: Final = Contender(
    "bare asyncio client",
    "aiohttp, one session, as many tasks as requests in flight, `json` of the standard library",
    BENCH_PYTHON,
    _module("asyncio_client", BENCH_PYTHON),
)
CONTENDERS: Final = (TAP, PLAIN_SDK, DLT, POOL, ASYNCIO)
