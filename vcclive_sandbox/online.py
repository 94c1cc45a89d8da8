"""Who is logged in at the moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from vcclive_sandbox import centre

if TYPE_CHECKING:
    from vcclive_sandbox.variants import Variants

STATES = ("CALL", "WAITING4CALL", "AFTERWORK", "AUX")
# As far from UTC as an offset that is no whole hour.
OFFSET = "+05:30"


def rows(_: Variants) -> list[dict[str, Any]]:
    """Return the agents, each in some state for some seconds."""
    now = datetime.now(UTC).replace(microsecond=0)
    return [
        {
            "userId": agent.id,
            "username": agent.username,
            "state": STATES[number % len(STATES)],
            "stateDuration": 10 * number,
            "stateChangedAt": _with_offset(now - timedelta(seconds=10 * number)),
            "softLimitReached": number > 4,  # noqa: PLR2004 - some of them
            "hardLimitReached": False,
        }
        for number, agent in enumerate(centre.AGENTS)
    ]


def _with_offset(instant: datetime) -> str:
    local = instant.replace(tzinfo=None) + timedelta(hours=5, minutes=30)
    return local.isoformat() + OFFSET
