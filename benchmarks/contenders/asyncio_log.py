"""The bare asyncio client of the log: what one Python process can reach when it need not be a tap.

The first page of a day tells how many calls the day has; all other pages are asked for at once, as
far as requests may be in flight.
"""

from __future__ import annotations

import asyncio
import json
import sys

import aiohttp

from benchmarks.call_log import LARGEST_PAGE, read
from benchmarks.contenders.work import API_KEY, CUSTOMER, Work, from_command_line


async def _page(session: aiohttp.ClientSession, day: str, start: int) -> int:
    """Write the calls of a page; return how many the day has."""
    async with session.get(f"{day}?start={start}&num={LARGEST_PAGE}") as response:
        response.raise_for_status()
        page = json.loads(await response.read())["response"]
    for record in page["rows"]:
        message = {"type": "RECORD", "stream": "cdr", "record": record}
        sys.stdout.write(json.dumps(message) + "\n")
    return int(page["totalCount"])


async def _day(session: aiohttp.ClientSession, day: str) -> None:
    total = await _page(session, day, 0)
    starts = range(LARGEST_PAGE, total, LARGEST_PAGE)
    await asyncio.gather(*(_page(session, day, start) for start in starts))


async def _run(work: Work) -> None:
    days = [f"{work.url}/cdrs/{day:%Y/%m/%d}" for day in read(work.listed)]
    async with aiohttp.ClientSession(
        auth=aiohttp.BasicAuth(CUSTOMER, API_KEY),
        connector=aiohttp.TCPConnector(limit=work.concurrency),
    ) as session:
        await asyncio.gather(*(_day(session, day) for day in days))


if __name__ == "__main__":
    asyncio.run(_run(from_command_line()))
