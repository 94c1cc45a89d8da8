"""Standard output, and what becomes of a run when nothing takes it any more.

A target can die, and a disk can fill: then nothing that is written arrives, and a run has nothing
to go on for.

Records on their way into a file are kept for a moment, to be written together. Whatever way a run
ends, none stays behind: any other message takes those before it along, the end of a stream flushes,
a thread writes what has been kept for too long, and the end of the process writes the rest. A tap
that is killed loses what was kept, which no STATE speaks of yet.
"""

from __future__ import annotations

import atexit
import errno
import logging
import os
import select
import stat
import sys
import threading
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


class OutputError(SystemExit):
    """Nothing takes the output any more: the process ends, with status 1.

    Not an `Exception`, which the SDK would call unhandled, nor one that a stream may end with and
    others go on.
    """


class Output(MsgSpecWriter):
    """Writes messages until nothing takes them any more."""

    def __init__(self) -> None:
        """Begin with nothing written."""
        super().__init__()
        # Held by whoever writes; never asked for by a signal, which can come meanwhile.
        self._lock = threading.Lock()
        self._kept = bytearray()
        self._is_watched = self._is_told = False
        self._failure: OSError | None = None

    @override
    def write_message(self, message: Message) -> None:
        """Write a message; into a file, records are written together, as they come fast enough.

        Raises:
            OutputError: When nothing takes it.
        """
        line = self.format_message(message)
        with self._lock:
            self._kept += line
            if type(message) is RecordMessage and self._can_wait():
                self._watch()
                return
            self._write()
        self._check()

    def flush(self) -> None:
        """Write the records that are kept.

        Raises:
            OutputError: When nothing takes them, or has not taken some before.
        """
        with self._lock:
            self._write()
        self._check()

    def _can_wait(self) -> bool:
        """Return whether records may be kept for a moment longer."""
        return self._is_file and len(self._kept) <= _MOST_KEPT and self._failure is None

    def _watch(self) -> None:
        """See to it that what is kept is written in time, also when no other record comes."""
        if not self._is_watched:
            self._is_watched = True
            threading.Thread(target=self._write_in_time, name="output", daemon=True).start()

    def _write_in_time(self) -> None:
        """Write what is kept again and again, as long as there is any (the work of a thread)."""
        while self._is_watched:
            time.sleep(_LONGEST_KEPT)
            with self._lock:
                self._is_watched = bool(self._kept) and self._failure is None
                self._write()

    def _write(self) -> None:
        """Write what is kept, unless nothing is taken any more."""
        try:
            while self._kept and self._failure is None:
                del self._kept[: _written_of(self._kept)]
        except OSError as error:
            self._failure = error

    def _check(self) -> None:
        """End the process when something could not be written, whichever thread tried.

        Raises:
            OutputError: In this case.
        """
        failure = self._failure
        if failure is None:
            return
        if not self._is_told:
            self._is_told = True
            lost = self._kept.count(b"\n")
            logging.getLogger("tap-vcclive").error(
                "The run ends here%s, as its output cannot be written: %s",
                f" without its last {lost} messages" if lost > 1 else "",
                "the target has gone" if isinstance(failure, BrokenPipeError) else failure.strerror,
            )
        raise OutputError(1) from failure

    @cached_property
    def _is_file(self) -> bool:
        """Whether standard output is a file.

        Each write takes as long as making a record, as the threads that fetch have their turn
        meanwhile. A pipe has somebody at its other end who waits, and takes a line whole, so that
        a tap that is killed leaves no half of one behind.
        """
        try:
            is_file = stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
        except (AttributeError, OSError, ValueError):
            return False  # closed, or not one of the system's, as in a test
        if is_file:
            atexit.register(self._write_rest)
        return is_file

    def _write_rest(self) -> None:
        """Write at the very end what nobody has flushed; too late for an exception to count."""
        if not self._is_told:
            try:
                self.flush()
            except OutputError:
                os._exit(1)


def _written_of(lines: bytearray) -> int:
    """Write lines to standard output, past its buffer; return how many of their bytes it took.

    A signal can cut a write short. So can somebody who shares a pipe or a socket with the tap and
    wants it not to block.

    Raises:
        OSError: When nothing takes them.
    """
    if sys.stdout is None:  # closed, as by `>&-`; its number may be that of something else by now
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    try:
        number = sys.stdout.fileno()
    except ValueError:  # not one of the system's, as in a test
        written = sys.stdout.buffer.write(lines)
        sys.stdout.flush()
        return written
    try:
        return os.write(number, lines)
    except BlockingIOError:
        select.select([], [number], [])
        return 0
