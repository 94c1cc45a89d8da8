"""The stream cdr, run by its command against the sandbox."""

from __future__ import annotations

import csv
import gzip
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tap_vcclive.tap import TapVCCLive
from tap_vcclive.values.record import Values
from tests.catalogs import CALLS, selecting
from tests.documented import DOCUMENTED, UUID
from tests.runs import Runner, aged, config_for, entries, last_state
from tests.servers import server
from vcclive_sandbox.server import Faults, Options, Variants, serving

if TYPE_CHECKING:
    from pathlib import Path

SMALL = Options(days=1, calls_per_day=40)
LATE = Options(days=2, calls_per_day=60, late_rate=0.2)
SOME_LATE = Options(days=1, calls_per_day=40, late_rate=0.2)


def test_every_call_arrives_once_and_in_the_order_of_the_list(run_tap: Runner) -> None:
    with serving(Options(days=3, calls_per_day=100, latency_ms=5)) as sandbox:
        run = run_tap(config_for(sandbox, max_concurrency=16))
        assert run.uuids == [call.uuid for call in sandbox.calls]
        assert len(sandbox.requests) == len(sandbox.calls)
        assert 1 < sandbox.max_in_flight <= 16
    assert run.status == 0


def test_the_documented_call_arrives_value_for_value(run_tap: Runner) -> None:
    with serving(SMALL) as sandbox:
        run = run_tap(config_for(sandbox, calls=[UUID]))
        assert sandbox.requests[0].path == f"/cdr/2015/08/{UUID}"
    (record,) = run.records
    assert {name: value for name, value in record.items() if value is not None} == {
        **DOCUMENTED,
        "start_ts_utc": "2015-08-17T13:05:08+00:00",
        "billing_ts_utc": "2015-08-17T13:05:17+00:00",
    }


def test_records_hold_the_values_of_the_sandbox_and_the_instant_of_the_call(
    run_tap: Runner,
) -> None:
    with serving(SMALL) as sandbox:
        run = run_tap(config_for(sandbox))
        calls = list(sandbox.calls)
    for call, record in zip(calls, run.records, strict=True):
        assert record["start_ts_utc"] == call.start.isoformat(timespec="seconds")
        for name, value in call.cdr().items():
            if name not in {"billing_ts_utc", "vcc_score"}:
                assert record[name.lower()] == value, name
    assert len({tuple(record) for record in run.records}) == 1  # complete: always the same keys


