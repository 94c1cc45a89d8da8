"""The settings of a run, with their types; `declarations.py` says what each means."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a run, checked and typed; see `declarations.SETTINGS` for their meaning."""

    customer: str
    api_key: str = field(repr=False)
    api_url: str
    user_agent: str
    zone: ZoneInfo
    calls: list[Any]
    calls_file: str | None
    start_date: date | None
    end_date: date | None
    calls_from_log: bool
    project_ids: tuple[int, ...] | None
    lookback_days: int
    wait: timedelta
    stop_after: timedelta | None
    retry_after: timedelta
    max_attempts: int
    max_concurrency: int
    requests_per_minute: int | None
    request_timeout: int
    max_tries: int

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Settings:
        """Return the typed settings of a config in which `problems_of` found nothing."""
        zone = ZoneInfo(config["timezone"])
        start, end = (
            day_of(config[name], zone) if config.get(name) else None
            for name in ("start_date", "end_date")
        )
        projects = config.get("project_ids")
        minutes = config.get("stop_after_minutes")
        return cls(
            customer=config["customer"],
            api_key=config["api_key"],
            api_url=api_url_of(config),
            user_agent=config["user_agent"],
            zone=zone,
            calls=config.get("calls") or [],
            calls_file=config.get("calls_file"),
            start_date=start,
            end_date=end,
            calls_from_log=config["calls_from_log"],
            project_ids=tuple(dict.fromkeys(map(int, projects))) if projects else None,
            lookback_days=int(config["lookback_days"]),
            wait=timedelta(minutes=config["wait_minutes"]),
            stop_after=timedelta(minutes=minutes) if minutes else None,
            retry_after=timedelta(minutes=config["retry_minutes"]),
            max_attempts=int(config["max_attempts"]),
            max_concurrency=int(config["max_concurrency"]),
            requests_per_minute=config.get("requests_per_minute"),
            request_timeout=int(config["request_timeout_seconds"]),
            max_tries=int(config["max_tries"]),
        )


def day_of(text: str, zone: tzinfo) -> date:
    """Return the day that a date or a time names, in the call centre's zone.

    Meltano turns dates such as "30 days ago" into times without an offset: their date counts.

    Args:
        text: `YYYY-MM-DD`, or a time in one of the forms of ISO 8601.
        zone: Time zone of the call centre.

    Raises:
        ValueError: When it is none of these.
    """
    time = datetime.fromisoformat(text.strip())
    return (time.astimezone(zone) if time.tzinfo else time).date()


def api_url_of(config: Mapping[str, Any]) -> str:
    """Return the address of the API with the customer filled in and without a closing slash."""
    url: str = config["api_url"]
    return url.replace("{customer}", str(config.get("customer", ""))).rstrip("/")
