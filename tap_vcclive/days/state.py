"""What the state says of the call log: read from it, checked, and written into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.attempts import KEYS as ATTEMPTS_KEYS
from tap_vcclive.attempts import Attempts
from tap_vcclive.days.spans import Span, day_in
from tap_vcclive.states import BadStateError, check_names, value_in

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from datetime import date, datetime

KEYS: Final = (
    "first_day",
    "last_day",
    "earlier",
    "open_days",
    "given_up",
    "empty_days",
    "project_ids",
)
"""What stands in the state: all of it always, so that a merge key by key keeps what was meant."""


@dataclass
class DaysState:
    """What the state says of the log.

    Attributes:
        spans: The days that have been read, oldest first.
        open_days: Those of them that lack calls.
        given_up: Days that are not read again, each with the `start_date` of the last run.
        empty_days: Days that had no call when they were read, each with the project (None for all
            of them together). None when the state is of a version that did not note them.
        projects: For which projects the days have been read; None for all.
    """

    spans: list[Span] = field(default_factory=list)
    open_days: dict[date, Attempts] = field(default_factory=dict)
    given_up: dict[date, date | None] = field(default_factory=dict)
    empty_days: set[tuple[date, int | None]] | None = None
    projects: list[Any] | None = None

    def save(self, state: MutableMapping[str, Any]) -> None:
        """Write it all into a state, leaving its other keys alone."""
        newest = self.spans[-1].to_state() if self.spans else {"first_day": None, "last_day": None}
        state.update(newest)
        state["earlier"] = [span.to_state() for span in self.spans[:-1]]
        state["open_days"] = [
            {"day": day.isoformat(), **attempts.to_state()}
            for day, attempts in sorted(self.open_days.items())
        ]
        state["given_up"] = [
            {"day": day.isoformat(), "start_date": start.isoformat() if start else None}
            for day, start in sorted(self.given_up.items())
        ]
        state["empty_days"] = [
            {"day": day.isoformat(), "project_id": project}
            for day, project in sorted(self.empty_days or (), key=lambda one: (one[0], one[1] or 0))
        ]
        state["project_ids"] = self.projects


def days_state_in(stream: str, state: Mapping[str, Any], now: datetime) -> DaysState:
    """Return what a state says of the log.

    Args:
        stream: Whose state it is, for messages.
        state: The state.
        now: What stands for instants that older versions did not write, in UTC.

    Raises:
        BadStateError: When the state is none that `DaysState.save` writes.
    """
    try:
        spans = [Span.from_state(entry) for entry in _entries(stream, state, "earlier")]
        if state.get("first_day") is not None or state.get("last_day") is not None:
            spans.append(Span.from_state(state))
        projects = state.get("project_ids")
        return DaysState(
            spans,
            {
                day_in(entry["day"]): Attempts.from_state(entry, now)
                for entry in _entries(stream, state, "open_days")
            },
            {
                day_in(entry["day"]): _day_or_none(entry.get("start_date"))
                for entry in _entries(stream, state, "given_up")
            },
            _empty_days_in(stream, state),
            None if projects is None else list(dict.fromkeys(projects)),
        )
    except BadStateError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BadStateError(
            stream, f"{', '.join(KEYS)} must be as the tap has written them"
        ) from None


_ENTRY_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "earlier": ("first_day", "last_day"),
    "open_days": ("day", *ATTEMPTS_KEYS),
    "given_up": ("day", "start_date"),
    "empty_days": ("day", "project_id"),
}


def _entries(stream: str, state: Mapping[str, Any], key: str) -> list[Any]:
    """Return the entries of a list of the state, each of them checked for its names."""
    entries = value_in(state, key, [])
    if not isinstance(entries, list):
        raise ValueError("entries must be a list")  # noqa: TRY004 - states are edited by hand
    for entry in entries:
        check_names(stream, f"an entry of {key}", entry, _ENTRY_KEYS[key])
    return entries


def _empty_days_in(stream: str, state: Mapping[str, Any]) -> set[tuple[date, int | None]] | None:
    if state.get("empty_days") is None:
        return None
    return {
        (day_in(entry["day"]), _project_in(entry.get("project_id")))
        for entry in _entries(stream, state, "empty_days")
    }


def _project_in(value: object) -> int | None:
    if value is not None and type(value) is not int:
        raise ValueError("a project must be a number")
    return value


def _day_or_none(text: object) -> date | None:
    return None if text is None else day_in(text)
