"""One run over the call log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_vcclive.call_log.reader import reader_for
from tap_vcclive.days.reading import DaysReading
from tap_vcclive.days.run import DaysRun

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from tap_vcclive.api.client import Client
    from tap_vcclive.settings.typed import Settings


class CallLogRun(DaysRun):
    """Reads the days of the call log that are still to read."""

    def __init__(
        self,
        settings: Settings,
        client: Client,
        logger: logging.Logger,
        before_report: Callable[[], None] = lambda: None,
    ) -> None:
        """See `DaysRun`."""
        source = reader_for(settings, client)
        reading = DaysReading("cdr_log", source, settings, client, logger)
        super().__init__(reading, client, logger, before_report)
