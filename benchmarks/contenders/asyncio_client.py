"""The bare asyncio client: what one Python process can reach when it need not be a Singer tap.

One session, and as many tasks as requests in flight.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import aiohttp

from benchmarks.calls import read
from benchmarks.contenders.work import API_KEY, CUSTOMER, from_command_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.calls import Entry
    from benchmarks.contenders.work import Work


async def _worker(session: aiohttp.ClientSession, url: str, calls: Iterator[Entry]) -> None:
    for call in calls:
        async with session.get(f"{url}/cdr/{call.year}/{call.month}/{call.uuid}") as response:
            response.raise_for_status()
            record = json.loads(await response.read())["response"]
        message = {"type": "RECORD", "stream": "cdr", "record": record}
        sys.stdout.write(json.dumps(message) + "\n")


async def _run(work: Work) -> None:
    calls = read(work.listed)
    async with aiohttp.ClientSession(
        auth=aiohttp.BasicAuth(CUSTOMER, API_KEY),
        connector=aiohttp.TCPConnector(limit=work.concurrency),
    ) as session:
        await asyncio.gather(*(_worker(session, work.url, calls) for _ in range(work.concurrency)))


if __name__ == "__main__":
    asyncio.run(_run(from_command_line()))
