"""`--test`, and `meltano config test`, which shows the last line of a run: it names the cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.runs import config_for, log_config_for
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from tests.runs import Run, Runner

# Python then tells of each connection that nobody has closed.
STRICT = {"PYTHONDEVMODE": "1"}


def last_line(run: Run) -> str:
    """Return what the last line of a run that failed says; nothing is left open behind it."""
    assert run.status == 1
    assert "Traceback" not in run.log
    assert "ResourceWarning" not in run.log
    return run.log.splitlines()[-1].split(" | ")[-1]


def test_of_a_good_account_it_logs_no_error(run_tap: Runner) -> None:
    with serving(Options(days=1, calls_per_day=20)) as sandbox:
        config = {**log_config_for(sandbox), **config_for(sandbox)}
        run = run_tap(config, None, "--test", environment=STRICT)
    assert run.status == 0
    assert run.errors == []
    assert len(run.records) == 2  # one of each stream
    assert "ResourceWarning" not in run.log


def test_the_last_line_of_a_run_that_fails_is_the_cause(run_tap: Runner) -> None:
    with serving(Options(days=1, calls_per_day=3)) as sandbox:
        config = config_for(sandbox)
        assert last_line(run_tap({"customer": "acme", "calls": []})) == "api_key: must be set"
        refused = run_tap({**config, "api_key": "wrong"}, environment=STRICT)
        assert "the API key is wrong" in last_line(refused)
        # Another stream comes after the one that fails, and has nothing to do.
        listed = run_tap({**config, "calls": [], "calls_file": "no-such.txt"}, environment=STRICT)
        assert last_line(listed).startswith("The run ends with status 1: ")
        assert "there is no such file" in last_line(listed)
        assert "there is no such file" in listed.errors[-1]


def test_a_stream_that_fails_makes_the_test_fail(run_tap: Runner) -> None:
    with serving(Options(days=1, calls_per_day=3, force={"": ["403*"]})) as sandbox:
        run = run_tap(config_for(sandbox), None, "--test")
    assert run.status == 1
    assert run.records == []
