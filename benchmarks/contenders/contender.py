"""What a contender is, the environments that contenders need, and how the tap is started."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.contenders.work import API_KEY, CUSTOMER
from tap_vcclive.tap import TapVCCLive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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
    catalog = work.folder / "catalog.json"
    catalog.write_text(json.dumps(calls_only()))
    files = ["--config", in_file(config, work), "--catalog", str(catalog)]
    return [TAP_PYTHON, "-m", "tap_vcclive", *files]


@cache
def calls_only() -> dict[str, Any]:
    """Return a catalog with the streams of calls only, as those are what others read, too."""
    catalog: dict[str, Any] = TapVCCLive(config={}, validate_config=False).catalog_dict
    return {"streams": [one for one in catalog["streams"] if one["stream"].startswith("cdr")]}


def in_file(config: Mapping[str, Any], work: Work) -> str:
    """Write a config into the folder of a piece of work; return its path."""
    path = work.folder / "config.json"
    path.write_text(json.dumps(config))
    return str(path)
