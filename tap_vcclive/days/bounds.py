"""Which days of the call log a user wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_vcclive import clock

if TYPE_CHECKING:
    from datetime import date

    from tap_vcclive.settings.typed import Settings


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which days of the log a user wants.

    Attributes:
        start: The first day.
        end: The last day; never after today.
        today: Today in the call centre's zone: from here on, days have not ended.
        lookback: How many days before the last one read are read again.
        projects: Ids of the projects; None for all.
    """

    start: date
    end: date
    today: date
    lookback: int
    projects: tuple[int, ...] | None


def bounds_of(settings: Settings) -> Bounds:
    """Return the days that the settings ask for, today in the zone of the call centre."""
    today = clock.now().astimezone(settings.zone).date()
    return Bounds(
        start=settings.start_date or today,
        end=min(settings.end_date or today, today),
        today=today,
        lookback=settings.lookback_days,
        projects=settings.project_ids,
    )
