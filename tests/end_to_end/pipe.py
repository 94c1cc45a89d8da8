"""The tap and target-postgres in a pipe; the state is what the target passes on."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from demo.meltano import PROJECT, Meltano
from demo.processes import environment_without
from tests import leaks
from tests.catalogs import CALLS, selecting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from demo.postgres import Database

# Where Meltano has installed it.
TARGET = PROJECT / ".meltano/loaders/target-postgres/venv/bin/target-postgres"
DATABASE_SCHEMA = "vcclive_sandbox"


class Pipe:
    """The tap and target-postgres in a pipe, with the state that the target passes on."""

    def __init__(
        self,
        config: Mapping[str, Any],
        database: Database,
        folder: Path,
        catalog: Mapping[str, Any] | None = None,
    ) -> None:
        """Begin without state.

        Args:
            config: Settings of the tap.
            database: Where the target loads into.
            folder: For settings and state.
            catalog: Of the tap; without one, the calls are selected.
        """
        if not TARGET.exists():
            Meltano(folder, {}).install("target-postgres")
        self._state = folder / "state.json"
        self._state.write_text("{}")
        self._config = folder / "config.json"
        self._config.write_text(json.dumps(config))
        catalog = selecting(CALLS) if catalog is None else catalog
        folder.joinpath("catalog.json").write_text(json.dumps(catalog))
        self._more = ("--catalog", str(folder / "catalog.json"))
        self._target_config = folder / "target.json"
        self._target_config.write_text(
            json.dumps(
                {
                    "sqlalchemy_url": database.sqlalchemy_url,
                    "default_target_schema": DATABASE_SCHEMA,
                }
            )
        )

    def run(self, kill_after: float | None = None) -> int:
        """Run both; kill the tap after some seconds of reading; return the tap's exit status."""
        env = {**environment_without("TAP_VCCLIVE_", "TARGET_", "PG"), "PGTZ": "UTC"}
        arguments = ["--config", str(self._config), "--state", str(self._state), *self._more]
        with (
            subprocess.Popen(
                [sys.executable, "-m", "tap_vcclive", *arguments],
                cwd=PROJECT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            ) as tap,
            subprocess.Popen(
                [TARGET, "--config", self._target_config],
                env=env, stdin=tap.stdout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True,
            ) as target,
        ):  # fmt: skip
            assert tap.stdout is not None
            assert tap.stderr is not None
            tap.stdout.close()
            log = ""
            if kill_after is not None:
                for line in tap.stderr:
                    log += line
                    if "Log from" in line:
                        break
                time.sleep(kill_after)
                tap.kill()
            log += tap.stderr.read()
            states, _ = target.communicate(timeout=60)
            tap.wait(timeout=60)
        leaks.check(log + states)
        assert target.returncode == 0
        if lines := states.splitlines():
            self._state.write_text(lines[-1])
        return tap.returncode
