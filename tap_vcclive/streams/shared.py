"""What the streams of a run have together, so that one knows what another has found out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tap_vcclive.api.server import Server
from tap_vcclive.lists.kept import KeptAnswers
from tap_vcclive.lists.projects import is_shared
from tap_vcclive.stopping import TimeLimit
from tap_vcclive.values.zone_check import ZoneCheck

if TYPE_CHECKING:
    from tap_vcclive.settings.typed import Settings
    from tap_vcclive.stopping import Stop


class Shared:
    """What the streams of a run have together.

    Attributes:
        settings: The settings.
        server: What is known of the server.
        kept: Answers that several streams need.
        zone_check: Whether `timezone` is right: it is said once.
        time_limit: How long all of them may run.
    """

    def __init__(self, settings: Settings) -> None:
        """Begin with nothing found out."""
        self.settings = settings
        self.server = Server(settings)
        self.kept = KeptAnswers(is_shared)
        self.zone_check = ZoneCheck(settings.zone)
        self.time_limit = TimeLimit(settings.stop_after)


class SharingTap(Protocol):
    """The tap, as its streams know it."""

    @property
    def shared(self) -> Shared:
        """What its streams have together."""

    def stop(self, why: Stop) -> None:
        """End the stream that has its turn soon, and let no other begin."""

    def note_unfinished(self, line: str) -> None:
        """Let the run end with status 1, once all streams have had their turn."""
