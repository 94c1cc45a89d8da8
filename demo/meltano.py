"""Runs the real Meltano on this project without touching the state or the settings of its user."""

from __future__ import annotations

import fcntl
import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import TYPE_CHECKING, Any

from demo.processes import environment_without, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROJECT = Path(__file__).resolve().parents[1]
MELTANO = Path(sys.executable).with_name("meltano")
ENVIRONMENT = "sandbox"
# What someone has set for their own account, database or Meltano.
OTHERS = ("MELTANO_", "PG", "TAP_VCCLIVE_", "TARGET_")


class MeltanoError(Exception):
    """A command of Meltano's failed; the message is the end of its log."""


@dataclass(frozen=True)
class Meltano:
    """Meltano in the environment `sandbox`, with its database in a folder of the caller's.

    The plugins' own environments stay under `.meltano`, so that they are installed only once.

    Attributes:
        folder: Where state and logs are kept.
        settings: Settings of the plugins, by the names of their environment variables.
        project: Folder of the project.
    """

    folder: Path
    settings: Mapping[str, str]
    project: Path = PROJECT

    def run(self, *plugins: str) -> str:
        """Run the plugins as one pipeline and return what Meltano and they logged."""
        return self._output("run", *plugins)[1]

    def install(self, plugin: str) -> None:
        """Install a plugin, for those who run it by themselves."""
        self._output("install", plugin)

    def state(self, extractor: str, loader: str) -> dict[str, Any]:
        """Return the bookmarks that the last run of a pipeline left, by stream."""
        out, _ = self._output("state", "get", f"{ENVIRONMENT}:{extractor}-to-{loader}")
        bookmarks: dict[str, Any] = json.loads(out)["singer_state"]["bookmarks"]
        return bookmarks

    def _output(self, *arguments: str) -> tuple[str, str]:
        """Return what a command writes to standard output and to standard error.

        Raises:
            MeltanoError: The command failed.
        """
        no_settings = self.folder / "no-settings.env"  # in place of the user's .env
        no_settings.touch()
        options: tuple[str | Path, ...] = ("--cwd", self.project, "--env-file", no_settings)
        command: list[str | Path] = [MELTANO, *options, *arguments]
        with _one_at_a_time(), running(command, env=self._env(), stderr=PIPE) as process:
            out, log = process.communicate()
        if process.returncode:
            tail = "\n".join(log.splitlines()[-30:])
            shown = " ".join(("meltano", *arguments))
            raise MeltanoError(f"{shown} ended with status {process.returncode}\n{tail}")
        return out, log

    def _env(self) -> dict[str, str]:
        """Return the environment variables of this process without anyone's settings."""
        return {
            **environment_without(*OTHERS),
            **self.settings,
            "MELTANO_ENVIRONMENT": ENVIRONMENT,
            "MELTANO_DATABASE_URI": f"sqlite:///{self.folder}/meltano.db",
            "MELTANO_CLI_LOG_FORMAT": "uncolored",
            "TMPDIR": str(self.folder),
            # Nothing but the registries is asked, and these only to install the plugins.
            "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
            "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
        }


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait until no other demo or test runs Meltano here.

    It hands state and catalog to the tap in files under `.meltano` that all runs share.
    """
    folder = PROJECT / ".meltano"
    folder.mkdir(exist_ok=True)
    with (folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
