"""The one call that the documentation shows, value for value."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vcclive_sandbox.cdr import Value

UUID = "95bd5f46-44e0-11e5-a6da-6547f8762750"
DAY = date(2015, 8, 17)
YEAR, MONTH = "2015", "08"
PROJECT = 3

CDR: dict[str, Value] = {
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
    "projectid": PROJECT,
    "holdtime": 0,
    "afterwork": 9,
    "prework": 0,
    "direction": "outbound",
}
