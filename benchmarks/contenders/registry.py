"""Which contenders fetch calls one by one, and how each is started."""

from __future__ import annotations

from typing import Final

from benchmarks.contenders.contender import BENCH_PYTHON, TAP_PYTHON, Contender, module, tap

TAP: Final = Contender(
    "tap-vcclive",
    "`calls_file`, `max_concurrency`; all else as it comes",
    TAP_PYTHON,
    lambda work: tap(work, {"calls_file": str(work.listed)}),
)
PLAIN_SDK: Final = Contender(
    "plain singer-sdk tap",
    "`RESTStream`, `partitions` of one call each, `BasicAuthenticator`, default state; one request "
    "after the other, as the SDK has no concurrency",
    TAP_PYTHON,
    module("plain_sdk_tap", TAP_PYTHON),
)
DLT: Final = Contender(
    "dlt transformer",
    "`parallelized=True`, `extract.workers` and `extract.max_parallel_items` for the concurrency, "
    "a `requests.Session` a thread; `pipeline.extract` only, to dlt's own files, not compressed",
    BENCH_PYTHON,
    module("dlt_transformer", BENCH_PYTHON),
)
POOL: Final = Contender(
    "bare requests pool",
    "`ThreadPoolExecutor`, a `requests.Session` a thread with its pool of connections, "
    "`json` of the standard library",
    TAP_PYTHON,
    module("requests_pool", TAP_PYTHON),
)
ASYNCIO: Final = Contender(
    "bare asyncio client",
    "aiohttp, one session, as many tasks as requests in flight, `json` of the standard library",
    BENCH_PYTHON,
    module("asyncio_client", BENCH_PYTHON),
)
CONTENDERS: Final = (TAP, PLAIN_SDK, DLT, POOL, ASYNCIO)
