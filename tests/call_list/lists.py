"""Lists of calls for tests: files of any content, and what is read of them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import fsspec

from tap_vcclive.call_list.reading import Reading

if TYPE_CHECKING:
    from tap_vcclive.call_list.position import LastLine

# It tells each file that it opens, and the tests open thousands.
logging.getLogger("fsspec").setLevel(logging.INFO)

BUDAPEST = ZoneInfo("Europe/Budapest")
V1 = "95bd5f46-44e0-11e5-a6da-6547f8762750"  # of August 2015
V4 = "bbf5825e-85de-4ec1-8625-e6eaf5c96b1e"
PHONE = "36301234567"


def uuid_4(number: int) -> str:
    """Return an invented uuid of version 4."""
    return str(UUID(int=number << 96 | 0x4EC1 << 64 | 0x8625E6EAF5C96B1E))


def put(content: str | bytes, name: str) -> str:
    """Write a file into memory; return its URL."""
    url = f"memory://lists/{name}"
    data = content.encode() if isinstance(content, str) else content
    fsspec.filesystem("memory").pipe(url, data)
    return url


def read(
    content: str | bytes, name: str = "calls.csv", before: LastLine | None = None
) -> tuple[list[str], Reading]:
    """Return the resources of the calls that a file has, and the reading."""
    reading = Reading([], put(content, name), BUDAPEST, before)
    return [call.resource.removeprefix("/cdr/") for call in reading], reading
