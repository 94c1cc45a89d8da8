"""What a contender is, the environments that contenders need, and how the tap is started."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.contenders.work import API_KEY, CUSTOMER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from benchmarks.contenders.work import Work

TAP_PYTHON: Final = sys.executable
# Environments of their own inside that of the tap (see the Makefile): one of the group bench, and
# one of the group bench-rest, whose SDK is another than the tap's.
BENCH_PYTHON: Final = str(Path(sys.prefix, "bench", "bin", "python"))
REST_PYTHON: Final = str(Path(sys.prefix, "bench-rest", "bin", "python"))


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


def installed(contenders: Iterable[Contender]) -> list[Contender]:
    """Return those that can run here."""
    return [contender for contender in contenders if contender.is_installed]


def module(name: str, python: str) -> Callable[[Work], list[str]]:
    """Return what starts a module of this package on a piece of work."""
    return lambda work: [python, "-m", f"benchmarks.contenders.{name}", *work.arguments()]


def tap(work: Work, settings: Mapping[str, Any]) -> list[str]:
    """Return the command that runs the tap on a piece of work, with settings of its own."""
    config = {
        "customer": CUSTOMER,
        "api_key": API_KEY,
        "api_url": work.url,
        "max_concurrency": work.concurrency,
        **settings,
    }
    return [TAP_PYTHON, "-m", "tap_vcclive", "--config", in_file(config, work)]


def in_file(config: Mapping[str, Any], work: Work) -> str:
    """Write a config into the folder of a piece of work; return its path."""
    path = work.folder / "config.json"
    path.write_text(json.dumps(config))
    return str(path)
