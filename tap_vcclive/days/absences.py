"""Which days VCC Live says it knows nothing of, and what is said of them at the end of a run."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from tap_vcclive.days.day import DayPart, Noun
    from tap_vcclive.fetching.report import Report


class Absences:
    """Counts the days that are not there, for all projects or for one of them."""

    def __init__(self, noun: Noun) -> None:
        """Begin with none.

        Args:
            noun: What is read by the day.
        """
        self._whole = noun.whole
        self._unknown = self._known = 0
        self._absent: dict[int | None, int] = {}
        self._present: set[int | None] = set()

    def note_part(self, day: date, part: DayPart, report: Report) -> None:
        """Count the part of a day that one project has; say so if it is not there."""
        if part.nothing is None:
            self._present.add(part.project)
            return
        self._absent[part.project] = self._absent.get(part.project, 0) + 1
        whose = "" if part.project is None else f" for project {part.project}"
        message = (
            f"VCC Live has no {self._whole} of {day}{whose}, as it says three times "
            f"({part.nothing})"
        )
        report.notice(f"Days without a {self._whole}", logging.WARNING, message)

    def note_day(self, *, is_absent: bool) -> None:
        """Count a day that has been read, or that is not there at all."""
        self._unknown += is_absent
        self._known += not is_absent

    def tell(self, logger: logging.Logger, *, has_read: bool) -> bool:
        """Say what is not there at all; return whether that means that no day is known.

        Args:
            logger: Where to.
            has_read: Whether there have ever been days.
        """
        if self._unknown and not self._known:
            logger.log(
                logging.WARNING if has_read else logging.ERROR,
                "VCC Live has no %s of any of %s days, which therefore do not count as read: is "
                "api_url right?",
                self._whole,
                f"{self._unknown:,}",
            )
            return not has_read
        for project, days in self._absent.items():
            if project is not None and project not in self._present:
                logger.warning(
                    "VCC Live knows project %s on none of %s days: is project_ids right?",
                    project,
                    f"{days:,}",
                )
        return False
