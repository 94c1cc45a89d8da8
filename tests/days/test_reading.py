"""Nights of reading the log: what becomes of each day, what is said, what the state keeps."""

from __future__ import annotations

import json
import logging
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from tap_vcclive import clock
from tap_vcclive.api.errors import ServerFailsError
from tap_vcclive.call_log.reader import reader_for
from tap_vcclive.days.reading import DaysReading
from tap_vcclive.fetching.report import Kind, Report
from tests.call_log.logs import settings
from tests.call_log.test_odd_logs import Answer, Asked, OddLog, answer_of, page_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_vcclive.api.client import Client

LOGGER = logging.getLogger("tests.reading")
START = date(2026, 11, 1)
# Nothing is asked for there.
NOWHERE = "http://127.0.0.1:1"

GONE = answer_of(None, 404)
BROKEN = answer_of(None, 400)
DOWN = answer_of(None, 500)


class Night(DaysReading):
    """One run over the log, with what it has come to."""

    state: dict[str, Any]
    uuids: list[str]


class Nights:
    """Runs, night after night, over a log whose days have five calls each.

    Attributes:
        answers: What some days answer instead, by their number, or by number and project.
        now: When the next run is, in UTC.
        state: What the last run has left.
        asked: Days of November in the order in which the last run asked for them.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Begin on the morning of the 11th of November with nothing read."""
        self.answers: dict[int | tuple[int, int | None], Callable[[Asked], Answer]] = {}
        self.now = datetime(2026, 11, 11, 3, tzinfo=UTC)
        self.state: dict[str, Any] = {}
        self.asked: list[int] = []
        monkeypatch.setattr(clock, "now", lambda: self.now)

    def run(self, **changes: object) -> Night:
        """Run once, with a state that went through JSON."""
        log = OddLog(self._answer)
        of = settings(NOWHERE, **{"max_concurrency": 1, "max_attempts": 3, **changes})
        client = cast("Client", log)
        night = Night("cdr_log", reader_for(of, client), of, client, LOGGER)
        night.begin(json.loads(json.dumps(self.state)))
        night.uuids = []
        report = Report(LOGGER, Kind("cdr_log", "days", "calls"), None)
        try:
            with closing(night.days()) as days:
                for day in days:
                    night.uuids += [one[0] for one in day.rows() if isinstance(one, tuple)]
                    night.settle(day, report)
            night.end()
        finally:
            self.asked = list(dict.fromkeys(asked.day.day for asked in log.asked))
            self.state = {}
            night.progress.save(self.state)
            night.state = self.state
        return night

    def _answer(self, asked: Asked) -> Answer:
        number = asked.day.day
        answer = self.answers.get((number, asked.project)) or self.answers.get(number)
        return answer(asked) if answer else self.page(asked)

    @staticmethod
    def page(asked: Asked) -> Answer:
        """Return a page of a day that is well."""
        first = 1000 * asked.day.day + 100 * (asked.project or 0)
        return page_of(rows_of(5, first), asked)

    def let(self, number: int, answer: Answer, project: int | None = None) -> None:
        """Let a day answer the same from now on."""
        self.answers[number if project is None else (number, project)] = lambda _: answer

    @property
    def open_days(self) -> dict[int, int]:
        """Attempts of the open days."""
        return {date.fromisoformat(e["day"]).day: e["attempts"] for e in self.state["open_days"]}


