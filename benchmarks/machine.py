"""What the benchmark ran on: enough to judge the figures, nothing that names the machine."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.contenders.contender import BENCH_PYTHON, REST_PYTHON, TAP_PYTHON

if TYPE_CHECKING:
    from collections.abc import Sequence

_OF_TAP: Final = ("singer-sdk", "requests", "urllib3", "msgspec")
_OF_OTHERS: Final = ("dlt", "aiohttp")
_OF_REST: Final = ("tap-rest-api-msdk", "singer-sdk")


def description() -> list[str]:
    """Return a line for each thing that matters."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = [*_versions(TAP_PYTHON, _OF_TAP), *_versions(BENCH_PYTHON, _OF_OTHERS)]
    rest, its_sdk = _versions(REST_PYTHON, _OF_REST)
    return [
        f"Processor: {_processor()}, {cores} cores",
        f"System: {platform.system()} {platform.release().partition('-')[0]}",
        f"Python: {platform.python_implementation()} {platform.python_version()}",
        "Packages: " + ", ".join([*versions, f"{rest} (with {its_sdk})"]),
    ]


def load() -> float:
    """Return how many processes were busy on average in the last minute."""
    return os.getloadavg()[0]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _versions(python: str, packages: Sequence[str]) -> list[str]:
    """Return the packages of an environment with their versions."""
    code = "import sys, importlib.metadata as m; print(*map(m.version, sys.argv[1:]))"
    command = [python, "-c", code, *packages]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - no shell
    return [f"{p} {v}" for p, v in zip(packages, done.stdout.split(), strict=True)]
