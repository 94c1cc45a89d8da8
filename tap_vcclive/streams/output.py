"""Standard output, and what becomes of a run when nothing takes it any more.

A target can die, and a disk can fill: then nothing that is written arrives, and a run has nothing
to go on for.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

from singer_sdk.contrib.msgspec import MsgSpecWriter

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from singer_sdk.singerlib.encoding.simple import Message


class Output(MsgSpecWriter):
    """Writes messages until nothing takes them any more.

    Attributes:
        is_writing: Whether a message is being written; a signal can come in the middle of one.
    """

    is_writing = False

    @override
    def write_message(self, message: Message) -> None:
        """Write a message.

        Raises:
            SystemExit: When nothing takes it. Not an error, which the SDK would call unhandled.
        """
        self.is_writing = True
        try:
            _write_whole(self.format_message(message))
            sys.stdout.flush()
        except OSError as error:
            _give_up_stdout()
            logging.getLogger("tap-vcclive").error(  # noqa: TRY400 - a user has no use for the traceback
                "The run ends here, as its output cannot be written: %s",
                "the target has gone" if isinstance(error, BrokenPipeError) else error.strerror,
            )
            raise SystemExit(1) from error
        finally:
            self.is_writing = False


def _write_whole(line: bytearray) -> None:
    """Write a line to standard output.

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
