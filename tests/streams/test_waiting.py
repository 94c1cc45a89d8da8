"""A run that stays for calls that are not registered yet: the setting wait_minutes."""

from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from tap_vcclive.cdr import progress, waiting
from tap_vcclive.tap import TapVCCLive
from tests.catalogs import CALLS, selecting
from tests.runs import Runner, aged, config_for, entries, last_state, messages_in
from vcclive_sandbox.server import Options, serving

LATE = Options(days=1, calls_per_day=40, late_rate=0.2, late_asks=2)


def test_late_calls_arrive_in_the_run_that_waits_for_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "_LEAST_SECONDS_BETWEEN_ROUNDS", 0.2)
    with serving(LATE) as sandbox:
        config = config_for(sandbox, wait_minutes=1)
        TapVCCLive(config=config, catalog=selecting(CALLS), parse_env_config=False).sync_all()
        calls = {call.uuid for call in sandbox.calls}
        late = len(sandbox.requests) - len(calls)
    messages = messages_in(capsys.readouterr().out)
    uuids = [m["record"]["uuid"] for m in messages if m["type"] == "RECORD"]
    assert sorted(uuids) == sorted(calls)
    assert late > 4  # asked for three times
    assert [m["value"]["bookmarks"]["cdr"]["pending"] == [] for m in messages if "value" in m][-1]


def test_a_call_handed_over_right_after_its_webhook_arrives_in_one_run(run_tap: Runner) -> None:
    with serving(Options(days=1, calls_per_day=5, late_rate=1.0, late_asks=1)) as sandbox:
        call = entries(sandbox)[0]
        run = run_tap(config_for(sandbox, calls=[call["uuid"]], wait_minutes=1))
        assert len(sandbox.requests) == 2
    assert run.uuids == [call["uuid"]]
    assert run.bookmark["pending"] == []
    # What was done before the wait is in a STATE before it, for a target that stores meanwhile.
    assert len(run.states[0]["bookmarks"]["cdr"]["pending"]) == 1
    assert "1 call pending; waiting 5 seconds" in run.log


def test_a_run_does_not_stay_longer_than_it_is_worth(run_tap: Runner) -> None:
    """The next attempt would come after the minutes are over."""
    with serving(replace(LATE, never_rate=0.1)) as sandbox:
        begun = time.monotonic()
        run = run_tap(config_for(sandbox, wait_minutes=1, retry_minutes=5))
        assert time.monotonic() - begun < 30
        assert len(sandbox.requests) == len(sandbox.calls)
    assert len(run.bookmark["pending"]) > 0
    assert run.status == 0


@pytest.mark.parametrize("least_time", [0, 24])
def test_a_call_that_is_waited_for_is_not_given_up_however_often_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], least_time: int
) -> None:
    monkeypatch.setattr(waiting, "_LEAST_SECONDS_BETWEEN_ROUNDS", 0.02)
    monkeypatch.setattr(progress, "LEAST_TIME_PENDING", timedelta(hours=least_time))
    with serving(Options(days=1, calls_per_day=4, late_rate=1.0, late_asks=30)) as sandbox:
        config = config_for(sandbox, wait_minutes=1, max_attempts=2)
        TapVCCLive(config=config, catalog=selecting(CALLS), parse_env_config=False).sync_all()
        calls = {call.uuid for call in sandbox.calls}
        assert len(sandbox.requests) == 31 * len(calls)
    output = capsys.readouterr().out
    bookmark = last_state(output)["bookmarks"]["cdr"]
    assert {m["record"]["uuid"] for m in messages_in(output) if m["type"] == "RECORD"} == calls
    assert bookmark["pending"] == bookmark["missing"] == []


def test_a_call_that_was_waited_for_in_vain_is_given_up_by_a_later_run(run_tap: Runner) -> None:
    with serving(Options(days=1, calls_per_day=1, never_rate=1.0)) as sandbox:
        config = config_for(sandbox, max_attempts=2, wait_minutes=1, retry_minutes=5)
        first = run_tap(config)
        second = run_tap(config, aged(first.state, timedelta(hours=25)))
        uuids = [call.uuid for call in sandbox.calls]
    assert [entry["attempts"] for entry in first.bookmark["pending"]] == [1]
    assert second.bookmark["pending"] == []
    assert second.bookmark["missing"] == uuids
    assert (first.status, second.status) == (0, 1)


def test_a_signal_ends_the_waiting_at_once(run_tap: Runner) -> None:
    with (
        serving(Options(days=1, calls_per_day=4, never_rate=1.0)) as sandbox,
        subprocess.Popen(
            run_tap.arguments(config_for(sandbox, wait_minutes=60, retry_minutes=1)),
            env=run_tap.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stderr is not None
        for line in process.stderr:
            if "waiting 60 seconds" in line:
                break
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    pending = last_state(output)["bookmarks"]["cdr"]["pending"]
    assert [entry["attempts"] for entry in pending] == [1, 1, 1, 1]
