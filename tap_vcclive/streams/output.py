"""Standard output, and what becomes of a run when nothing takes it any more.

A target can die, and a disk can fill: then nothing that is written arrives, and a run has nothing
to go on for.
"""

from __future__ import annotations

import logging
import os
import stat
import sys
import time
from functools import cached_property
from typing import TYPE_CHECKING, Final

from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.singerlib import RecordMessage

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from singer_sdk.singerlib.encoding.simple import Message

# Bytes and seconds of records that wait for others, on their way into a file.
_MOST_KEPT: Final = 64 * 1024
_LONGEST_KEPT: Final = 0.05


class Output(MsgSpecWriter):
    """Writes messages until nothing takes them any more.

    Attributes:
        is_writing: Whether a message is being written; a signal can come in the middle of one.
    """

    is_writing = False

    def __init__(self) -> None:
        """Begin with nothing written."""
        super().__init__()
        self._kept = bytearray()
        self._written = 0.0

    @override
    def write_message(self, message: Message) -> None:
        """Write a message; into a file, records are written together, as they come fast enough.

        Raises:
            SystemExit: When nothing takes it. Not an error, which the SDK would call unhandled.
        """
        self.is_writing = True
        try:
            line = self.format_message(message)
            if type(message) is not RecordMessage or not self._is_file:
                self._write(line)
                return
            self._kept += line
            if len(self._kept) > _MOST_KEPT or time.monotonic() - self._written > _LONGEST_KEPT:
                self._write(b"")
        except OSError as error:
            _give_up_stdout()
            logging.getLogger("tap-vcclive").error(  # noqa: TRY400 - a user has no use for the traceback
                "The run ends here, as its output cannot be written: %s",
                "the target has gone" if isinstance(error, BrokenPipeError) else error.strerror,
            )
            raise SystemExit(1) from error
        finally:
            self.is_writing = False

    def _write(self, line: bytes | bytearray) -> None:
        """Write what was kept, and a line after it."""
        _write_whole(self._kept + line)
        sys.stdout.flush()
        self._kept = bytearray()
        self._written = time.monotonic()

    @cached_property
    def _is_file(self) -> bool:
        """Whether standard output is a file.

        Each write takes as long as making a record, as the threads that fetch have their turn
        meanwhile. A pipe has somebody at its other end who waits, and takes a line whole, so that
        a tap that is killed leaves no half of one behind.
        """
        try:
            return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
        except (OSError, ValueError):
            return False  # not one of the system's, as in a test


def _write_whole(line: bytearray) -> None:
    """Write lines to standard output.

    Without a buffer (PYTHONUNBUFFERED, as in many containers) a signal can cut a write short.
    """
    out = sys.stdout.buffer
    written = out.write(line)
    while written < len(line):
        written += out.write(line[written:])


def _give_up_stdout() -> None:
    """Let what is still in the buffer go nowhere: Python would try to write it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
