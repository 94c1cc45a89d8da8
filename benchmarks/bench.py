"""What all measurements share: the server, the lists of what is fetched, and runs of contenders."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks import processes, written
from benchmarks.contenders.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.contenders.contender import Contender
    from benchmarks.processes import Ran, Server
    from benchmarks.server import Counts
    from benchmarks.sizes import Sizes
    from benchmarks.tasks import Task


@dataclass(frozen=True)
class Conditions:
    """Under what a contender runs.

    Attributes:
        latency: Seconds that each answer takes.
        concurrency: Requests in flight; that of the sizes unless given.
        one_core: Whether the contender is kept to one core.
        counted: Whether its records are kept, and counted afterwards.
    """

    latency: float = 0.0
    concurrency: int | None = None
    one_core: bool = False
    counted: bool = False


AT_ONCE: Final = Conditions()
"""Answers at once, on all cores."""


@dataclass(frozen=True)
class Trial:
    """One run of a contender.

    Attributes:
        calls: How many calls it fetched.
        ran: What its process has cost.
        net: Seconds of it that are not start-up.
        counts: What the server has seen of it.
        server_cpu: Processor seconds that the server used meanwhile.
    """

    calls: int
    ran: Ran
    net: float
    counts: Counts
    server_cpu: float

    @property
    def rate(self) -> float:
        """Calls a second, start-up not counted."""
        return self.calls / self.net


class Bench:
    """Runs contenders against the server, one at a time.

    Attributes:
        server: The server.
        sizes: How much each measurement does.
    """

    def __init__(self, server: Server, folder: Path, sizes: Sizes) -> None:
        """Keep what is needed.

        Args:
            server: The server.
            folder: Where the lists and the work of contenders are put.
            sizes: How much each measurement does.
        """
        self.server = server
        self.sizes = sizes
        self._folder = folder
        self._startups: dict[tuple[Contender, Task, Conditions], float] = {}

    def listed(self, task: Task) -> Path:
        """Return the file that lists what a task fetches."""
        path = self._folder / task.name
        return path if path.exists() else task.write(path)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Give a folder that is empty, and gone afterwards."""
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            yield Path(name)

    def trial(self, contender: Contender, task: Task, conditions: Conditions = AT_ONCE) -> Trial:
        """Let a contender do a task; do not count its start-up.

        Args:
            contender: The contender.
            task: The task.
            conditions: Under what it runs.

        Raises:
            FailedError: When it fails, or has not done all of the task.
        """
        startup = self._startup(contender, task, conditions)
        trial = self._run(contender, task, conditions)
        return replace(trial, net=max(trial.ran.wall - startup, 1e-9))

    def _startup(self, contender: Contender, task: Task, conditions: Conditions) -> float:
        """Return how long a contender takes for one call that is answered at once."""
        least, at_once = task.least, replace(conditions, latency=0.0, concurrency=None)
        key = contender, least, at_once
        if key not in self._startups:
            self._startups[key] = median(
                self._run(contender, least, at_once).net for _ in range(self.sizes.repeats)
            )
        return self._startups[key]

    def _run(self, contender: Contender, task: Task, conditions: Conditions) -> Trial:
        """Let a contender do a task, with its start-up in the net time."""
        concurrency = conditions.concurrency or self.sizes.concurrency
        with self.folder() as folder:
            output = folder / "output.jsonl" if conditions.counted else None
            work = Work(self.server.url, self.listed(task), concurrency, folder)
            command = contender.command(work)
            before = self.server.reset(conditions.latency, task.log)
            ran = processes.run(command, output, one_core=conditions.one_core)
            counts = self.server.reset()
            wrote = sum(1 for _ in written.uuids(output, folder)) if output else task.calls
        if not task.is_done(counts):
            raise processes.FailedError(f"{contender.name} has not asked for all: {counts}")
        if wrote != task.calls:
            raise processes.FailedError(f"{contender.name} wrote {wrote:,} of {task.calls:,}")
        return Trial(task.calls, ran, ran.wall, counts, counts.cpu - before.cpu)
