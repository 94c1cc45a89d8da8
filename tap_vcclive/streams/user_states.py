"""The stream `user_states`: what agents did and for how long, one record a state that has ended."""

from __future__ import annotations

import json
import sys
from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.streams.days import DayStream
from tap_vcclive.user_states.run import UserStatesRun
from tap_vcclive.values.declared import ADDITIONAL

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEY: Final = "state_id"
_DIGEST_BYTES: Final = 16


class UserStatesStream(DayStream):
    """States of agents, read by the day."""

    name = "user_states"
    primary_keys = (_KEY,)
    replication_key = "prevtime_utc"

    _day_of_rows = ""
    _equal: Counter[str] = Counter()  # noqa: RUF012 - another one with each day

    @override
    def _new_run(self) -> UserStatesRun:
        return UserStatesRun(self._settings, self._new_client(), self.logger, self._flush)

    @override
    def _record_of(self, key: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the record of a state.

        VCC Live gives none an id. A digest of what is declared tells it, so that a day that is read
        again has the same ids, also once the API says more; of equal rows, which are as many
        states, the second and those after it have their number behind it.
        """
        if key != self._day_of_rows:
            self._day_of_rows, self._equal = key, Counter()
        record = self._values.record(row)
        declared = [value for name, value in record.items() if name not in {_KEY, ADDITIONAL}]
        text = json.dumps([key, *declared], default=str, ensure_ascii=False)
        digest = blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()
        self._equal[digest] += 1
        number = self._equal[digest]
        record[_KEY] = digest if number == 1 else f"{digest}-{number}"
        return record
