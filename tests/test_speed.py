"""What the tests need to be fast: they start the tap many hundred times."""

from __future__ import annotations

import subprocess
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING

from tap_vcclive import tap

if TYPE_CHECKING:
    from tests.runs import Runner


def test_a_start_of_the_tap_leaves_bytecode_to_the_next_one(run_tap: Runner) -> None:
    bytecode = Path(cache_from_source(tap.__file__))
    bytecode.unlink(missing_ok=True)
    command = run_tap.command("--version")
    subprocess.run(command, env=run_tap.environment(), capture_output=True, check=True, timeout=100)
    assert bytecode.exists()
