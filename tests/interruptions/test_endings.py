"""However a run ends, and whatever its output is: what it says it has loaded has been written."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.interruptions.outlets import OUTLETS, run_into
from tests.runs import Run, Runner, log_config_for
from vcclive_sandbox.server import Options, serving

TWO_DAYS = Options(first_day=date(2024, 3, 4), days=2, calls_per_day=100)


def loaded(run: Run) -> int:
    """Return how many calls a run says it has loaded."""
    return sum(int(n.replace(",", "")) for n in re.findall(r"\| ([\d,]+) calls loaded", run.log))


@pytest.mark.parametrize("outlet", OUTLETS)
def test_a_run_that_finds_nothing_newer_writes_all_that_it_reads_again(
    run_tap: Runner, outlet: str
) -> None:
    with serving(TWO_DAYS) as sandbox:
        config = log_config_for(sandbox)
        first = run_into(outlet, run_tap, config)
        again = run_into(outlet, run_tap, config, first.state)
        calls = {call.uuid for call in sandbox.calls}
    for run in (first, again):
        assert set(run.uuids) == calls
        assert loaded(run) == len(run.uuids)
