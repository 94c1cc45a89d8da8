"""What the streams of a tap have together, so that one knows what another has found out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_vcclive.api.server import Server
from tap_vcclive.stopping import TimeLimit
from tap_vcclive.values.zone_check import ZoneCheck

if TYPE_CHECKING:
    from tap_vcclive.settings.typed import Settings


class Shared:
    """What the streams of a tap have together.

    Attributes:
        zone_check: Whether `timezone` is right: it is said once.
        time_limit: How long all of them may run.
        server: What is known of the server.
    """

    def __init__(self, settings: Settings) -> None:
        """Begin with nothing found out."""
        self.zone_check = ZoneCheck(settings.zone)
        self.time_limit = TimeLimit(settings.stop_after)
        self.server = Server(settings)
