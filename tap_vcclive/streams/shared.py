"""What the streams of a tap have together, so that one knows what another has found out."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tap_vcclive.stopping import TimeLimit
from tap_vcclive.values.zone_check import ZoneCheck

if TYPE_CHECKING:
    from tap_vcclive.settings.typed import Settings


class Shared:
    """What the streams of a tap have together.

    Attributes:
        zone_check: Whether `timezone` is right: it is said once.
        time_limit: How long all of them may run.
        reached: Whether VCC Live has been reached. If so, what keeps it from being reached later
            may pass.
        is_server_in_doubt: Whether a stream has ended as nothing was answered.
    """

    def __init__(self, settings: Settings) -> None:
        """Begin with nothing found out."""
        self.zone_check = ZoneCheck(settings.zone)
        self.time_limit = TimeLimit(settings.stop_after)
        self.reached = threading.Event()
        self.is_server_in_doubt = False
