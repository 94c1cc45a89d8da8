"""One run over user states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_vcclive.days.reading import DaysReading
from tap_vcclive.days.run import DaysRun
from tap_vcclive.user_states.source import UserStates

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from tap_vcclive.api.client import Client
    from tap_vcclive.settings.typed import Settings


class UserStatesRun(DaysRun):
    """Reads the days of user states that are still to read."""

    def __init__(
        self,
        settings: Settings,
        client: Client,
        logger: logging.Logger,
        before_report: Callable[[], None] = lambda: None,
    ) -> None:
        """See `DaysRun`."""
        source = UserStates(settings, client)
        reading = DaysReading("user_states", source, settings, client, logger)
        super().__init__(reading, client, logger, before_report)
