"""What the tests share."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests import leaks
from tests.runs import Runner

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


# A start of the tap takes less than half as long from bytecode, and so do Meltano and its plugins:
# wherever the tests run, what they start leaves it to the next start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many tests run side by side: for half of the time one waits for a next try."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (cores or 1) * 2


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test in whose own output or log, of whatever ran in its process, a secret stands."""
    report = yield
    if report.passed and call.when == "call":
        try:
            leaks.check_output("\n".join(text for _, text in report.sections))
        except leaks.LeakError as leak:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid}: {leak}"
    return report


@pytest.fixture
def run_tap(tmp_path: Path) -> Runner:
    """Runs the tap by its command in a folder of the test's own."""
    return Runner(tmp_path)
