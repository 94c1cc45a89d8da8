"""Where standard output can go: into a pipe, into a file, or behind what a file has already."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

from tests.runs import Run, Runner, messages_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

OUTLETS: Final = ("pipe", "file", "append")

_BEFORE: Final = b'{"type": "SCHEMA", "stream": "of an earlier run"}\n'
_LONGEST_SECONDS: Final = 60

Process = subprocess.Popen[bytes]


class Outlet:
    """What a process of the tap writes to.

    Attributes:
        stdout: What the process gets as its standard output.
    """

    def __init__(self, kind: str, run_tap: Runner, name: str = "output.jsonl") -> None:
        """Open it; a file that is appended to has a line already."""
        self._path = run_tap.path(name)
        self._kind = kind
        self._file: IO[bytes] | None = None
        self.stdout: int | IO[bytes] = subprocess.PIPE
        if kind != "pipe":
            self._path.write_bytes(_BEFORE if kind == "append" else b"")
            self.stdout = self._file = self._path.open("ab" if kind == "append" else "wb")

    def so_far(self) -> bytes:
        """Return what a file has got so far."""
        return self._of_the_run(self._path.read_bytes())

    def all_of(self, process: Process) -> bytes:
        """Wait for the end of the process; return all that it has written."""
        out, _ = process.communicate(timeout=_LONGEST_SECONDS)
        return out if self._file is None else self.so_far()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _of_the_run(self, content: bytes) -> bytes:
        before = _BEFORE if self._kind == "append" else b""
        assert content.startswith(before)
        return content.removeprefix(before)


@contextmanager
def running_into(outlet: str, run_tap: Runner, command: list[str]) -> Iterator[tuple[Process, Any]]:
    """Run a command of the tap; yield its process, and what waits for its end and returns a run."""
    into = Outlet(outlet, run_tap)
    with run_tap.path("log.txt").open("w+b") as log:
        process = subprocess.Popen(
            command,
            cwd=run_tap.path("."),
            env=run_tap.environment(),
            stdout=into.stdout,
            stderr=log,
        )

        def ended() -> Run:
            output = into.all_of(process).decode()
            return Run(process.returncode, messages_in(output), run_tap.path("log.txt").read_text())

        try:
            yield process, ended
        finally:
            process.kill()
            process.communicate()
            into.close()


def run_into(
    outlet: str,
    run_tap: Runner,
    config: Mapping[str, Any],
    state: Mapping[str, Any] | None = None,
    *more: str,
    meanwhile: Callable[[Process], object] = lambda _: None,
) -> Run:
    """Run the tap to its end, or to the one that something else brings about meanwhile."""
    with running_into(outlet, run_tap, run_tap.arguments(config, state, *more)) as (process, ended):
        meanwhile(process)
        run: Run = ended()
        return run
