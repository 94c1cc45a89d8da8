"""dlt's REST source: a resource that lists the days, and one that pages through each, extracted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dlt
from dlt.sources.rest_api import rest_api_source

from benchmarks.call_log import LARGEST_PAGE, read
from benchmarks.contenders.dlt_extract import extract
from benchmarks.contenders.work import API_KEY, CUSTOMER, from_command_line

if TYPE_CHECKING:
    from benchmarks.contenders.work import Work


def _run(work: Work) -> None:
    # One page of days: the source takes its parent's items by the page.
    page = [{"path": f"{day:%Y/%m/%d}"} for day in read(work.listed)]
    days = dlt.resource([page], name="days", selected=False)
    source = rest_api_source(
        {
            "client": {
                "base_url": work.url,
                "auth": {"type": "http_basic", "username": CUSTOMER, "password": API_KEY},
            },
            "resources": [
                days,
                {
                    "name": "cdr",
                    "parallelized": True,
                    "endpoint": {
                        "path": "cdrs/{resources.days.path}",
                        "data_selector": "response.rows",
                        "paginator": {
                            "type": "offset",
                            "limit": LARGEST_PAGE,
                            "offset_param": "start",
                            "limit_param": "num",
                            "total_path": "response.totalCount",
                        },
                    },
                },
            ],
        }
    )
    extract(source, work)


if __name__ == "__main__":
    _run(from_command_line())
