"""A run whose minutes are over: it ends by itself, says what is left, and the next one goes on.

No test waits for a minute: the alarm goes off when a number of records has been made, or when a
server has been asked.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from tap_vcclive import clock
from tap_vcclive.tap import TapVCCLive
from tap_vcclive.values.record import Values
from tests.catalogs import CALLS, selecting
from tests.runs import Run, config_for, entries, log_config_for, messages_in
from tests.servers import server
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FIRST: Final = date(2024, 3, 4)
WEEK: Final = Options(first_day=FIRST, days=5, calls_per_day=20)


class Alarm:
    """The alarm of a run: it goes off when a test says so.

    Attributes:
        seconds: After how many seconds it was to go off; None while it has not been set.
        now: What the monotonic clock says.
    """

    def __init__(self) -> None:
        """Begin without an alarm."""
        self.seconds: float | None = None
        self.now = 1000.0
        self.after: int | None = None
        self._do: Callable[[], None] = lambda: None
        self._records = 0

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Set the alarm."""
        assert self.seconds is None, "one run has one alarm"
        self.seconds, self._do, self._records = seconds, do, 0

    def note_record(self) -> None:
        """Note that a record is being made."""
        self._records += 1
        if self._records == self.after:
            self.go_off()

    def go_off(self) -> None:
        """Let the time be over."""
        self._do()


class Taps:
    """Runs of the tap in this process."""

    def __init__(
        self, alarm: Alarm, capture: pytest.CaptureFixture[str], log: pytest.LogCaptureFixture
    ) -> None:
        """Begin with no run."""
        self.alarm = alarm
        self._capture = capture
        self._log = log

    def run(
        self, config: Mapping[str, Any], state: dict[str, Any] | None = None, *, after: int | None
    ) -> Run:
        """Run with a minute that is over when so many records have been made."""
        self.alarm.seconds, self.alarm.after = None, after
        TapVCCLive.is_unfinished = False
        self._log.clear()
        settings = {"stop_after_minutes": 7, **config}
        state = json.loads(json.dumps(state))
        status = 0
        try:
            TapVCCLive(
                config=settings, catalog=selecting(CALLS), state=state, parse_env_config=False
            ).sync_all()
        except SystemExit:
            status = 1
        output = self._capture.readouterr().out
        lines = [f"| {record.levelname} |{record.getMessage()}" for record in self._log.records]
        return Run(status or int(TapVCCLive.is_unfinished), messages_in(output), "\n".join(lines))


