"""What a contender is given to do, and how it reads that from its command line."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CUSTOMER: Final = "acme"
API_KEY: Final = "benchmark"


@dataclass(frozen=True)
class Work:
    """What a contender is given to do.

    Attributes:
        url: Address of the API.
        listed: List of what is to be fetched: calls, or days of the log.
        concurrency: How many requests may be in flight.
        folder: An empty folder of the contender's own.
    """

    url: str
    listed: Path
    concurrency: int
    folder: Path

    def arguments(self) -> list[str]:
        """Return the work as arguments of a command line."""
        return [self.url, str(self.listed), str(self.concurrency), str(self.folder)]


def from_command_line() -> Work:
    """Return the work that the command line of this process gives."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("listed", type=Path)
    parser.add_argument("concurrency", type=int)
    parser.add_argument("folder", type=Path)
    return Work(**vars(parser.parse_args()))
