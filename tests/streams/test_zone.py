"""A `timezone` that cannot be right is told by a run, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.runs import Runner, config_for, log_config_for
from vcclive_sandbox.options import Options
from vcclive_sandbox.server import serving

if TYPE_CHECKING:
    from collections.abc import Callable

QUESTION = "is timezone right?"


@pytest.mark.parametrize("config", [config_for, log_config_for])
def test_a_wrong_zone_is_told_once_and_the_right_one_is_not(
    run_tap: Runner, config: Callable[..., dict[str, object]]
) -> None:
    with serving(Options(timezone="Europe/London", days=2, calls_per_day=60)) as sandbox:
        wrong = run_tap(config(sandbox))
        right = run_tap(config(sandbox, timezone="Europe/London"))
    lines = [line for line in wrong.log.splitlines() if QUESTION in line]
    assert len(lines) == 1
    assert "WARNING" in lines[0]
    assert "differ by 1 h in all" in lines[0]
    assert QUESTION not in right.log
    assert wrong.status == right.status == 0
