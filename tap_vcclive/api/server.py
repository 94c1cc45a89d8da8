"""VCC Live's server as a run knows it: how fast it may be asked, and whether it answers at all.

One for all streams of a run, so that none has to find out again what another has learned.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tap_vcclive.api.pace import Pace

if TYPE_CHECKING:
    from tap_vcclive.settings.typed import Settings


class Server:
    """What the streams of a run know of the server together.

    Attributes:
        pace: When the next request may leave.
        in_flight: Lets `max_concurrency` requests be under way at the same time, calls and pages of
            all streams alike.
        reached: Is set once it has been reached. If so, what keeps it from being reached later may
            pass.
        is_in_doubt: Whether a stream has ended as nothing was answered.
    """

    def __init__(self, settings: Settings) -> None:
        """Begin with nothing known.

        Args:
            settings: The bounds.
        """
        self.pace = Pace(settings.requests_per_minute)
        self.in_flight = threading.BoundedSemaphore(settings.max_concurrency)
        self.reached = threading.Event()
        self.is_in_doubt = False
