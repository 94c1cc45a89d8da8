"""Runs the tap as a user does, by its command, and reads what it writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from tests import leaks
from tests.catalogs import CALLS, selecting
from tests.forks import started

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from vcclive_sandbox.server import RunningSandbox


# Settings that say which calls are fetched.
_SOURCES = {"calls", "calls_file", "start_date"}


@dataclass(frozen=True)
class Run:
    """What a run of the tap has written.

    Attributes:
        status: Exit status.
        messages: The Singer messages on stdout, in order.
        log: What stands on stderr.
    """

    status: int
    messages: list[dict[str, Any]]
    log: str

    def __post_init__(self) -> None:
        """Look for what must not stand outside of records."""
        leaks.check(self.log, leaks.check_messages(self.messages))

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records of calls, in order, of whichever stream."""
        of_calls = (m for m in self.messages if m.get("stream") in CALLS)
        return [m["record"] for m in of_calls if m["type"] == "RECORD"]

    def records_of(self, stream: str) -> list[dict[str, Any]]:
        """Return the records of a stream, in order."""
        of_stream = (m for m in self.messages if m.get("stream") == stream)
        return [m["record"] for m in of_stream if m["type"] == "RECORD"]

    @property
    def uuids(self) -> list[str]:
        """The uuids of the records of calls, in order."""
        return [record["uuid"] for record in self.records]

    @property
    def states(self) -> list[dict[str, Any]]:
        """The values of the STATE messages, in order."""
        return [m["value"] for m in self.messages if m["type"] == "STATE"]

    @property
    def state(self) -> dict[str, Any]:
        """The last STATE."""
        return self.states[-1]

    @property
    def bookmark(self) -> dict[str, Any]:
        """The state of the stream cdr."""
        bookmark: dict[str, Any] = self.state["bookmarks"]["cdr"]
        return bookmark

    @property
    def log_bookmark(self) -> dict[str, Any]:
        """The state of the stream cdr_log."""
        bookmark: dict[str, Any] = self.state["bookmarks"]["cdr_log"]
        return bookmark

    @property
    def errors(self) -> list[str]:
        """What the lines of the log say that are errors."""
        lines = [line for line in self.log.splitlines() if "| ERROR " in line]
        return [line.split("|")[-1].strip() for line in lines]


def config_for(sandbox: RunningSandbox, **settings: object) -> dict[str, Any]:
    """Return settings that point the tap at a sandbox and ask for all its calls.

    Pending calls are asked for again in every run, unless the settings say otherwise.
    """
    return {
        "customer": sandbox.customer,
        "api_key": sandbox.api_key,
        "api_url": sandbox.api_url,
        "retry_minutes": 0,
        **({} if settings.keys() & _SOURCES else {"calls": entries(sandbox)}),
        **settings,
    }


def log_config_for(sandbox: RunningSandbox, **settings: object) -> dict[str, Any]:
    """Return settings that ask for the log of all days of a sandbox."""
    days = [call.day for call in sandbox.calls]
    dates = {"start_date": days[0].isoformat(), "end_date": days[-1].isoformat()}
    return config_for(sandbox, **{**dates, **settings})


def entries(sandbox: RunningSandbox) -> list[dict[str, str]]:
    """Return all calls of a sandbox as entries of the setting calls."""
    return [{"uuid": c.uuid, "year": c.year, "month": c.month} for c in sandbox.calls]


class Runner:
    """Runs the tap in a folder of its own.

    Attributes:
        streams: The streams that are selected where no catalog is given: those of calls, which
            most tests are about and count the requests of. None: all, without a catalog.
    """

    def __init__(self, folder: Path) -> None:
        """Keep the folder."""
        self._folder = folder
        self.streams: Collection[str] | None = CALLS

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of the tap."""
        return [sys.executable, "-m", "tap_vcclive", *arguments]

    def file(self, name: str, value: object) -> str:
        """Write a JSON file into the folder; return its path."""
        path = self.path(name)
        path.write_text(json.dumps(value))
        return str(path)

    def path(self, name: str) -> Path:
        """Return the path of a file in the folder."""
        return self._folder / name

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return an environment without settings of the tap but those given.

        The tap logs all that it can log, so that whatever leaks into the log is found.
        """
        kept = {k: v for k, v in os.environ.items() if not k.startswith("TAP_VCCLIVE_")}
        return {**kept, "TAP_VCCLIVE_LOGLEVEL": "DEBUG", **(extra or {})}

    def arguments(
        self, config: Mapping[str, Any], state: Mapping[str, Any] | None = None, *more: str
    ) -> list[str]:
        """Return the command line of a run with these settings and this state."""
        arguments = ["--config", self.file("config.json", config)]
        if self.streams is not None and "--catalog" not in more:
            arguments += ["--catalog", self.file("selected.json", selecting(self.streams))]
        if state is not None:
            arguments += ["--state", self.file("state.json", state)]
        return self.command(*arguments, *more)

    def __call__(
        self,
        config: Mapping[str, Any],
        state: Mapping[str, Any] | None = None,
        *more: str,
        environment: Mapping[str, str] | None = None,
    ) -> Run:
        """Run the tap to its end."""
        return self.run(self.arguments(config, state, *more), environment)

    def run(self, command: list[str], environment: Mapping[str, str] | None = None) -> Run:
        """Run a command of the tap to its end."""
        status, output, log = self.ended(command, environment)
        return Run(status, messages_in(output.decode()), log)

    def ended(
        self, command: list[str], environment: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, str]:
        """Run a command of the tap to its end; return exit status, output and log."""
        with (
            TemporaryFile() as log,
            started(
                command,
                cwd=self._folder,
                env=self.environment(environment),
                stdout=subprocess.PIPE,
                stderr=log,
            ) as process,
        ):
            try:
                output, _ = process.communicate(timeout=100)
            finally:
                process.kill()
            log.seek(0)
            return process.wait(), output, log.read().decode()


def messages_in(output: str) -> list[dict[str, Any]]:
    """Return the Singer messages of an output; a line that is none fails the test."""
    return [json.loads(line) for line in output.splitlines()]


def aged(state: dict[str, Any], past: timedelta) -> dict[str, Any]:
    """Return a state as it is when so much time has passed since its attempts."""
    return _aged(state, past)  # type: ignore[no-any-return] # an object, as the state is one


def _aged(value: Any, past: timedelta) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, list):
        return [_aged(one, past) for one in value]
    if isinstance(value, dict):
        return {
            name: (datetime.fromisoformat(one) - past).isoformat()
            if name in {"first_attempt", "last_attempt"}
            else _aged(one, past)
            for name, one in value.items()
        }
    return value


def last_state(output: str) -> dict[str, Any]:
    """Return the value of the last STATE message of an output."""
    states = [m["value"] for m in messages_in(output) if m["type"] == "STATE"]
    state: dict[str, Any] = states[-1]
    return state
