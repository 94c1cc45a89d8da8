"""What the process has freed goes back to the system: answers come large and small by turns."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
_BLOCK_BYTES: Final = 1024 * 1024


def give_back_large_blocks() -> None:
    """Have the C library give large blocks back at once, where it is one that can be told.

    glibc's begins so, but keeps blocks of up to 32 MB once some have been freed, for each thread by
    itself: with eight threads that fetch, several times as much as is in use.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _BLOCK_BYTES)
