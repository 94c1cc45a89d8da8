"""What a user sets: every setting declared once, and handed on with its type."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from singer_sdk import typing as th

from tap_vcclive import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

_TEXT_OR_NUMBER: Final = th.CustomType({"type": ["string", "number", "null"]})

SETTINGS: Final = th.PropertiesList(
    th.Property(
        "customer",
        th.StringType,
        required=True,
        title="Customer",
        description="Subdomain of the VCC Live account: letters, digits and inner hyphens.",
    ),
    th.Property(
        "api_key",
        th.StringType(min_length=1),
        required=True,
        secret=True,
        title="API key",
        description="Key of the Database API, made by an administrator of the account.",
    ),
    th.Property(
        "calls",
        th.ArrayType(
            th.AnyOf(
                th.StringType,
                th.ObjectType(
                    th.Property("uuid", th.StringType),
                    th.Property("year", _TEXT_OR_NUMBER),
                    th.Property("month", _TEXT_OR_NUMBER),
                ),
            ),
        ),
        title="Calls",
        description=(
            "Calls to fetch: a uuid, or an object with uuid, year and month. Year and month "
            "can be left out when the uuid is of version 1."
        ),
    ),
    th.Property(
        "calls_file",
        th.StringType(min_length=1),
        title="File of calls",
        description=(
            "Path or fsspec URL of a list of calls to fetch after those in calls: .csv with a "
            "header (uuid, optional year and month), .jsonl or .ndjson (objects with the same "
            "keys), .txt (a uuid a line); each also as .gz."
        ),
    ),
    th.Property(
        "start_date",
        th.DateType,
        title="Start date",
        description=(
            "First day of the call log to read, in the call centre's time zone; without it the "
            "log is not read."
        ),
    ),
    th.Property(
        "end_date",
        th.DateType,
        title="End date",
        description="Last day of the call log to read; today if unset.",
    ),
    th.Property(
        "calls_from_log",
        th.BooleanType,
        default=False,
        title="Calls from the log",
        description=(
            "Also fetch each call found in the log one by one, in the stream cdr, for what only a "
            "single call's answer holds."
        ),
    ),
    th.Property(
        "project_ids",
        th.ArrayType(th.IntegerType(minimum=0)),
        title="Projects",
        description="Ids of the projects that the log is read for; all projects if unset.",
    ),
    th.Property(
        "lookback_days",
        th.IntegerType(minimum=0, maximum=3650),
        default=1,
        title="Look-back days",
        description=(
            "Days of the log that are read again before the last one that has been read, for "
            "calls that were late or have changed."
        ),
    ),
    th.Property(
        "timezone",
        th.StringType(min_length=1),
        default="Europe/Budapest",
        title="Time zone",
        description="IANA time zone of the call centre, in which VCC Live's timestamps are.",
    ),
    th.Property(
        "retry_minutes",
        th.IntegerType(minimum=0, maximum=7 * 24 * 60),
        default=5,
        title="Retry minutes",
        description=(
            "Least minutes between two attempts at a call that is not registered yet, by later "
            "runs or by one that waits. The longer a call waits, the less often it is asked "
            "for: once an hour in the end."
        ),
    ),
    th.Property(
        "max_attempts",
        th.IntegerType(minimum=1, maximum=1000),
        default=20,
        title="Attempts",
        description=(
            "Attempts at a call that is not registered, or at a day of the log that comes out "
            "short, before it is given up: a call not before 24 hours after the first attempt, "
            "a day not before seven days."
        ),
    ),
    th.Property(
        "wait_minutes",
        th.IntegerType(minimum=0, maximum=24 * 60),
        default=0,
        title="Wait minutes",
        description=(
            "Minutes that a run stays, once all else is done, for calls that are not "
            "registered yet; each is asked for every retry_minutes, later less often."
        ),
    ),
    th.Property(
        "stop_after_minutes",
        th.IntegerType(minimum=1, maximum=30 * 24 * 60),
        title="Stop after minutes",
        description=(
            "Minutes after which a run ends by itself, with status 0 and a state from which the "
            "next run goes on; none if unset."
        ),
    ),
    th.Property(
        "max_concurrency",
        th.IntegerType(minimum=1, maximum=64),
        default=8,
        title="Concurrency",
        description="Requests in flight at the same time.",
    ),
    th.Property(
        "requests_per_minute",
        th.IntegerType(minimum=1),
        title="Requests a minute",
        description="Upper bound of requests a minute, over all that are in flight; none if unset.",
    ),
    th.Property(
        "request_timeout_seconds",
        th.IntegerType(minimum=1, maximum=600),
        default=60,
        title="Request timeout in seconds",
        description="Seconds after which a request that has had no answer counts as failed.",
    ),
    th.Property(
        "max_tries",
        th.IntegerType(minimum=1, maximum=20),
        default=6,
        title="Tries",
        description="Tries of one request on passing faults (429, 5xx, timeout, broken answer).",
    ),
    th.Property(
        "api_url",
        th.StringType(min_length=1),
        default="https://{customer}.asp.virtual-call-center.eu/v2",
        title="API address",
        description=(
            "Another address of the same API; {customer} stands for the setting customer. "
            "Plain http is accepted for loopback addresses only."
        ),
    ),
    th.Property(
        "user_agent",
        th.StringType(min_length=1, max_length=200),
        default=f"tap-vcclive/{__version__}",
        title="User agent",
        description="User-Agent header of every request.",
    ),
    additional_properties=False,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a run, checked and typed; see `SETTINGS` for their meaning."""

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
