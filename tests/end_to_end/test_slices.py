"""A backfill in slices: each run ends by itself, its state is stored, the next one goes on there.

With the real Meltano and targets, in a project like this one whose tap has a time of its own: its
minutes are over when it has made a number of records.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import pytest
import yaml

from demo.meltano import PROJECT, Meltano, MeltanoError
from tests.end_to_end.conftest import WatchedMeltano
from tests.runs import log_config_for
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.end_to_end.conftest import Pipelines
    from vcclive_sandbox.server import RunningSandbox

CENTRE = Options(first_day=date(2024, 3, 4), days=4, calls_per_day=20)

TAP = f"""#!{sys.executable}
import itertools, os, sys
sys.path.insert(0, {str(PROJECT)!r})
from tap_vcclive import clock
from tap_vcclive.__main__ import main
from tap_vcclive.values.record import Values
alarms, numbers, record = [], itertools.count(1), Values.record
def noting(*arguments):
    if next(numbers) == int(os.environ["SLICE"]):
        for go_off in alarms:
            go_off()
    return record(*arguments)
Values.record = noting
clock.later = lambda seconds, do: alarms.append(do)
main()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the plugins of this one, where they are."""
    folder = tmp_path / "project"
    folder.mkdir()
    meltano = yaml.safe_load((PROJECT / "meltano.yml").read_text())
    for kind, plugins in meltano["plugins"].items():
        for plugin in plugins:
            name = plugin["name"]
            installed = PROJECT / ".meltano" / kind / name / "venv/bin" / name
            if kind == "extractors":
                installed = folder / name
                installed.write_text(TAP)
                installed.chmod(0o700)
            elif not installed.exists():
                Meltano(tmp_path, {}).install(name)
            del plugin["pip_url"]
            plugin["executable"] = str(installed)
    (folder / "meltano.yml").write_text(yaml.safe_dump(meltano))
    return folder


class Slices:
    """Runs of the real Meltano that share one state."""

    def __init__(self, pipelines: Pipelines, project: Path, target: str) -> None:
        """Begin without a state."""
        self._pipelines = pipelines
        self._project = project
        self._target = target

    def run(self, sandbox: RunningSandbox, records: int, **settings: str) -> str:
        """Run with a minute that is over after so many records; return the log."""
        config = log_config_for(sandbox, lookback_days=0, stop_after_minutes=1, max_concurrency=1)
        variables = {f"TAP_VCCLIVE_{name.upper()}": str(value) for name, value in config.items()}
        meltano = WatchedMeltano(
            self._pipelines.folder,
            {
                **variables,
                "TARGET_POSTGRES_SQLALCHEMY_URL": self._pipelines.database.sqlalchemy_url,
                "TARGET_JSONL_DESTINATION_PATH": str(self._pipelines.files),
                "SLICE": str(records),
                **settings,
            },
            self._project,
        )
        return meltano.run("tap-vcclive", self._target)


def asked_since(sandbox: RunningSandbox, number: int) -> Iterator[str]:
    """Yield the last part of each path that a sandbox was asked for since a number of requests."""
    asked = (request.path for request in sandbox.requests[number:])
    return (path.rpartition("/")[2] for path in asked if path.startswith("/cdr"))


def test_slices_into_postgres_leave_each_call_once(pipelines: Pipelines, project: Path) -> None:
    slices = Slices(pipelines, project, "target-postgres")
    with serving(CENTRE) as sandbox:
        calls = [call.uuid for call in sandbox.calls]
        listed = {"TAP_VCCLIVE_CALLS_FILE": str(pipelines.calls_file(sandbox))}
        log = slices.run(sandbox, 50, **listed)
        assert "The minutes of stop_after_minutes are over: left 30 calls of the list" in log
        assert "cdr_log: had no turn" in log
        number = len(sandbox.requests)
        log = slices.run(sandbox, 30 + 30, **listed)
        assert "The minutes of stop_after_minutes are over: left 3 days of the log" in log
        assert set(calls[:50]).isdisjoint(asked_since(sandbox, number))
        number = len(sandbox.requests)
        log = slices.run(sandbox, 10_000, **listed)
        assert "stop_after_minutes" not in log
        assert set(calls).isdisjoint(asked_since(sandbox, number))
        days = {path.partition("?")[0] for path in asked_since(sandbox, number)}
        assert days == {"04", "05", "06", "07"}  # looks back to the last one that was read
    for stream in ("cdr", "cdr_log"):
        rows = pipelines.database.rows(f"SELECT uuid FROM vcclive_sandbox.{stream}")  # noqa: S608 - a name of this test
        assert Counter(uuid for (uuid,) in rows) == Counter(calls)


def test_slices_into_files_go_on_in_both_streams_though_one_has_failed(
    pipelines: Pipelines, project: Path
) -> None:
    """The first run ends with status 1 for a list that lacks, and in the middle of the log."""
    slices = Slices(pipelines, project, "target-jsonl")
    with serving(CENTRE) as sandbox:
        days = {call.uuid: call.day for call in sandbox.calls}
        path = pipelines.calls_file(sandbox)
        listed = {"TAP_VCCLIVE_CALLS_FILE": str(path)}
        with pytest.raises(MeltanoError, match="ended with status 1") as caught:
            slices.run(sandbox, 30, TAP_VCCLIVE_CALLS_FILE=str(path.with_name("missing.csv")))
        assert "missing.csv cannot be read" in str(caught.value)
        number = len(sandbox.requests)
        slices.run(sandbox, 10_000, **listed)
        asked = [one for one in asked_since(sandbox, number) if one in days]
        assert asked == list(days)
    for stream, times in (("cdr", 1), ("cdr_log", 2)):
        lines = (pipelines.files / f"{stream}.jsonl").read_text(encoding="utf-8").splitlines()
        counts = Counter(json.loads(line)["uuid"] for line in lines)
        assert counts.keys() == days.keys()
        # Read again are the day looked back to, and the one that the first run ended in.
        assert max(counts.values()) == times
        assert sum(counts.values()) <= times * len(days)