@pytest.fixture
def nights(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Nights:
    """Return nights to come."""
    caplog.set_level(logging.INFO)
    return Nights(monkeypatch)


def errors(log: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines that are no mere information, and forget all lines."""
    lines = [record.getMessage() for record in log.records if record.levelno > logging.INFO]
    log.clear()
    return lines


def test_quiet_nights_say_nothing_and_leave_nothing_open(
    nights: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    assert len(nights.run().uuids) == 11 * 5
    assert errors(caplog) == []
    nights.now += timedelta(days=1)
    night = nights.run()
    assert nights.asked == [9, 10, 11, 12]
    assert (errors(caplog), night.unfinished, nights.open_days) == ([], [], {})


def test_many_open_days_hold_up_no_new_one_and_come_in_turns(nights: Nights) -> None:
    nights.now += timedelta(days=19)  # the 30th
    bad = range(2, 26, 2)
    for number in bad:
        nights.let(number, DOWN)
    night = nights.run()
    assert nights.open_days == dict.fromkeys(bad, 1)
    assert night.unfinished == ["12 days of the log open"]
    for attempts in (2, 3):
        nights.now += timedelta(hours=1)
        night = nights.run()
        # What is new comes first.
        assert nights.asked[:3] == [28, 29, 30]
        assert nights.asked[3:] == list(bad)
        assert nights.open_days == dict.fromkeys(bad, attempts)
        assert len(night.uuids) == 15
    del nights.answers[24]
    nights.now += timedelta(hours=3)
    assert len(nights.run().uuids) == 20
    assert 24 not in nights.open_days


def test_where_nothing_is_answered_the_run_ends_and_no_attempt_counts(nights: Nights) -> None:
    nights.let(5, BROKEN)
    nights.run()
    before = nights.open_days
    assert before == {5: 1}
    nights.now += timedelta(days=1)
    for number in range(1, 31):
        nights.let(number, DOWN)
    for _ in range(3):
        nights.now += timedelta(hours=1)
        with pytest.raises(ServerFailsError):
            nights.run()
        assert nights.open_days == before
        assert nights.state["last_day"] == "2026-11-10"


@pytest.mark.parametrize("nothing", ["404", "null", "[]"])
def test_a_day_that_had_calls_and_says_it_has_none_stays_open(
    nights: Nights, caplog: pytest.LogCaptureFixture, nothing: str
) -> None:
    nights.run()
    nights.now += timedelta(days=1)
    nights.let(10, GONE if nothing == "404" else answer_of(json.loads(nothing)))
    night = nights.run()
    assert nights.open_days == {10: 1}
    assert night.unfinished == ["1 day of the log open"]
    assert any(f"no calls ({nothing}), and it had some before" in one for one in errors(caplog))
    # Whole again, it brings what was late.
    nights.answers[10] = lambda asked: page_of(rows_of(7, 10_000), asked)
    nights.now += timedelta(hours=1)
    night = nights.run()
    assert len(set(night.uuids) & {one["uuid"] for one in rows_of(7, 10_000)}) == 7
    assert (nights.open_days, night.unfinished) == ({}, [])


def test_a_day_that_had_calls_while_it_was_today_and_says_it_has_none_stays_open(
    nights: Nights,
) -> None:
    nights.run()
    assert nights.state["last_day"] == "2026-11-10"
    nights.state["replication_key_value"] = "2026-11-11T01:00:00+00:00"  # as the stream writes it
    nights.let(11, GONE)
    nights.now += timedelta(days=1)
    assert nights.run().unfinished == ["1 day of the log open"]
    assert nights.open_days == {11: 1}


def test_a_day_that_had_calls_and_plainly_has_none_any_more_is_told(
    nights: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    nights.run()
    nights.let(10, answer_of({"rows": [], "totalCount": 0}))
    caplog.clear()
    assert nights.run(lookback_days=0).unfinished == []
    assert errors(caplog) == [
        "The log of 2026-11-10 had calls before, and says now that it has none"
    ]


def test_a_day_that_never_had_calls_may_have_none_each_night(
    nights: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    nights.let(10, GONE)
    for _ in range(3):
        night = nights.run()
        assert (nights.open_days, night.unfinished) == ({}, [])
        assert "no log of 2026-11-10, as it says three times (404)" in "\n".join(errors(caplog))
        nights.now += timedelta(hours=5)
    assert {"day": "2026-11-10", "project_id": None} in nights.state["empty_days"]


def test_a_project_that_had_calls_and_says_it_has_none_keeps_the_day_open(
    nights: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    nights.run(project_ids=[3, 5])
    nights.now += timedelta(days=1)
    nights.let(10, GONE, project=5)
    night = nights.run(project_ids=[3, 5])
    assert nights.open_days == {10: 1}
    assert night.unfinished
    text = "\n".join(errors(caplog))
    assert "no log of 2026-11-10 for project 5, as it says three times (404)" in text
    assert "had some before" in text


def test_a_project_that_is_on_no_day_is_named_with_the_setting(
    nights: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(1, 12):
        nights.let(number, GONE, project=5)
    night = nights.run(project_ids=[3, 5])
    assert len(night.uuids) == 11 * 5
    line = "VCC Live knows project 5 on none of 11 days: is project_ids right?"
    assert line in errors(caplog)
    assert (nights.open_days, night.unfinished) == ({}, [])


def test_where_no_day_is_known_none_counts_as_read(
    nights: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(1, 12):
        nights.let(number, GONE)
    night = nights.run()
    assert night.unfinished == ["no day of the log known"]
    assert nights.state["last_day"] is None
    assert "is api_url right?" in errors(caplog)[-1]


def test_one_odd_day_costs_no_other_and_its_reason_is_said(
    nights: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    nights.let(4, BROKEN)
    night = nights.run()
    assert len(night.uuids) == 10 * 5
    assert night.unfinished == ["1 day of the log open"]
    (line,) = errors(caplog)
    assert line.startswith("/cdrs/2026/11/04?start=0&num=500: status 400; the log of 2026-11-04")


def test_rows_without_a_call_keep_their_day_open(
    nights: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    nights.answers[4] = lambda asked: page_of([*rows_of(3), {"uuid": None}], asked)
    night = nights.run()
    assert night.unfinished == ["1 day of the log open"]
    (line,) = errors(caplog)
    assert "1 row without the uuid of a call" in line
    assert line.endswith("3 of 4 calls")


def test_today_may_grow_and_a_past_day_may_not_be_short(
    nights: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    def growing(asked: Asked) -> Answer:
        rows = [*rows_of(asked.number, 11_500), *rows_of(30, 11_000)]
        return page_of(rows, asked, cap=2)

    nights.answers[11] = growing
    night = nights.run()
    assert (night.unfinished, errors(caplog), nights.open_days) == ([], [], {})
    nights.answers[11] = lambda asked: page_of(rows_of(5, 11_000), asked, total=9)
    nights.now += timedelta(days=1)
    night = nights.run()
    assert night.unfinished == ["1 day of the log open"]
    (line,) = errors(caplog)
    assert "the log of 2026-11-11" in line.lower()
    assert line.endswith("stays open: 5 of 9 calls")


def test_a_day_is_given_up_by_time_named_each_night_and_brought_back_by_start_date(
    nights: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    nights.let(4, BROKEN)
    # Every five minutes for a day, and then twice a day.
    for _ in range(288):
        nights.run()
        nights.now += timedelta(minutes=5)
    assert nights.state["given_up"] == []
    attempts = nights.open_days[4]
    assert 20 < attempts < 100  # the longer it lasts, the less often
    errors(caplog)
    unfinished: list[list[str]] = []
    while not nights.state["given_up"]:
        unfinished.append(nights.run().unfinished)
        nights.now += timedelta(hours=12)
    assert unfinished[-2:] == [["1 day of the log open"], ["1 day of the log given up"]]
    assert nights.now - datetime(2026, 11, 11, 3, tzinfo=UTC) >= timedelta(days=7)
    assert nights.state["given_up"] == [{"day": "2026-11-04", "start_date": "2026-11-01"}]
    assert any("2026-11-04 is given up after 3 attempts" in one for one in errors(caplog))
    # From then on each run says so; it is no fault of theirs.
    for _ in range(2):
        nights.now += timedelta(days=1)
        assert nights.run().unfinished == []
        assert 4 not in nights.asked
        (line,) = errors(caplog)
        assert "1 day of the log given up, the first is 2026-11-04" in line
    nights.answers.clear()
    for start in ("2026-11-03", "2026-11-05"):
        nights.run(start_date=start)
        assert 4 not in nights.asked
    night = nights.run(start_date="2026-11-04")
    assert 4 in nights.asked
    assert {one["uuid"] for one in rows_of(5, 4000)} <= set(night.uuids)
    assert (nights.state["given_up"], nights.open_days) == ([], {})


def test_a_look_back_is_owed_before_start_date_and_a_gap_is_named(
    nights: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    nights.run(end_date="2026-11-05")
    nights.run(start_date="2026-11-06", end_date="2026-11-06")
    assert nights.asked == [4, 5, 6]
    assert errors(caplog) == []
    nights.run(start_date="2026-11-09", end_date="2026-11-09")
    assert nights.asked == [5, 6, 9]
    (line,) = errors(caplog)
    assert line.startswith("The days from 2026-11-07 to 2026-11-08 have not been read")
    nights.run()
    assert nights.asked == [7, 8, 9, 10, 11]


def test_days_that_are_absent_and_looked_back_to_are_not_forgotten(nights: Nights) -> None:
    """All that a night reads is gone: nothing of it has been read, and it is owed still."""
    nights.run(end_date="2026-11-10")
    nights.now += timedelta(days=1)
    for number in (9, 10, 11, 12):
        nights.let(number, GONE)
    nights.run(end_date="2026-11-12")
    nights.answers.clear()
    nights.now += timedelta(days=1)
    nights.run(end_date="2026-11-12")
    assert {9, 10, 11, 12} <= set(nights.asked)
    assert nights.open_days == {}


def test_days_that_may_be_absent_are_owed_when_a_later_one_comes_out_short(nights: Nights) -> None:
    """Otherwise the look-back would move on with that day, past those that are not settled."""
    for number in (9, 10):
        nights.let(number, GONE)
    nights.run()
    nights.now += timedelta(days=1)
    nights.let(11, BROKEN)
    nights.let(12, GONE)
    nights.run()
    assert nights.open_days == {9: 0, 10: 0, 11: 1}
    nights.answers.clear()
    nights.now += timedelta(days=1)
    late = {one["uuid"] for number in (9, 10) for one in rows_of(5, 1000 * number)}
    assert late <= set(nights.run().uuids)
    assert nights.open_days == {}


def merged(old: Any, new: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return two states as Meltano merges them: key by key, lists and values replaced."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}
    return new


def test_states_that_are_merged_night_by_night_are_those_of_the_last_night(nights: Nights) -> None:
    nights.let(4, BROKEN)
    nights.let(7, GONE)
    stored: dict[str, Any] = {}
    for changes in ({"project_ids": [5]}, {}, {"start_date": "2026-11-09"}, {}):
        night = nights.run(**changes)
        stored = merged(stored, night.state)
        assert stored == night.state
        nights.state = stored
        nights.now += timedelta(days=1)
    nights.answers.clear()
    nights.run()
    assert nights.state["project_ids"] is None
    assert nights.open_days == {}
    assert len(nights.asked) < 6  # not all days again


def test_a_state_of_an_older_version_is_gone_on_from(nights: Nights) -> None:
    nights.state = {
        "replication_key": "start_ts_utc",
        "replication_key_value": "2026-11-08T12:00:00+00:00",
        "first_day": "2026-11-01",
        "last_day": "2026-11-09",
        "open_days": [{"day": "2026-11-04", "attempts": 19}],
    }
    nights.let(4, BROKEN)
    nights.let(9, GONE)  # it may have had no calls: the older version does not say
    night = nights.run(max_attempts=20)
    assert nights.asked == [8, 9, 10, 11, 4]
    assert (nights.open_days, nights.state["given_up"]) == ({4: 19}, [])
    assert night.unfinished == ["1 day of the log open"]
