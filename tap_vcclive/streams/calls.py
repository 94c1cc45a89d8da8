"""The streams of calls: one schema, one key, one replication key, whatever way a call is read."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from tap_vcclive.calls.uuids import instant_of
from tap_vcclive.streams.base import RunT, VccStream

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_vcclive.values.zone_check import ZoneCheck


class CallStream(VccStream[RunT]):
    """Call detail records: what is sent one by one and by the page is the same."""

    schema_name = "cdr"
    primary_keys = ("uuid",)
    replication_key = "start_ts_utc"

    @property
    @override
    def _zone_check(self) -> ZoneCheck:
        return self._sharing_tap.shared.zone_check

    def _record_of(self, uuid: str, cdr: Mapping[str, Any]) -> dict[str, Any]:
        """Return the record of a call.

        Args:
            uuid: Its uuid, in lower case.
            cdr: Its CDR as VCC Live sent it.
        """
        record = self._values.record(cdr, partial(instant_of, uuid))
        record["uuid"] = uuid
        return record
