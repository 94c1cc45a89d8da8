"""The command line: it serves what it lists, and ends when told to."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
import requests
from click.testing import CliRunner

from tests.sandbox.clients import PATIENCE
from vcclive_sandbox import example
from vcclive_sandbox.__main__ import main
from vcclive_sandbox.calls import Calls
from vcclive_sandbox.fault_names import FAULTS
from vcclive_sandbox.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

SIZE = ("--days", "2", "--calls-per-day", "40", "--seed", "7")
CALLS = Calls(Options(days=2, calls_per_day=40, seed=7))
COMMAND = (sys.executable, "-m", "vcclive_sandbox")


def listed(*arguments: str) -> list[str]:
    result = CliRunner().invoke(main, ["calls", *SIZE, *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output.splitlines()


def started(*arguments: str) -> AbstractContextManager[subprocess.Popen[str]]:
    return subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *SIZE, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_csv() -> None:
    lines = listed()
    assert lines[0] == "uuid,year,month"
    rows = list(csv.DictReader(lines))
    assert rows == [{"uuid": c.uuid, "year": c.year, "month": c.month} for c in CALLS]


def test_jsonl_looks_like_a_log_of_webhooks() -> None:
    lines = listed("--format", "jsonl")
    assert set(lines[1::2]) == {""}
    events = [json.loads(line) for line in lines[::2]]
    webhooks = [event for event in (e.get("data", e) for e in events) if "uuid" in event]
    assert len(webhooks) < len(events)
    assert not [event for event in events if event.keys() & {"year", "month"}]
    started = [webhook for webhook in webhooks if "call_start_time" in webhook]
    assert 0 < len(started) < len(webhooks)
    for webhook, call in zip(webhooks, CALLS, strict=True):
        cdr = call.cdr()
        assert webhook["uuid"] == call.uuid
        assert webhook.get("call_start_time", cdr["start_ts"]) == cdr["start_ts"]
        for name in ("projectid", "numberid", "userid", "source", "destination"):
            assert webhook[name] == cdr[name]
        assert webhook["direction"] == {"inbound": "in", "outbound": "out"}[str(cdr["direction"])]
        day, _, time_of_day = webhook["create_time"].partition(" ")
        assert webhook["timestamp"] == f"{day}T{time_of_day.replace('-', ':')}+01:00"


def test_a_list_can_grow_in_a_file_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "hooks.jsonl"
    for _ in range(2):
        assert listed("--format", "jsonl", "--append", str(path), "--pause-ms", "0.01") == []
    assert path.read_text(encoding="utf-8").splitlines() == listed("--format", "jsonl") * 2


def test_txt_has_version_1_uuids_only() -> None:
    uuids = [call.uuid for call in CALLS if call.version == 1]
    assert listed("--format", "txt") == uuids
    assert len(uuids) < len(CALLS)


@pytest.mark.parametrize("form", ["csv", "jsonl", "txt"])
def test_the_example_is_listed_on_request_only(form: str) -> None:
    without, with_it = listed("--format", form), listed("--format", form, "--with-example")
    assert [line for line in with_it if line and line not in without] == [
        line for line in with_it if example.UUID in line
    ]
    assert len(with_it) == len(without) + (2 if form == "jsonl" else 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--fault", "500"],
        ["serve", "--fault", "500=x"],
        ["serve", "--fault", "418=0.5"],
        ["serve", "--fault", "500=1.5"],
        ["serve", "--fault", "certificate=0.1"],
        ["serve", "--force", "500*"],
        ["serve", "--force", "/cdrs/2026/11/17=418"],
        ["serve", "--keep-alive-requests", "0"],
        ["serve", "--host", "0.0.0.0"],  # noqa: S104 - it is refused
        ["serve", "--numbers", "roman"],
        ["serve", "--log-order", "random"],
        ["serve", "--growing", "-1"],
        ["serve", "--hidden-rate", "1.5"],
        ["serve", "--timezone", "Nowhere"],
        ["calls", "--timezone", "Nowhere"],
        ["calls", "--first-day", "yesterday"],
    ],
)
def test_bad_options_are_usage_errors(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "Error: " in result.output


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_what_it_lists_and_ends_at_once(name: signal.Signals) -> None:
    arguments = ("--numbers", "text", "--fault", "slow=1", "--slow-seconds", "0.1")
    with started(*arguments) as process:
        api_url = address(process)
        assert api_url.startswith("http://127.0.0.1:")
        assert api_url.endswith("/v2")
        uuid, year, month = listed()[1].split(",")
        url = f"{api_url}/cdr/{year}/{month}/{uuid}"
        begin = time.monotonic()
        answer = requests.get(url, auth=("sandbox", "sandbox-key"), timeout=PATIENCE).json()
        assert time.monotonic() - begin >= 0.1
        assert answer["response"]["uuid"] == uuid
        assert answer["response"]["talktime"].isdigit()
        process.send_signal(name)
        rest, errors = process.communicate(timeout=PATIENCE)
        assert (process.returncode, rest, errors) == (0, "", "")


@pytest.mark.parametrize(
    "option",
    [
        "--log-order [oldest|newest|moving]",
        "--log-day [start|utc|overlap]",
        "--empty-day [rows|404|404-plain|410|204|empty-body|null|empty-list|empty-object|false]",
        "--past-end [empty|error|404|errors]",
        "--unknown-project [rows|404|403|400|errors]",
        "--uuid-form [plain|upper|bare|braces|urn]",
        "--uuid-name [uuid|UUID]",
        "--rows-shape [list|object]",
        "--keep-alive-requests INTEGER RANGE",
        "--repeats [none|counted|uncounted]",
        "--totals [number|text|missing|alternating]",
        "--growing INTEGER RANGE",
        "--hidden-rate FLOAT RANGE",
    ],
)
def test_every_switch_of_the_log_is_an_option(option: str) -> None:
    assert option in CliRunner().invoke(main, ["serve", "--help"]).output


def test_every_fault_is_an_option() -> None:
    output = "".join(CliRunner().invoke(main, ["serve", "--help"]).output.split())
    for name, text in FAULTS.items():
        assert "".join(f"{name} {text}".split()) in output
    assert "--outage-seconds" in output
    assert "--ca-file" in output


def test_it_serves_https_with_a_certificate_that_can_be_trusted(tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    with started("--ca-file", str(ca_file)) as process:
        api_url = address(process)
        assert api_url.startswith("https://127.0.0.1:")
        url = f"{api_url}/cdrs/2026/11/17"
        assert requests.get(url, verify=str(ca_file), timeout=PATIENCE).status_code == 401
        process.terminate()
        rest, errors = process.communicate(timeout=PATIENCE)
        assert (process.returncode, rest, errors) == (0, "", "")


def test_a_ca_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    place = str(tmp_path / "no" / "ca.pem")
    result = CliRunner().invoke(main, ["serve", "--port", "0", "--ca-file", place, *SIZE])
    assert result.exit_code == 1
    assert f"Error: cannot write {place}: No such file or directory" in result.output


def test_the_log_is_as_the_options_say() -> None:
    arguments = ("--log-order", "newest", "--totals", "missing", "--growing", "2")
    with started(*arguments) as process:
        url = f"{address(process)}/cdrs/2026/11/17?num=1"
        pages = [
            requests.get(url, auth=("sandbox", "sandbox-key"), timeout=PATIENCE).json()["response"]
            for _ in range(3)
        ]
        process.terminate()
        process.communicate(timeout=PATIENCE)
    assert [page["rows"][0]["uuid"] for page in pages] == [call.uuid for call in CALLS[-3:]]
    assert all(list(page) == ["rows"] for page in pages)


def test_faults_are_forced_by_path() -> None:
    forced = ("/cdrs/2026/11/17?projectid=3=404,null", "/cdrs/2026/11/16=500*")
    with started(*(part for one in forced for part in ("--force", one))) as process:
        url = address(process)

        def status(path: str) -> int:
            auth = ("sandbox", "sandbox-key")
            return requests.get(
                f"{url}/cdrs/2026/11/{path}", auth=auth, timeout=PATIENCE
            ).status_code

        assert [status("16") for _ in range(3)] == [500] * 3
        assert [status("17?projectid=3&start=0") for _ in range(3)] == [404, 200, 200]
        assert status("17") == 200
        process.terminate()
        process.communicate(timeout=PATIENCE)


def test_it_does_not_wait_for_slow_answers_at_its_end() -> None:
    def ask(url: str) -> None:
        with pytest.raises(requests.ConnectionError):
            requests.get(url, auth=("sandbox", "sandbox-key"), timeout=600)

    with started("--latency-ms", "600000") as process:
        thread = threading.Thread(target=ask, args=(address(process),))
        thread.start()
        time.sleep(0.3)
        process.terminate()
        rest, errors = process.communicate(timeout=PATIENCE)
        thread.join(PATIENCE)
        assert (process.returncode, rest, errors) == (0, "", "")


def test_a_port_in_use_is_said() -> None:
    with started() as process:
        port = address(process).split(":")[2].removesuffix("/v2")
        result = CliRunner().invoke(main, ["serve", "--port", port, *SIZE])
        process.terminate()
    assert result.exit_code == 1
    assert "cannot open the port" in result.output


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Give back the signal handlers that the command sets in this process."""
    handlers = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    yield
    for name, handler in handlers.items():
        signal.signal(name, handler)
