"""SIGINT and SIGTERM: what a process of the tap has been told, and when.

The first signal tells the runs to stop; the process then ends as one that is done, with its last
STATE. They often come in twos: a service manager signals the whole group, and Meltano passes its
own on; Ctrl-C under Meltano is a SIGINT and a SIGTERM. So those that follow within moments are the
same one. Who waits and signals again wants the process to end at once.

Nothing is written and nothing raised from inside a handler, which can run between any two steps.
Imports next to nothing: it is there before all else is imported.
"""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_NUMBERS: Final = (signal.SIGINT, signal.SIGTERM)
# Signals that come within so many seconds of the first are one with it.
_ONE_SECONDS: Final = 2.0


class Signals:
    """What the process has been told.

    Attributes:
        tell: What to call at a signal, to stop what is under way; called from inside a handler.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.tell: Callable[[], None] = lambda: None
        self._first: float | None = None

    @property
    def have_come(self) -> bool:
        """Whether the process has been told to end."""
        return self._first is not None

    def listen(self) -> None:
        """Take the signals of the process from now on."""
        for number in _NUMBERS:
            signal.signal(number, self.take)

    def ignore(self) -> None:
        """Ignore signals from now on, as there is nothing left to stop.

        Python by itself gives up its handlers when it ends, and a signal would end a run by force
        that has just written all that it had.
        """
        for number in _NUMBERS:
            signal.signal(number, signal.SIG_IGN)

    def take(self, number: int, _frame: FrameType | None = None) -> None:
        """Take a signal; one that comes later than the first and its echoes ends the process."""
        now = time.monotonic()
        if self._first is None:
            self._first = now
            self.tell()
        elif now - self._first > _ONE_SECONDS:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)


SIGNALS: Final = Signals()
"""Those of this process, which has but one of each."""
