"""The one call that VCC Live's documentation shows, value for value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

UUID = "95bd5f46-44e0-11e5-a6da-6547f8762750"
INSTANT = datetime(2015, 8, 17, 13, 5, 8, 24712, tzinfo=UTC)
DOCUMENTED: dict[str, Any] = {
    "uuid": UUID,
    "source": "36013555539",
    "destination": "36003333333",
    "userid": 6,
    "numberid": 11,
    "start_ts": "2015-08-17 15:05:08",
    "billing_ts": "2015-08-17 15:05:17",
    "ringtime": 9,
    "billingtime": 3,
    "talktime": 3,
    "queuetime": 0,
    "beforequeuetime": 0,
    "dispositionid": 3,
    "dispositionreach": 1,
    "dispositionstatus": 3,
    "projectid": 3,
    "holdtime": 0,
    "afterwork": 9,
    "prework": 0,
    "direction": "outbound",
}
