"""The pieces of the benchmark run; how fast anything is, is not looked at."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from benchmarks import calls, processes, report
from benchmarks.bench import Bench
from benchmarks.cdrs import Answers
from benchmarks.contenders.registry import BENCH_PYTHON, CONTENDERS, TAP
from benchmarks.contenders.work import Work
from benchmarks.measurements import ceiling, politeness, records, restart
from benchmarks.results import Figure, Section
from benchmarks.sizes import Sizes
from tap_vcclive.calls.call import instant_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.contenders.registry import Contender

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
)


@pytest.fixture(scope="module")
def server() -> Iterator[processes.Server]:
    with processes.serving() as running:
        yield running


@pytest.fixture
def bench(server: processes.Server, tmp_path: Path) -> Bench:
    return Bench(server, tmp_path, TINY)


def uuids() -> list[str]:
    return [entry.uuid for entry in calls.entries(COUNT)]


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
    assert sorted(written_in(output, work.folder)) == sorted(uuids())


def written_in(output: Path, folder: Path) -> list[str]:
    """Return the uuids of the records that a contender wrote; dlt writes to files of its own."""
    files = [gzip.decompress(file.read_bytes()).decode() for file in folder.rglob("cdr.*.gz")]
    lines = [line for line in output.read_text().splitlines() if '"RECORD"' in line]
    return re.findall(r'"uuid": ?"([0-9a-f-]{36})"', "\n".join([*lines, *files]))


def test_a_process_that_fails_is_no_result() -> None:
    with pytest.raises(processes.FailedError):
        processes.run(["false"])


def test_a_trial_counts_each_call_once(bench: Bench) -> None:
    trial = bench.trial(TAP, COUNT, one_core=True)
    assert trial.counts.requests == COUNT
    assert trial.net > 0
    assert trial.ran.rss > 0


def test_a_restart_asks_for_nothing(bench: Bench) -> None:
    figures = {figure.what: figure for figure in restart.measure(bench).figures}
    assert figures["Requests of that run"].figure == "0"


def test_records_are_written_without_a_server(bench: Bench) -> None:
    (figure,) = records.measure(bench).figures
    assert float(figure.figure.replace(",", "")) > 0


def test_politeness_and_the_ceiling_are_counted(bench: Bench) -> None:
    assert len(politeness.measure(bench).figures) == 2
    assert "requests a second" in ceiling.measure(bench).text


def test_the_results_are_a_document() -> None:
    section = Section(
        "Growth",
        "How it was measured.",
        (Figure("cost", "<= 1.1", "1.02", True), Figure("memory", "<= 20 MB", "21 MB", False)),  # noqa: FBT003 - verdicts
        ("calls", "seconds"),
        (("2,000", "1.0"),),
    )
    text = report.markdown(["Python: 3"], CONTENDERS, [section])
    assert "| cost | <= 1.1 | 1.02 | met |\n| memory | <= 20 MB | 21 MB | **missed** |" in text
    assert "| calls | seconds |\n| --- | --- |\n| 2,000 | 1.0 |" in text
    for contender in CONTENDERS:
        assert contender.name in text


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
