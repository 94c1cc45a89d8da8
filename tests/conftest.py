"""What the tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.runs import Runner

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run_tap(tmp_path: Path) -> Runner:
    """Runs the tap by its command in a folder of the test's own."""
    return Runner(tmp_path)