@pytest.fixture
def taps(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Taps:
    """Runs of the tap whose time is over when the test says so."""
    alarm = Alarm()
    record = Values.record

    def noting(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - as of the method
        alarm.note_record()
        return record(*arguments)

    monkeypatch.setattr(Values, "record", noting)
    monkeypatch.setattr(clock, "later", alarm.later)
    monkeypatch.setattr(clock, "monotonic", lambda: alarm.now)
    monkeypatch.setattr(TapVCCLive, "is_unfinished", False)
    return Taps(alarm, capsys, caplog)


def of(run: Run, stream: str) -> list[str]:
    """Return the uuids of a stream's records."""
    messages = [m for m in run.messages if m["type"] == "RECORD" and m["stream"] == stream]
    return [message["record"]["uuid"] for message in messages]


def said(run: Run, *levels: str) -> list[str]:
    """Return what the lines of some levels say."""
    lines = [line.split("|", 2) for line in run.log.splitlines()]
    return [line[2] for line in lines if line[1].strip() in levels]


def test_slices_of_a_list_go_on_where_the_one_before_ended(taps: Taps) -> None:
    with serving(replace(WEEK, days=1, calls_per_day=50)) as sandbox:
        config = config_for(sandbox, lookback_days=0)
        calls = [call.uuid for call in sandbox.calls]
        first = taps.run(config, after=20)
        assert taps.alarm.seconds == 7 * 60
        second = taps.run(config, first.state, after=25)
        third = taps.run(config, second.state, after=None)
    assert (first.uuids, second.uuids, third.uuids) == (calls[:20], calls[20:45], calls[45:])
    assert [run.status for run in (first, second, third)] == [0, 0, 0]
    (line,) = said(first, "WARNING", "ERROR")
    assert line.endswith("are over: left 30 calls of the list. The next run goes on here")
    assert "left 5 calls of the list." in said(second, "WARNING", "ERROR")[0]
    assert said(third, "WARNING", "ERROR") == []
    assert third.bookmark["position"]["calls"] == len(calls)


@pytest.mark.parametrize("from_log", [False, True])
def test_slices_of_the_log_go_on_where_the_one_before_ended(
    taps: Taps,
    from_log: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """In the middle of the second day, which the next one reads from its beginning."""
    stream = "cdr" if from_log else "cdr_log"
    with serving(WEEK) as sandbox:
        config = log_config_for(sandbox, calls_from_log=from_log, lookback_days=0)
        days = {call.uuid: call.day for call in sandbox.calls}
        first = taps.run(config, after=30)
        second = taps.run(config, first.state, after=None)
    assert 30 <= len(of(first, stream)) <= 40  # to the end of the page
    assert {*of(first, stream), *of(second, stream)} == {*days}
    (line, *others) = said(first, "WARNING", "ERROR")
    if from_log:
        # The log has been read ahead; of the first hours nothing is fetched again.
        assert "day" in line
        assert others == ["cdr_log: had no turn, as the minutes of stop_after_minutes are over"]
        assert not of(first, "cdr_log")
        assert len(of(second, stream)) < len(days) - 20
    else:
        assert line.startswith(
            "The minutes of stop_after_minutes are over: left 4 days of the log."
        )
        assert {days[uuid] for uuid in of(second, stream)} == {
            FIRST + timedelta(days=number) for number in range(5)
        }
        assert first.log_bookmark["last_day"] == FIRST.isoformat()
    assert (first.status, second.status) == (0, 0)
    assert {*of(second, "cdr_log")} == {*days}


def test_a_stream_that_has_nothing_to_do_says_that_and_not_that_it_had_no_turn(taps: Taps) -> None:
    with serving(WEEK) as sandbox:
        run = taps.run(config_for(sandbox), after=1)
    assert run.status == 0
    assert "cdr_log: nothing to do, as start_date is not set" in said(run, "INFO")
    assert len(said(run, "WARNING", "ERROR")) == 1


def test_a_real_loss_gives_status_1_all_the_same(taps: Taps) -> None:
    """A call that has failed beside others, and one at the very end, of which nobody knows yet."""
    with serving(WEEK) as sandbox:
        uuids = [call.uuid for call in sandbox.calls]
    for bad in (uuids[5], uuids[30]):
        with serving(replace(WEEK, force={bad: ["500*"], uuids[31]: ["stall*"]})) as sandbox:
            config = config_for(sandbox, max_tries=1, max_concurrency=1)
            run = taps.run(config, after=30)
        assert run.status == (bad == uuids[5])
        assert len(run.uuids) == 30
        assert len(said(run, "ERROR")) == run.status


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((429, {"Retry-After": "900"}, b"{}"), id="Retry-After"),
        pytest.param((500, {}, b""), id="backoff"),
    ],
)
def test_no_pause_holds_up_the_end_and_a_run_that_never_gets_on_gives_status_1(
    taps: Taps, answer: tuple[int, dict[str, str], bytes]
) -> None:
    """Each of the tries has its pause; all of them would take hours."""

    def answering(_path: str) -> tuple[int, dict[str, str], bytes]:
        taps.alarm.go_off()
        return answer

    with server(answering) as running, serving(WEEK) as sandbox:
        config = {**log_config_for(sandbox), "api_url": running.url, "max_tries": 20}
        listed = taps.run({**config, "calls": entries(sandbox)}, after=None)
        by_day = taps.run(config, after=None)
    too_short = "left everything new, as stop_after_minutes is too short for it"
    assert said(listed, "ERROR") == [f"cdr: {too_short}"]
    assert said(by_day, "ERROR") == [f"cdr_log: {too_short}"]
    assert (listed.status, by_day.status) == (1, 1)
    assert "left 100 calls of the list" in listed.log
    assert "left 5 days of the log" in by_day.log
    assert "cdr_log: had no turn" in listed.log
    assert (listed.records, by_day.records) == ([], [])


def test_a_stream_that_others_have_left_too_little_time_is_no_failure(taps: Taps) -> None:
    with serving(WEEK) as sandbox:
        config = log_config_for(sandbox, calls=entries(sandbox)[:10], max_concurrency=1)
        for minutes, status in ((3, 1), (4, 0)):
            monotonic = iter([0.0] + [minutes * 60.0] * 9)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(clock, "monotonic", lambda times=monotonic: next(times))
                run = taps.run(config, after=15)  # in the first day
            assert "left 5 days of the log" in run.log
            assert run.status == status


def test_waiting_for_late_calls_ends_with_the_minutes(taps: Taps) -> None:
    with serving(replace(WEEK, days=1, calls_per_day=10, never_rate=0.5)) as sandbox:

        def over(_progress: object) -> float:
            taps.alarm.go_off()
            return time.monotonic() + 1000

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tap_vcclive.cdr.run.next_round", over)
            run = taps.run(config_for(sandbox, wait_minutes=60), after=None)
    assert run.status == 0
    pending = len(run.bookmark["pending"])
    assert pending > 0
    (line,) = said(run, "WARNING", "ERROR")
    assert f"left {pending} pending calls." in line


def test_the_bound_on_requests_a_minute_does_not_hold_up_the_end(taps: Taps) -> None:
    with serving(replace(WEEK, days=1)) as sandbox:
        run = taps.run(config_for(sandbox, requests_per_minute=1), after=1)
    assert (len(run.uuids), run.status) == (1, 0)


def test_what_is_owed_by_a_server_in_doubt_is_not_counted_as_an_attempt(taps: Taps) -> None:
    """The time is over while the run looks whether anything is answered."""
    with serving(replace(WEEK, days=1)) as sandbox:
        uuids = [call.uuid for call in sandbox.calls]
        listed = entries(sandbox)
    is_over = threading.Event()

    def answering(path: str) -> tuple[int, dict[str, str], bytes]:
        if uuids[0] not in path:
            return 500, {}, b""
        if len(running.seen) > 1:
            taps.alarm.go_off()
            is_over.wait(60)
            return 500, {}, b""
        return 200, {}, json.dumps({"response": {"uuid": uuids[0]}, "errors": []}).encode()

    with server(answering) as running:
        config = {"customer": "a", "api_key": "sandbox-key", "api_url": running.url, "max_tries": 1}
        config |= {"calls": listed[:12], "max_concurrency": 1}
        run = taps.run(config, after=None)
        is_over.set()
    assert run.status == 1
    assert said(run, "ERROR") == ["cdr: left 11 calls without an answer"]
    assert {entry["attempts"] for entry in run.bookmark["pending"]} == {0}
