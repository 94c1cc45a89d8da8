"""The record that a call of the sandbox is: worked out from the call, not by the tap."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from vcclive_sandbox.calls import Call

SCHEMA: Final[dict[str, dict[str, Any]]] = json.loads(
    resources.files("tap_vcclive.schemas").joinpath("cdr.json").read_text()
)["properties"]
INSTANTS: Final = {name for name, field in SCHEMA.items() if field.get("format") == "date-time"}
INTEGERS: Final = {name for name, field in SCHEMA.items() if "integer" in field["type"]}


def record_of(call: Call) -> dict[str, Any]:
    """Return the record of a call that does not lie in an hour that the clocks repeat."""
    cdr = {name.lower(): value for name, value in call.cdr().items()}
    record: dict[str, Any] = {}
    for name in SCHEMA:
        value: Any = cdr.get(name)
        if name == "start_ts_utc":
            value = call.start.isoformat(timespec="seconds")
        elif name in INSTANTS:
            local = cdr[name.removesuffix("_utc")]
            value = local and _utc_of(datetime.fromisoformat(str(local)).replace(tzinfo=call.zone))
        elif value is not None and name not in INTEGERS:
            value = str(value)
        record[name] = value
    return record


def _utc_of(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
