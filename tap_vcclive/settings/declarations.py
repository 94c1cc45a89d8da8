"""The settings that a user sees: names, types, defaults and what each means."""

from __future__ import annotations

from typing import Final

from singer_sdk import typing as th

from tap_vcclive import __version__

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
