"""The pieces of the benchmark run; how fast anything is, is not looked at."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from benchmarks import calls, processes, report, written
from benchmarks.bench import Bench, Conditions
from benchmarks.call_log import FIRST_DAY, LARGEST_PAGE, CallLog
from benchmarks.cdrs import Answers
from benchmarks.contenders.contender import BENCH_PYTHON, Contender, installed
from benchmarks.contenders.log_registry import LOG_CONTENDERS
from benchmarks.contenders.registry import CONTENDERS, TAP
from benchmarks.contenders.work import Work
from benchmarks.measurements import call_log, ceiling, politeness, records, restart
from benchmarks.results import Figure, Section
from benchmarks.sizes import Sizes
from benchmarks.tasks import CallByCall, DayByDay
from tap_vcclive.calls.uuids import instant_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from benchmarks.tasks import Task

COUNT = 40
TINY = Sizes(
    repeats=1,
    latency=0.01,
    concurrency=4,
    listed=COUNT,
    answers=COUNT,
    in_flight_calls=COUNT,
    paces=((60_000, COUNT),),
    ceiling_requests=COUNT,
    log_days=2,
    log_calls_per_day=COUNT,
    log_latency=0.01,
    log_concurrency=4,
)
# Days of two pages, the second of them shorter, on both sides of a midnight.
LOG = CallLog(2, LARGEST_PAGE + COUNT)


@pytest.fixture(scope="module")
def server() -> Iterator[processes.Server]:
    with processes.serving() as running:
        yield running


@pytest.fixture
def bench(server: processes.Server, tmp_path: Path) -> Bench:
    return Bench(server, tmp_path, TINY)


def uuids() -> list[str]:
    return [entry.uuid for entry in calls.entries(COUNT)]


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def page_at(server: processes.Server, query: str, day: date = FIRST_DAY) -> Any:  # noqa: ANN401 - JSON
    with urlopen(f"{server.url}/cdrs/{day:%Y/%m/%d}{query}") as response:  # noqa: S310 - http
        return json.load(response)["response"]


def test_a_list_reads_as_it_was_written(tmp_path: Path) -> None:
    written = calls.write(tmp_path / "calls.csv", COUNT)
    assert [*calls.read(written)] == [*calls.entries(COUNT)]
    assert len(set(uuids())) == COUNT


def test_a_uuid_tells_its_second() -> None:
    for uuid in uuids():
        instant = instant_of(uuid)
        assert instant is not None
        assert calls.seconds_of(uuid) == int(instant.timestamp())


def test_answers_are_calls_with_timestamps_of_their_own() -> None:
    answers = Answers()
    cdrs = [json.loads(answers.body(uuid))["response"] for uuid in uuids()]
    assert [cdr["uuid"] for cdr in cdrs] == uuids()
    assert cdrs[0]["start_ts"] == "2026-03-02 07:00:00"
    assert len({cdr["start_ts"] for cdr in cdrs}) == COUNT
    # Both the calls that were answered and those that were not are among them.
    assert {"billing_ts" in cdr for cdr in cdrs} == {True, False}
    assert all(("billing_ts" in cdr) == ("billing_ts_utc" in cdr) for cdr in cdrs)


def test_the_server_answers_and_counts(server: processes.Server) -> None:
    server.reset(0.01)
    for uuid, year, month in calls.entries(3):
        with urlopen(f"{server.url}/cdr/{year}/{month}/{uuid}") as response:  # noqa: S310 - http
            assert json.load(response)["response"]["uuid"] == uuid
    counts = server.reset()
    assert (counts.requests, counts.in_flight, counts.most_in_flight) == (3, 0, 1)
    assert counts.latency >= 0.03
    assert server.reset().requests == 0


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)
def test_a_contender_writes_all_calls(
    contender: Contender, server: processes.Server, tmp_path: Path
) -> None:
    if not contender.is_installed:
        pytest.skip("only after `make bench`")
    (tmp_path / "work").mkdir()
    listed = calls.write(tmp_path / "calls.csv", COUNT)
    work = Work(server.url, listed, 4, tmp_path / "work")
    output = tmp_path / "output.jsonl"
    processes.run(contender.command(work), output)
    assert sorted(written.uuids(output, work.folder)) == sorted(uuids())


@pytest.mark.parametrize("contender", LOG_CONTENDERS, ids=lambda contender: contender.name)
def test_a_contender_writes_the_whole_log(
    contender: Contender, server: processes.Server, tmp_path: Path
) -> None:
    if not contender.is_installed:
        pytest.skip("only after `make bench`")
    (tmp_path / "work").mkdir()
    work = Work(server.url, LOG.write(tmp_path / "days.txt"), 4, tmp_path / "work")
    server.reset(log=LOG)
    output = tmp_path / "output.jsonl"
    processes.run(contender.command(work), output)
    assert server.reset().rows == 2 * LOG.calls_per_day
    logged = [uuid for number in range(2) for uuid in whole_day(LOG, day(number))]
    assert sorted(written.uuids(output, work.folder)) == sorted(logged)


def whole_day(log: CallLog, day: date) -> list[str]:
    starts = range(0, log.total(day), LARGEST_PAGE)
    return [uuid for start in starts for uuid in log.page(day, start, LARGEST_PAGE)]


def test_the_log_has_the_calls_of_each_day_once() -> None:
    days = [whole_day(LOG, day(number)) for number in range(-1, 3)]
    assert [len(of_day) for of_day in days] == [0, LOG.calls_per_day, LOG.calls_per_day, 0]
    assert len({uuid for of_day in days for uuid in of_day}) == 2 * LOG.calls_per_day
    assert LOG.page(FIRST_DAY, 0, 2 * LARGEST_PAGE) == days[1][:LARGEST_PAGE]


def test_the_server_serves_the_log(server: processes.Server) -> None:
    server.reset(log=LOG)
    first = page_at(server, "?start=0&num=500")
    assert first["totalCount"] == LOG.calls_per_day
    assert [row["uuid"] for row in first["rows"]] == LOG.page(FIRST_DAY, 0, 500)
    assert len({row["start_ts"] for row in first["rows"]}) == 500
    assert {row["start_ts"].partition(" ")[0] for row in first["rows"]} == {str(FIRST_DAY)}
    assert page_at(server, "")["rows"] == first["rows"][:10]
    assert page_at(server, "?start=500&num=500")["rows"][0]["start_ts"] > "2026-03-02 20"
    # A call is the same alone.
    last = first["rows"][-1]
    with urlopen(f"{server.url}/cdr/2026/03/{last['uuid']}") as response:  # noqa: S310 - http
        assert json.load(response)["response"] == last


def test_the_log_ends(server: processes.Server) -> None:
    server.reset(log=LOG)
    past_the_end = page_at(server, f"?start={LOG.calls_per_day}&num=500")
    assert past_the_end == {"rows": [], "totalCount": LOG.calls_per_day}
    assert page_at(server, "?start=0&num=500", day(2)) == {"rows": [], "totalCount": 0}
    assert server.reset().rows == 0
    assert page_at(server, "") == {"rows": [], "totalCount": 0}


def test_a_call_of_the_log_counts_once(server: processes.Server) -> None:
    server.reset(log=LOG)
    for query in ("?start=0&num=20", "?start=10&num=20", "?start=0&num=20"):
        page_at(server, query)
    counts = server.reset()
    assert (counts.requests, counts.rows) == (3, 30)


def test_a_process_that_fails_is_no_result() -> None:
    with pytest.raises(processes.FailedError):
        processes.run(["false"])


def test_a_trial_counts_each_call_once(bench: Bench) -> None:
    trial = bench.trial(TAP, CallByCall(COUNT), Conditions(one_core=True, counted=True))
    assert trial.counts.requests == COUNT
    assert trial.net > 0
    assert trial.ran.rss > 0


@pytest.mark.parametrize("task", [CallByCall(COUNT), DayByDay(LOG)], ids=["calls", "log"])
def test_who_asks_for_less_is_no_result(bench: Bench, task: Task) -> None:
    idle = Contender("idle", "", sys.executable, lambda _: ["true"])
    with pytest.raises(processes.FailedError, match="idle has not asked for all"):
        bench.trial(idle, task)


def test_who_writes_less_is_no_result(bench: Bench) -> None:
    code = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1])"
    (uuid,) = LOG.page(FIRST_DAY, 0, 1)
    silent = Contender(
        "silent",
        "",
        sys.executable,
        lambda work: [sys.executable, "-c", code, f"{work.url}/cdr/2026/03/{uuid}"],
    )
    with pytest.raises(processes.FailedError, match="silent wrote 0 of 1"):
        bench.trial(silent, CallByCall(1), Conditions(counted=True))


def test_a_restart_asks_for_nothing(bench: Bench) -> None:
    figures = {figure.what: figure for figure in restart.measure(bench).figures}
    assert figures["Requests of that run"].figure == "0"


def test_records_are_written_without_a_server(bench: Bench) -> None:
    (figure,) = records.measure(bench).figures
    assert float(figure.figure.replace(",", "")) > 0


def test_politeness_and_the_ceiling_are_counted(bench: Bench) -> None:
    assert len(politeness.measure(bench).figures) == 2
    assert "requests a second" in ceiling.measure(bench).text


def test_the_log_is_measured(bench: Bench) -> None:
    section = call_log.measure(bench)
    assert [row[0] for row in section.rows] == [c.name for c in installed(LOG_CONTENDERS)]
    assert len(section.figures) == len(section.rows) - 1


def test_the_results_are_a_document() -> None:
    section = Section(
        "Growth",
        "How it was measured.",
        (Figure("cost", "<= 1.1", "1.02", True), Figure("memory", "<= 20 MB", "21 MB", False)),  # noqa: FBT003 - verdicts
        ("calls", "seconds"),
        (("2,000", "1.0"),),
    )
    text = report.markdown(["Python: 3"], CONTENDERS, LOG_CONTENDERS, [section])
    assert "| cost | <= 1.1 | 1.02 | met |\n| memory | <= 20 MB | 21 MB | **missed** |" in text
    assert "| calls | seconds |\n| --- | --- |\n| 2,000 | 1.0 |" in text
    for contender in (*CONTENDERS, *LOG_CONTENDERS):
        assert f"| {contender.name} | {contender.settings} |" in text


@pytest.mark.skipif(not Path(BENCH_PYTHON).exists(), reason="only after `make bench`")
def test_the_plots_are_drawn(tmp_path: Path) -> None:
    curves = {"tap": [(1, 2.0), (10, 1.0)], "limit": [(1, 1.0), (10, 0.1)]}
    subprocess.run(
        [BENCH_PYTHON, "-m", "benchmarks.plots", tmp_path],
        cwd=Path(__file__).parents[1],
        input=json.dumps({"cost-per-call": curves, "time-against-concurrency": curves}),
        text=True,
        check=True,
    )
    assert "milliseconds a call" in (tmp_path / "cost-per-call.svg").read_text()
    assert "requests in flight" in (tmp_path / "time-against-concurrency.svg").read_text()
