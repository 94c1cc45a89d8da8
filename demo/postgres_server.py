"""A PostgreSQL of its own in a process of its own: `python -m demo.postgres_server`.

It writes its address to standard output and ends with its standard input: it does not outlive
whoever started it, however that ends, and neither does the folder that it keeps everything in.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from signal import SIGINT
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Final

from demo.postgres_place import place
from demo.processes import SECONDS_TO_STOP, NotStartedError, stop_on_signals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from demo.postgres_place import Place

_SECONDS_TO_START: Final = 60
_SUPERUSER: Final = "postgres"
# No port is taken; it is part of the socket's name, and said so that no PGPORT changes it.
_PORT: Final = "5432"
# Nothing is to last, to be kept elsewhere, or to depend on the language of the machine.
_INITDB: Final = ("--auth=trust", "--encoding=utf8", "--no-locale", "--no-sync", "-U", _SUPERUSER)
_SETTINGS: Final = ("listen_addresses=", "fsync=off", "dynamic_shared_memory_type=mmap")


def main() -> int:
    """Serve until standard input ends; return the exit status."""
    stop_on_signals()
    try:
        with place() as here, TemporaryFile("w+") as log, _serving(here, log):
            address = f"{_SUPERUSER}@/{_SUPERUSER}?host={here.folder}&port={_PORT}"
            sys.stdout.write(f"postgresql://{address}\n")
            sys.stdout.flush()
            sys.stdin.read()
    except NotStartedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


@contextmanager
def _serving(here: Place, log: IO[str]) -> Iterator[None]:
    """Run PostgreSQL for a block of code.

    Raises:
        NotStartedError: When it does not start, with what it says of it.
    """
    data = here.folder / "data"
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    initdb: list[str | Path] = ["initdb", "-D", data, *_INITDB]
    postgres: list[str | Path] = ["postgres", "-D", data, "-k", here.folder, "-p", _PORT, *settings]
    with _program(here, log, initdb) as first:
        first.wait()
    with _program(here, log, postgres) as server:
        if not _answers(here, server):
            log.seek(0)
            raise NotStartedError(f"PostgreSQL does not start: {log.read().strip()}")
        yield


@contextmanager
def _program(
    here: Place, log: IO[str], command: Sequence[str | Path]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of PostgreSQL's, and end it at the end of the block."""
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell
            [here.programs / command[0], *command[1:]],
            cwd=here.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **here.user,
        )
    except OSError as error:
        raise NotStartedError(f"PostgreSQL does not start: {error.strerror}") from None
    with process:
        try:
            yield process
        finally:
            _stop(process)


def _answers(here: Place, server: subprocess.Popen[bytes]) -> bool:
    """Wait until the server takes connections; return whether it does."""
    question: list[str | Path] = [
        here.programs / "pg_isready",
        "--quiet",
        "-h",
        here.folder,
        "-p",
        _PORT,
    ]
    end = time.monotonic() + _SECONDS_TO_START
    while server.poll() is None and time.monotonic() < end:
        if subprocess.run(question, check=False).returncode == 0:  # noqa: S603 - no shell
            return True
        time.sleep(0.05)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a program that still runs."""
    process.send_signal(SIGINT)  # waits for nobody who is connected
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()


if __name__ == "__main__":
    sys.exit(main())