def two_runs(run_tap: Runner, options: Options) -> list[dict[str, Any]]:
    """Return the records of a run and of the next, which has what was late."""
    with serving(options) as sandbox:
        config = config_for(sandbox)
        first = run_tap(config)
        second = run_tap(config, first.state)
        assert len(first.bookmark["pending"]) > 0
        assert second.bookmark["pending"] == []
    return first.records + second.records


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The records of a sandbox that is as all guesses say."""
    return two_runs(Runner(tmp_path_factory.mktemp("plain")), SOME_LATE)


@pytest.mark.parametrize(
    "variants",
    [
        *[Variants(not_registered=name) for name in (
            "404", "404-plain", "empty-list", "empty-object", "null", "errors-text", "errors-object"
        )],
        Variants(cdr_shape="list"),
        Variants(numbers="text"),
        *[Variants(absent=name) for name in ("missing", "null", "empty", "zero")],
        Variants(cdr_shape="list", numbers="text", absent="null", not_registered="empty-list"),
    ],
    ids=str,
)  # fmt: skip
def test_each_variant_of_each_guess_gives_the_same_records(
    run_tap: Runner, plain: list[dict[str, Any]], variants: Variants
) -> None:
    def comparable(record: dict[str, Any], no_value: set[Any]) -> dict[str, Any]:
        """Texts are handed on as they are sent: here one "no value" is as good as another."""
        return {name: None if value in no_value else value for name, value in record.items()}

    no_value = {"", "0000-00-00 00:00:00", None}
    varied = two_runs(run_tap, replace(SOME_LATE, variants=variants))
    if variants.absent == "missing":
        assert varied == plain
    else:
        assert [comparable(r, no_value) for r in varied] == [comparable(r, no_value) for r in plain]


def test_the_old_list_of_fields_leaves_the_newer_ones_null(run_tap: Runner) -> None:
    with serving(Options(days=1, calls_per_day=10, variants=Variants(fields="old"))) as sandbox:
        run = run_tap(config_for(sandbox))
        uuids = [call.uuid for call in sandbox.calls]
    assert run.uuids == uuids
    assert all(r["userfullname"] is None and r["talktime"] is not None for r in run.records)


def test_late_calls_are_pending_and_arrive_in_the_next_run_which_asks_for_nothing_else(
    run_tap: Runner,
) -> None:
    with serving(LATE) as sandbox:
        config = config_for(sandbox)
        first = run_tap(config)
        pending = [entry["uuid"] for entry in first.bookmark["pending"]]
        asked = len(sandbox.requests)
        second = run_tap(config, first.state)
        assert asked == len(sandbox.calls)
        assert len(sandbox.requests) - asked == len(pending) > 0
        assert sorted(first.uuids + second.uuids) == sorted(call.uuid for call in sandbox.calls)
    assert second.uuids == pending
    assert second.bookmark["pending"] == []
    assert first.status == second.status == 0
    assert "WARNING" not in first.log  # it is the way of calls to be late


def test_a_pending_call_is_left_alone_until_retry_minutes_have_passed(run_tap: Runner) -> None:
    with serving(LATE) as sandbox:
        config = config_for(sandbox, retry_minutes=5)
        first = run_tap(config)
        asked = len(sandbox.requests)
        again = run_tap(config, first.state)
        assert len(sandbox.requests) == asked
        assert "nothing to fetch" in again.log
        assert again.bookmark["pending"] == first.bookmark["pending"]
        state = first.state
        for entry in state["bookmarks"]["cdr"]["pending"]:
            entry["last_attempt"] = "2026-01-01T00:00:00+00:00"
        later = run_tap(config, state)
    assert len(later.records) == len(first.bookmark["pending"])


def test_a_call_that_never_registers_is_given_up_after_max_attempts_and_a_day(
    run_tap: Runner,
) -> None:
    with serving(Options(days=1, calls_per_day=40, never_rate=0.2)) as sandbox:
        config = config_for(sandbox, max_attempts=3)
        state: dict[str, Any] | None = None
        runs = []
        for hours in (5, 5, 15, 1, 0):
            runs.append(run_tap(config, state))
            state = aged(runs[-1].state, timedelta(hours=hours))
        never = {call.uuid for call in sandbox.calls} - set(runs[0].uuids)
        asked = len(sandbox.requests)
    attempts = [{e["attempts"] for e in run.bookmark["pending"]} for run in runs]
    assert attempts == [{1}, {2}, {3}, set(), set()]
    assert set(runs[3].bookmark["missing"]) == never
    assert runs[4].bookmark["missing"] == runs[3].bookmark["missing"]
    assert asked == 40 + 3 * len(never)
    assert all(f"Call {uuid} " in runs[3].log for uuid in never)
    assert [run.status for run in runs] == [0, 0, 0, 1, 0]
    assert runs[3].errors[-1] == f"cdr: left {len(never)} calls given up"
    assert f"{len(never)} calls have been given up and stand in the state" in runs[4].log
    assert "WARNING" not in runs[2].log


def test_with_the_state_of_a_finished_run_nothing_is_requested(run_tap: Runner) -> None:
    with serving(SMALL) as sandbox:
        config = config_for(sandbox)
        first = run_tap(config)
        asked = len(sandbox.requests)
        second = run_tap(config, first.state)
        assert len(sandbox.requests) == asked
    assert second.records == []
    assert second.state == first.state


def test_one_call_added_to_the_list_causes_one_request(run_tap: Runner) -> None:
    with serving(SMALL) as sandbox:
        first = run_tap(config_for(sandbox, calls=entries(sandbox)[:-1]))
        asked = len(sandbox.requests)
        second = run_tap(config_for(sandbox), first.state)
        added = [request.path for request in sandbox.requests[asked:]]
        last = list(sandbox.calls)[-1]
    assert added == [f"/cdr/{last.year}/{last.month}/{last.uuid}"]
    assert second.uuids == [last.uuid]


def test_a_list_that_begins_with_other_calls_is_read_from_the_start_again(run_tap: Runner) -> None:
    with serving(SMALL) as sandbox:
        calls = entries(sandbox)
        first = run_tap(config_for(sandbox, calls=calls[:20]))
        second = run_tap(config_for(sandbox, calls=calls[5:]), first.state)
    assert second.uuids == [call["uuid"] for call in calls[5:]]
    assert "read from the start again" in second.log


def test_the_state_is_the_same_size_for_ten_calls_and_for_many(run_tap: Runner) -> None:
    with serving(Options(days=6, calls_per_day=300)) as sandbox:
        calls = entries(sandbox)
        few = run_tap(config_for(sandbox, calls=calls[:10]))
        many = run_tap(config_for(sandbox))
    assert len(many.records) == len(calls) > 1000
    assert len(json.dumps(many.state)) - len(json.dumps(few.state)) < 10
    assert set(many.bookmark) == {
        "replication_key", "replication_key_value", "position", "bad_rows", "last_line", "pending",
        "missing", "customer",
    }  # fmt: skip
    assert many.bookmark["replication_key_value"] == max(r["start_ts_utc"] for r in many.records)


def test_a_state_never_speaks_of_a_record_that_does_not_stand_before_it(run_tap: Runner) -> None:
    with serving(Options(days=6, calls_per_day=300, late_rate=0.05)) as sandbox:
        run = run_tap(config_for(sandbox))
        uuids = [call.uuid for call in sandbox.calls]
    written: set[str] = set()
    states = 0
    for message in run.messages:
        if message["type"] == "RECORD":
            written.add(message["record"]["uuid"])
        elif message["type"] == "STATE":
            bookmark = message["value"]["bookmarks"]["cdr"]
            pending = {entry["uuid"] for entry in bookmark["pending"]}
            assert set(uuids[: bookmark["position"]["calls"]]) <= written | pending
            states += 1
    assert states > len(uuids) / 500


def test_any_state_of_a_run_is_one_that_another_run_goes_on_from(run_tap: Runner) -> None:
    with serving(Options(days=5, calls_per_day=200)) as sandbox:
        config = config_for(sandbox)
        whole = run_tap(config)
        middle = whole.states[len(whole.states) // 2]
        done = middle["bookmarks"]["cdr"]["position"]["calls"]
        rest = run_tap(config, middle)
    assert 0 < done < len(whole.uuids)
    assert rest.uuids == whole.uuids[done:]


def test_the_month_is_worked_out_in_the_zone_of_the_call_centre(run_tap: Runner) -> None:
    options = Options(
        first_day=datetime(2026, 10, 31, tzinfo=UTC).date(), days=2, calls_per_day=300
    )
    with serving(options) as sandbox:
        calls = [call for call in sandbox.calls if call.version == 1]
        run = run_tap(config_for(sandbox, calls=[call.uuid for call in calls]))
        assert {call.month for call in calls} == {"10", "11"}
        assert len(sandbox.requests) == len(calls)
    assert run.uuids == [call.uuid for call in calls]


def test_near_the_edge_of_a_month_the_neighbouring_month_is_asked_too(run_tap: Runner) -> None:
    """The call centre's zone is another than the settings say: calls lie under the next month."""
    options = Options(
        first_day=datetime(2026, 11, 1, tzinfo=UTC).date(),
        days=1, calls_per_day=2000, timezone="Europe/Athens",
    )  # fmt: skip
    with serving(options) as sandbox:
        edge = [
            c for c in sandbox.calls if c.version == 1 and (c.start.day, c.start.hour) == (31, 22)
        ]
        assert edge, "no call in the hour in question: take more calls or another seed"
        run = run_tap(config_for(sandbox, calls=[call.uuid for call in edge]))
        paths = [request.path for request in sandbox.requests]
    assert run.uuids == [call.uuid for call in edge]
    assert run.bookmark["pending"] == []
    assert {path[:12] for path in paths} == {"/cdr/2026/10", "/cdr/2026/11"}


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".ndjson", ".txt"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_a_list_of_calls_is_read_from_a_file_of_each_form(
    run_tap: Runner,
    tmp_path: Path,
    suffix: str,
    packed: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    with serving(SMALL) as sandbox:
        calls = [call for call in sandbox.calls if call.version == 1 or suffix != ".txt"]
        path = tmp_path / f"calls{suffix}"
        write_list(path, [(call.uuid, call.year, call.month) for call in calls])
        if packed:
            path = tmp_path / f"calls{suffix}.gz"
            path.write_bytes(gzip.compress((tmp_path / f"calls{suffix}").read_bytes()))
        first = list(sandbox.calls)[-1]
        run = run_tap(config_for(sandbox, calls=[entries(sandbox)[-1]], calls_file=str(path)))
    assert run.uuids == [first.uuid, *(call.uuid for call in calls)]


def write_list(path: Path, calls: list[tuple[str, str, str]]) -> None:
    """Write a list of calls in the form that the file's suffix names."""
    with path.open("w", newline="") as file:
        if path.suffix == ".csv":
            csv.writer(file).writerows([("month", "agent", "uuid", "year")])
            csv.writer(file).writerows((month, "x", uuid, year) for uuid, year, month in calls)
        elif path.suffix == ".txt":
            file.writelines(f"{uuid}\n" for uuid, _, _ in calls)
        else:
            file.writelines(
                json.dumps({"uuid": uuid, "year": year, "month": int(month), "create_time": "x"})
                + "\n"
                for uuid, year, month in calls
            )


def test_a_list_that_cannot_be_read_is_one_clear_message_before_anything_is_requested(
    run_tap: Runner,
) -> None:
    with serving(SMALL) as sandbox:
        before = run_tap(config_for(sandbox, calls=entries(sandbox)[:3]))
        asked = len(sandbox.requests)
        config = config_for(sandbox, calls_file="missing.csv", calls=entries(sandbox)[:5])
        run = run_tap(config, before.state)
        assert len(sandbox.requests) == asked
    assert run.status == 1
    assert run.records == []
    assert run.states == [before.state]
    assert run.errors == [
        "calls_file: missing.csv cannot be read from the beginning: there is no such file"
    ]
    assert "Traceback" not in run.log


def test_an_answer_that_names_another_call_is_loaded_and_the_call_asked_for_stays_pending(
    run_tap: Runner,
) -> None:
    with serving(SMALL) as sandbox:
        asked = list(sandbox.calls)[7]
    with serving(Options(days=1, calls_per_day=40, force={asked.uuid: ["other-call"]})) as sandbox:
        config = config_for(sandbox, calls=entries(sandbox)[5:10])
        run = run_tap(config)
        again = run_tap(config, run.state)
        uuids = [entry["uuid"] for entry in config["calls"]]
    (other,) = set(run.uuids) - set(uuids) or {run.uuids[2]}
    assert run.uuids == [*uuids[:2], other, *uuids[3:]]
    assert [entry["uuid"] for entry in run.bookmark["pending"]] == [asked.uuid]
    warning = next(line for line in run.log.splitlines() if "WARNING" in line)
    assert asked.uuid in warning
    assert other in warning
    assert again.uuids == [asked.uuid]


@pytest.mark.parametrize("place", [0, 3, -1], ids=["first", "fourth", "last"])
def test_a_call_that_always_fails_does_not_hold_up_the_others(run_tap: Runner, place: int) -> None:
    with serving(SMALL) as sandbox:
        broken = list(sandbox.calls)[place]
    with serving(Options(days=1, calls_per_day=40, force={broken.uuid: ["500*"]})) as sandbox:
        run = run_tap(config_for(sandbox, max_tries=2))
        uuids = [call.uuid for call in sandbox.calls if call.uuid != broken.uuid]
    assert run.status == 1
    assert run.errors == ["cdr: left 1 call without an answer"]
    assert run.uuids == uuids
    assert [entry["uuid"] for entry in run.bookmark["pending"]] == [broken.uuid]


def test_a_server_that_fails_for_good_ends_the_run_with_a_true_state_and_the_next_goes_on(
    run_tap: Runner,
) -> None:
    def answer(_: str) -> tuple[int, dict[str, str], bytes]:
        """Answer a dozen requests, then none."""
        if len(failing.seen) > 12:
            return 503, {"Retry-After": "0"}, b""
        uuid = failing.seen[-1][1].rsplit("/", 1)[1]
        return 200, {}, json.dumps({"response": {"uuid": uuid}, "errors": []}).encode()

    with serving(SMALL) as sandbox, server(answer) as failing:
        calls = list(sandbox.calls)
        config = config_for(sandbox, max_tries=2, max_concurrency=1)
        first = run_tap({**config, "api_url": failing.url})
        second = run_tap(config, first.state)
    assert first.status == 1
    assert "does not answer /cdr/" in first.log
    assert "Traceback" not in first.log
    assert first.uuids == [call.uuid for call in calls[:12]]
    assert sorted(first.uuids + second.uuids) == sorted(call.uuid for call in calls)
    # A few calls in a row could have failed alone; the run goes past them, and they are not lost.
    assert first.bookmark["position"]["calls"] == 22
    assert all(entry["failed"] for entry in first.bookmark["pending"])


@pytest.mark.parametrize(("broken", "workers"), [(range(12), 8), (range(5), 1), (range(20, 45), 8)])
def test_a_block_of_calls_that_always_fail_does_not_hold_up_those_behind_it_for_good(
    run_tap: Runner, broken: range, workers: int
) -> None:
    options = Options(days=1, calls_per_day=60)
    with serving(options) as sandbox:
        failing = {list(sandbox.calls)[index].uuid for index in broken}
    force = {uuid: ["500*"] for uuid in failing}
    loaded: list[str] = []
    state: dict[str, Any] | None = None
    with serving(Options(days=1, calls_per_day=60, force=force)) as sandbox:
        config = config_for(sandbox, max_tries=1, max_concurrency=workers)
        for _ in range(5):
            run = run_tap(config, state)
            state = run.state
            loaded += run.uuids
        assert sorted(loaded) == sorted(c.uuid for c in sandbox.calls if c.uuid not in failing)
    assert {entry["uuid"] for entry in run.bookmark["pending"]} == failing


def test_a_uuid_that_the_list_has_under_two_months_is_asked_for_under_both(run_tap: Runner) -> None:
    with serving(LATE) as sandbox:
        right = entries(sandbox)
        doubled = [each for call in right for each in (call, {**call, "month": "12"})]
        config = config_for(sandbox, calls=doubled, max_attempts=3)
        first = run_tap(config)
        second = run_tap(config, first.state)
    # A uuid that tells its month is looked for there as well, and comes once more.
    assert {*first.uuids, *second.uuids} == {call["uuid"] for call in right}
    assert second.bookmark["pending"] == []
    assert first.status == second.status == 0


def waiting(call: dict[str, str]) -> dict[str, Any]:
    """Return a pending entry of the state whose next attempt has come."""
    return {**call, "attempts": 1, "last_attempt": "2026-01-01T00:00:00+00:00"}


def test_a_pending_call_that_fails_is_not_asked_for_again_in_the_same_run(run_tap: Runner) -> None:
    options = Options(days=1, calls_per_day=700)
    with serving(options) as sandbox:
        call = entries(sandbox)[0]
    force = {call["uuid"]: ["500*"]}
    with serving(Options(days=1, calls_per_day=700, force=force)) as sandbox:
        state = {"bookmarks": {"cdr": {"pending": [waiting(call)]}}}
        run_tap(config_for(sandbox, calls=entries(sandbox)[1:], max_tries=1), state)
        asked = [r.path for r in sandbox.requests if r.path.endswith(call["uuid"])]
    assert len(asked) == 1


def test_a_pending_call_that_is_loaded_under_another_month_is_not_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tap_vcclive.cdr.run._AHEAD", 1)
    with serving(SMALL) as sandbox:
        one, other = entries(sandbox)[:2]
        pending = [waiting(one), waiting(other), waiting({**one, "month": "12"})]
        config = config_for(sandbox, calls=[])
        state = {"bookmarks": {"cdr": {"pending": pending}}}
        TapVCCLive(
            config=config, catalog=selecting(CALLS), state=state, parse_env_config=False
        ).sync_all()
        assert len(sandbox.requests) == 2
    bookmark = last_state(capsys.readouterr().out)["bookmarks"]["cdr"]
    assert bookmark["pending"] == []


def test_states_are_written_when_no_call_is_registered_too(run_tap: Runner) -> None:
    with serving(Options(days=1, calls_per_day=800, never_rate=1)) as sandbox:
        run = run_tap(config_for(sandbox))
    positions = [s["bookmarks"]["cdr"]["position"]["calls"] for s in run.states]
    assert positions == [250, 500, 750, 800]


def test_a_fault_now_and_then_does_not_make_a_run_crawl(run_tap: Runner) -> None:
    faults = Faults(rates={"503": 0.03, "429": 0.03}, retry_after_seconds=0)
    with serving(Options(days=3, calls_per_day=500, faults=faults)) as sandbox:
        run = run_tap(config_for(sandbox))  # a run that crawls is ended by the limit of Runner
        assert len(run.uuids) == len(sandbox.calls)


def test_calls_all_arrive_once_and_in_order_through_one_fault_in_ten_requests(
    run_tap: Runner,
) -> None:
    kinds = ("429", "500", "502", "503", "drop", "half", "json", "html", "bare", "no-response")
    faults = Faults(rates=dict.fromkeys(kinds, 0.01), retry_after_seconds=0)
    with serving(Options(days=6, calls_per_day=950, faults=faults)) as sandbox:
        calls = [call.uuid for call in sandbox.calls]
        run = run_tap(config_for(sandbox, max_concurrency=32))
        requests = len(sandbox.requests)
    assert len(calls) >= 5000
    assert run.uuids == calls
    assert run.bookmark["pending"] == []
    assert len(calls) * 1.05 < requests <= len(calls) * 1.3


@pytest.mark.parametrize("count", [1, 40])
def test_a_server_that_is_down_ends_the_run_with_one_clear_line(
    run_tap: Runner, count: int
) -> None:
    with serving(SMALL) as sandbox:
        config = config_for(sandbox, calls=entries(sandbox)[:count], max_tries=2)
        down = run_tap({**config, "api_url": "http://127.0.0.1:1/v2"})
        up = run_tap(config, down.state)
    assert down.status == 1
    (error,) = down.errors
    assert "the connection to 127.0.0.1 was refused, after 2 tries" in error
    assert "WARNING" not in down.log
    assert down.records == []
    assert len(up.records) == count


@pytest.mark.parametrize(
    "maps", [{"cdr": {"uuid": "__NULL__"}}, {"cdr": {"source": "md5(source"}}], ids=str
)
def test_stream_maps_that_cannot_be_are_refused_with_a_line(
    run_tap: Runner, maps: dict[str, Any]
) -> None:
    with serving(SMALL) as sandbox:
        run = run_tap(config_for(sandbox, stream_maps=maps))
        assert sandbox.requests == []
    assert run.status == 1
    assert run.errors[0].startswith("stream_maps")
    assert "Traceback" not in run.log


def test_a_mistake_of_the_taps_own_shows_where_it_is_and_no_value(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Values, cdr: dict[str, Any], __: object) -> dict[str, Any]:
        raise KeyError(cdr["destination"])

    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(Values, "record", fail)
    with serving(SMALL) as sandbox:
        monkeypatch.setattr(TapVCCLive, "is_unfinished", False)
        TapVCCLive(
            config=config_for(sandbox), catalog=selecting(CALLS), parse_env_config=False
        ).sync_all()
        assert TapVCCLive.is_unfinished
        numbers = {str(call.cdr()["destination"]) for call in sandbox.calls}
    (line,) = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert "KeyError in fail:" in line
    assert not [number for number in numbers if number in caplog.text]


def test_a_call_whose_month_is_put_right_in_the_list_is_asked_for_under_it(run_tap: Runner) -> None:
    with serving(SMALL) as sandbox:
        right = [
            entry for call, entry in zip(sandbox.calls, entries(sandbox), strict=True)
            if call.version == 4
        ]  # fmt: skip
        wrong = [{**right[0], "month": "12"}, *right[1:]]
        first = run_tap(config_for(sandbox, calls=wrong))
        second = run_tap(config_for(sandbox, calls=right), first.state)
    assert [entry["month"] for entry in first.bookmark["pending"]] == ["12"]
    assert right[0]["uuid"] in second.uuids
    assert second.bookmark["pending"] == []


def test_a_call_that_the_list_names_twice_has_one_attempt_a_run(run_tap: Runner) -> None:
    with serving(Options(days=1, calls_per_day=5, never_rate=1)) as sandbox:
        run = run_tap(config_for(sandbox, calls=entries(sandbox)[:1] * 5, max_attempts=2))
    assert [entry["attempts"] for entry in run.bookmark["pending"]] == [1]
    assert run.bookmark["missing"] == []


def test_the_rest_of_a_list_waits_while_too_many_calls_are_pending(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tap_vcclive.cdr.queue.MOST_PENDING", 30)
    monkeypatch.setattr("tap_vcclive.cdr.run._AHEAD", 8)
    with serving(Options(days=1, calls_per_day=300, never_rate=0.5)) as sandbox:
        TapVCCLive(
            config=config_for(sandbox, max_concurrency=1),
            catalog=selecting(CALLS),
            parse_env_config=False,
        ).sync_all()
        bookmark = last_state(capsys.readouterr().out)["bookmarks"]["cdr"]
    assert 30 <= len(bookmark["pending"]) < 50
    assert bookmark["position"]["calls"] < 150


def test_a_wrong_key_ends_the_run_at_once_and_names_the_three_causes(run_tap: Runner) -> None:
    with serving(Options(api_key="another")) as sandbox:
        config = config_for(
            sandbox, api_key="sandbox-key", max_concurrency=2, start_date="2026-11-16",
            calls=entries(sandbox),
        )  # fmt: skip
        run = run_tap(config)
        assert len(sandbox.requests) <= 2
    assert run.status == 1
    assert run.records == []
    (error,) = run.errors
    for cause in ("the API key is wrong", "not registered with the key", "may not read"):
        assert cause in error


def test_a_key_that_may_not_read_calls_ends_the_stream_with_one_line(run_tap: Runner) -> None:
    with serving(Options(forbidden="/cdr/", calls_per_day=250)) as sandbox:
        run = run_tap(config_for(sandbox))
        assert len(sandbox.requests) < len(sandbox.calls) / 2  # of a hundred, and those ahead
    assert run.status == 1
    assert run.records == []
    (error,) = run.errors
    assert error.startswith("VCC Live refuses /cdr/2026/11/")
    for cause in ("may not read this resource", "not registered with the key", "asked for next"):
        assert cause in error
    assert "WARNING" not in run.log


def test_without_calls_to_fetch_there_is_one_line_and_the_schema_only(run_tap: Runner) -> None:
    with serving(SMALL) as sandbox:
        run = run_tap(config_for(sandbox, calls=[]))
        assert sandbox.requests == []
    assert [(m["type"], m["stream"]) for m in run.messages] == [
        ("SCHEMA", "cdr"),
        ("SCHEMA", "cdr_log"),
    ]
    assert run.log.count("cdr: nothing to do") == 1
    assert run.log.count("cdr_log: nothing to do") == 1


@pytest.mark.parametrize(
    "bookmark",
    [
        {"position": {"calls": "ten", "digest": "x"}},
        {"position": 10},
        {"pending": [{"uuid": "x"}]},
        {"pending": {}},
        {"missing": [7]},
    ],
    ids=str,
)
def test_a_bookmark_that_is_none_is_refused_with_a_clear_line(
    run_tap: Runner, bookmark: dict[str, Any]
) -> None:
    with serving(SMALL) as sandbox:
        run = run_tap(config_for(sandbox), {"bookmarks": {"cdr": bookmark}})
        assert sandbox.requests == []
    assert run.status == 1
    assert "The state of the stream cdr" in run.log
    assert run.messages == []  # whoever has handed it in still has it
    assert "Traceback" not in run.log


def test_neither_key_nor_phone_numbers_stand_in_log_or_state(run_tap: Runner) -> None:
    faults = Faults(rates={"500": 0.05, "html": 0.05, "errors": 0.05, "other-call": 0.05})
    with serving(Options(days=1, calls_per_day=100, late_rate=0.1, faults=faults)) as sandbox:
        config = config_for(sandbox)
        run = run_tap(config, environment={"TAP_VCCLIVE_LOGLEVEL": "DEBUG"})
        cdrs = [call.cdr() for call in sandbox.calls]
    outside = run.log + json.dumps(run.states)
    assert "DEBUG" in run.log
    assert sandbox.api_key not in outside
    for cdr in cdrs:
        assert str(cdr["destination"]) not in outside
        assert str(cdr["source"]) not in outside or cdr["source"] == "0" * 10


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", "[" * 10**5, '{"cdr": {}}', '{"bookmarks": null}', '{"bookmarks": []}',
     '{"bookmarks": {"cdr": null}}', '{"bookmarks": {"cdr": [1]}}', '{"bookmarks": {"x": null}}',
     '{"bookmarks": {"cdr": {"partitions": []}}}',
     '{"bookmarks": {"cdr": {"replication_key": "updated_at"}}}',
     '{"bookmarks": {"cdr": {"replication_key_value": "2026-01-01"}}}',
     '{"bookmarks": {"cdr_log": {"replication_key_value": 5}}}',
     '{"bookmarks": {"cdr": {"36301234567": 1}}}',
     '{"bookmarks": {"cdr": {"position": {"calls": 0, "digest": "", "since": 1}}}}',
     '{"bookmarks": {"cdr": {"log": {"cursor": 1}}}}',
     '{"bookmarks": {"cdr_log": {"open_days": [{"day": "2026-01-01", "attempts": 1, "x": 1}]}}}'],
    ids=lambda text: text[:60],
)  # fmt: skip
def test_a_state_of_something_else_is_refused_with_a_clear_line(
    run_tap: Runner, tmp_path: Path, text: str
) -> None:
    (tmp_path / "odd.json").write_text(text)
    with serving(SMALL) as sandbox:
        config = config_for(sandbox, start_date="2026-11-16")
        run = run_tap(config, None, "--state", str(tmp_path / "odd.json"))
        assert sandbox.requests == []
    assert run.status == 1
    (error,) = run.errors
    assert error.startswith("The state ")
    assert " cannot be used: " in error
    assert "36301234567" not in run.log
    assert "Traceback" not in run.log


def test_all_that_is_wrong_with_a_state_is_told_at_once(run_tap: Runner) -> None:
    with serving(SMALL) as sandbox:
        state = {"bookmarks": {"cdr": {"missing": 5}, "cdr_log": {"last_day": 5}}}
        run = run_tap(config_for(sandbox), state)
        assert sandbox.requests == []
    assert [error.partition(" cannot")[0] for error in run.errors] == [
        "The state of the stream cdr",
        "The state of the stream cdr_log",
    ]


def test_a_state_cut_short_at_any_place_is_refused(run_tap: Runner, tmp_path: Path) -> None:
    with serving(Options(days=1, calls_per_day=5, late_rate=0.5)) as sandbox:
        config = config_for(sandbox)
        whole = json.dumps(run_tap(config).state)
        asked = len(sandbox.requests)
        for length in range(1, len(whole), len(whole) // 6):
            (tmp_path / "cut.json").write_text(whole[:length])
            run = run_tap(config, None, "--state", str(tmp_path / "cut.json"))
            assert run.status == 1
            assert len(run.errors) == 1
        assert len(sandbox.requests) == asked


def test_the_state_of_a_stream_that_is_not_known_is_handed_on(run_tap: Runner) -> None:
    with serving(SMALL) as sandbox:
        other = {"cursor": [1, 2]}
        run = run_tap(config_for(sandbox), {"bookmarks": {"quotas": other}})
    assert run.status == 0
    assert run.state["bookmarks"]["quotas"] == other


def test_a_stream_map_that_fails_ends_the_run_without_repeating_values(run_tap: Runner) -> None:
    maps = {"cdr": {"userid": "int('a' + destination)"}}
    with serving(SMALL) as sandbox:
        run = run_tap(config_for(sandbox, stream_maps=maps))
        numbers = {str(call.cdr()["destination"]) for call in sandbox.calls}
    assert run.status == 1
    assert run.errors == ["stream_maps[cdr][userid]: ValueError, on a record of cdr"]
    assert not [number for number in numbers if number in run.log]
