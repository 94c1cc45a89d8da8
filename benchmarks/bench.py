"""What all measurements share: the server, the lists of calls, and runs of contenders."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import calls, processes
from benchmarks.contenders.registry import CONTENDERS, Contender
from benchmarks.contenders.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.processes import Ran, Server
    from benchmarks.server import Counts
    from benchmarks.sizes import Sizes


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
            folder: Where lists of calls and the work of contenders are put.
            sizes: How much each measurement does.
        """
        self.server = server
        self.sizes = sizes
        self._folder = folder
        self._startups: dict[tuple[str, bool], float] = {}

    def contenders(self) -> list[Contender]:
        """Return the contenders that can run here."""
        return [contender for contender in CONTENDERS if contender.is_installed]

    def calls(self, count: int) -> Path:
        """Return a list of so many calls."""
        path = self._folder / f"{count}.csv"
        return path if path.exists() else calls.write(path, count)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Give a folder that is empty, and gone afterwards."""
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            yield Path(name)

    def trial(
        self,
        contender: Contender,
        count: int,
        *,
        concurrency: int | None = None,
        latency: float = 0.0,
        one_core: bool = False,
    ) -> Trial:
        """Let a contender fetch the first so many calls.

        Args:
            contender: The contender.
            count: How many calls.
            concurrency: Requests in flight; that of the sizes unless given.
            latency: Seconds that each answer takes.
            one_core: Keep the contender to one core.

        Raises:
            FailedError: When it fails, or has not asked once for each call.
        """
        startup = self.startup(contender, one_core=one_core)
        trial = self._trial(
            contender, count, concurrency=concurrency, latency=latency, one_core=one_core
        )
        return replace(trial, net=max(trial.ran.wall - startup, 1e-9))

    def startup(self, contender: Contender, *, one_core: bool = False) -> float:
        """Return how long a contender takes for one call that is answered at once."""
        key = contender.name, one_core
        if key not in self._startups:
            self._startups[key] = median(
                self._trial(contender, 1, one_core=one_core).net for _ in range(self.sizes.repeats)
            )
        return self._startups[key]

    def _trial(
        self,
        contender: Contender,
        count: int,
        *,
        concurrency: int | None = None,
        latency: float = 0.0,
        one_core: bool = False,
    ) -> Trial:
        """Let a contender fetch calls, with its start-up in the net time."""
        listed = self.calls(count)
        with self.folder() as folder:
            work = Work(self.server.url, listed, concurrency or self.sizes.concurrency, folder)
            command = contender.command(work)
            before = self.server.reset(latency)
            ran = processes.run(command, one_core=one_core)
            counts = self.server.reset()
        if counts.requests != count:
            raise processes.FailedError(f"{contender.name} asked {counts.requests} of {count}")
        return Trial(count, ran, ran.wall, counts, counts.cpu - before.cpu)
