"""Which contenders read the call log, and how each is started."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import tap_vcclive
from benchmarks.call_log import LARGEST_PAGE, read
from benchmarks.contenders.contender import (
    BENCH_PYTHON,
    REST_PYTHON,
    TAP_PYTHON,
    Contender,
    in_file,
    module,
    tap,
)
from benchmarks.contenders.work import API_KEY, CUSTOMER

if TYPE_CHECKING:
    from datetime import date

    from benchmarks.contenders.work import Work

# The same for the generic tap as for the others; without it, it asks once more for each day.
_SCHEMA: Final = Path(tap_vcclive.__file__).with_name("schemas") / "cdr.json"


def _tap(work: Work) -> list[str]:
    days = read(work.listed)
    return tap(work, {"start_date": str(days[0]), "end_date": str(days[-1])})


def _rest_tap(work: Work) -> list[str]:
    config = {
        "api_url": work.url,
        "auth_method": "basic",
        "username": CUSTOMER,
        "password": API_KEY,
        "pagination_request_style": "simple_offset_paginator",
        "pagination_response_style": "offset",
        "pagination_initial_offset": 0,
        "pagination_page_size": LARGEST_PAGE,
        "pagination_next_page_param": "start",
        "pagination_limit_per_page_param": "num",
        "offset_records_jsonpath": "$.response.rows",
        "records_path": "$.response.rows[*]",
        "primary_keys": ["uuid"],
        "streams": [_stream(day) for day in read(work.listed)],
    }
    command = Path(REST_PYTHON).with_name("tap-rest-api-msdk")
    return [str(command), "--config", in_file(config, work)]


def _stream(day: date) -> dict[str, Any]:
    return {
        "name": f"cdr_{day:%Y_%m_%d}",
        "path": f"/cdrs/{day:%Y/%m/%d}",
        "schema": str(_SCHEMA),
    }


LOG_TAP: Final = Contender(
    "tap-vcclive",
    "`start_date`, `end_date`, `max_concurrency`; all else as it comes",
    TAP_PYTHON,
    _tap,
)
LOG_REST: Final = Contender(
    "tap-rest-api-msdk",
    "a stream a day, `simple_offset_paginator` with `pagination_page_size` 500 and "
    "`offset_records_jsonpath`, `auth_method` basic, a `schema` (the tap's) so that it need not "
    "ask to infer one; one request after the other, as it has no concurrency, and one more after "
    "a last page that is full, as it does not look at the total",
    REST_PYTHON,
    _rest_tap,
)
LOG_DLT: Final = Contender(
    "dlt rest_api",
    "`rest_api_source`: a resource that lists the days, one that pages through each day with the "
    "offset paginator and `total_path`, `parallelized` (days side by side, the pages of a day one "
    "after the other: faster than a resource a day), `extract.workers` and "
    "`extract.max_parallel_items` for the concurrency; `pipeline.extract` only, to dlt's own "
    "files, not compressed",
    BENCH_PYTHON,
    module("dlt_rest_api", BENCH_PYTHON),
)
LOG_ASYNCIO: Final = Contender(
    "bare asyncio client",
    "aiohttp, one session; a day's first page, then all others, as many connections as requests "
    "in flight; `json` of the standard library, a line for each call",
    BENCH_PYTHON,
    module("asyncio_log", BENCH_PYTHON),
)
LOG_CONTENDERS: Final = (LOG_TAP, LOG_REST, LOG_DLT, LOG_ASYNCIO)
