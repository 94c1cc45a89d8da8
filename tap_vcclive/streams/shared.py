"""What the streams of a tap share in a run."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tap_vcclive.values.zone_check import ZoneCheck

if TYPE_CHECKING:
    from tap_vcclive.settings import Settings


class Shared:
    """What is known by all streams as soon as one knows it.

    Attributes:
        zone_check: Whether `timezone` is right; it is said once.
        reached: Whether VCC Live has been reached. If so, what keeps it from being reached later
            may pass.
    """

    def __init__(self, settings: Settings) -> None:
        """Begin with nothing known."""
        self.zone_check = ZoneCheck(settings.zone)
        self.reached = threading.Event()
