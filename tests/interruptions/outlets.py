"""Where standard output can go: into a pipe, into a file, or behind what a file has already."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Any, Final, Self

from tests.forks import Fork, started
from tests.runs import Run, Runner, messages_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OUTLETS: Final = ("pipe", "file", "append")

_BEFORE: Final = b'{"type": "SCHEMA", "stream": "of an earlier run"}\n'
_LONGEST_SECONDS: Final = 60

Process = Fork | subprocess.Popen[bytes]


class Outlet:
    """What a process of the tap writes to, for as long as a `with` block lasts.

    Attributes:
        stdout: What the process gets as its standard output.
    """

    stdout: int | IO[bytes]

    def __init__(self, kind: str, run_tap: Runner, name: str = "output.jsonl") -> None:
        """Open it; a file that is appended to has a line already."""
        self._path = run_tap.path(name)
        self._before = _BEFORE if kind == "append" else b""
        self._opened = ExitStack()
        if kind == "pipe":
            self.stdout = subprocess.PIPE
        else:
            self._path.write_bytes(self._before)
            file = self._path.open("ab" if kind == "append" else "wb")
            self.stdout = self._opened.enter_context(file)

    def __enter__(self) -> Self:
        """Do nothing more: it is open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._opened.close()

    def read(self) -> IO[bytes]:
        """Return what reads the file from where the process begins to write."""
        file = self._path.open("rb", buffering=0)
        file.seek(len(self._before))
        self._opened.callback(file.close)
        return file

    def so_far(self) -> bytes:
        """Return what a file has got so far."""
        content = self._path.read_bytes()
        assert content.startswith(self._before)
        return content.removeprefix(self._before)

    def all_of(self, process: Process) -> bytes:
        """Wait for the end of the process; return all that it has written."""
        out, _ = process.communicate(timeout=_LONGEST_SECONDS)
        return out if isinstance(self.stdout, int) else self.so_far()


def ended_with(
    outlet: str,
    run_tap: Runner,
    command: list[str],
    *,
    meanwhile: Callable[[Process], object] = lambda _: None,
    is_cut: bool = False,
) -> Run:
    """Run a command to its end.

    Args:
        outlet: Where its output goes.
        run_tap: Has the folder and the environment.
        command: The command.
        meanwhile: What happens while it runs.
        is_cut: Whether its output may end in the middle of a line, which is left out.
    """
    into = Outlet(outlet, run_tap)
    log = run_tap.path("log.txt")
    with (
        log.open("wb") as err,
        into,
        started(command, env=run_tap.environment(), stdout=into.stdout, stderr=err) as process,
    ):
        try:
            meanwhile(process)
            output = into.all_of(process)
        finally:
            process.kill()
    if is_cut:
        output = output[: output.rindex(b"\n") + 1]
    return Run(process.wait(), messages_in(output.decode()), log.read_text())


def run_into(
    outlet: str,
    run_tap: Runner,
    config: Mapping[str, Any],
    state: Mapping[str, Any] | None = None,
    *more: str,
    meanwhile: Callable[[Process], object] = lambda _: None,
) -> Run:
    """Run the tap to its end, or to the one that something else brings about meanwhile."""
    command = run_tap.arguments(config, state, *more)
    return ended_with(outlet, run_tap, command, meanwhile=meanwhile)
