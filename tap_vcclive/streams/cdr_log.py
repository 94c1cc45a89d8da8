"""The stream `cdr_log`: one record a call, read out of the call log."""

from __future__ import annotations

import sys

from tap_vcclive.call_log.run import CallLogRun
from tap_vcclive.days.run import DaysRun
from tap_vcclive.streams.calls import CallStream
from tap_vcclive.streams.days import DayStream

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override


class CdrLogStream(CallStream[DaysRun], DayStream):
    """Call detail records, read by the day."""

    name = "cdr_log"

    @override
    def _new_run(self) -> CallLogRun:
        return CallLogRun(self._settings, self._new_client(), self.logger, self._flush)
