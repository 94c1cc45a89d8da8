"""The stream `dispositions`: how the calls of a project can end; calls name them by number."""

from __future__ import annotations

import json
import sys
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.streams.by_project import ProjectStream
from tap_vcclive.values.columns import fitting, integer

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEY: Final = "dispositionid"
_DIGEST_BYTES: Final = 7


class DispositionsStream(ProjectStream):
    """Dispositions of projects."""

    name = "dispositions"
    part = "dispositions"
    primary_keys = ("projectid", _KEY)

    @override
    def record_of(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the record of a disposition.

        How VCC Live names its id is not documented: `dispositionid`, or else `id`. One that has
        neither is kept under a digest of it, below zero, where no id is.
        """
        record = self._values.record(row)
        if record[_KEY] is None:
            names = {name.lower(): name for name in row}
            record[_KEY] = fitting(integer, row.get(names.get("id", "id")))
        if record[_KEY] is None:
            record[_KEY] = -1 - _digest_of(row)
        return record


def _digest_of(row: Mapping[str, Any]) -> int:
    text = json.dumps(row, sort_keys=True, default=str)
    return int.from_bytes(blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest(), "big")
