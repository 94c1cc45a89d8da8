"""The options of the command line: what `Options` has, each with its help."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, get_args, get_type_hints

import click

from vcclive_sandbox.fault_names import FAULTS
from vcclive_sandbox.options import Options, Variants

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

DEFAULT = Options(port=8765, record=False)
SHARE = click.FloatRange(0, 1)


def _date(_context: click.Context, _option: click.Parameter, given: datetime) -> date:
    return given.date()


def _rates(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, float]:
    rates = {}
    for text in given:
        name, _, rate = text.partition("=")
        try:
            rates[name] = float(rate)
        except ValueError:
            raise click.BadParameter(f"{text!r} is not NAME=RATE") from None
    return rates


def _forced(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, list[str]]:
    forced: dict[str, list[str]] = {}
    for text in given:
        # The query of a path has equals signs, too.
        end, sign, names = text.rpartition("=")
        if not sign:
            raise click.BadParameter(f"{text!r} is not PATH=NAME")
        forced.setdefault(end, []).extend(names.split(","))
    return forced


# What determines the calls.
CALL_OPTIONS = (
    click.option(
        "--first-day",
        type=click.DateTime(["%Y-%m-%d"]),
        default=DEFAULT.first_day.isoformat(),
        callback=_date,
        help="First local day that has calls.",
    ),
    click.option("--days", type=click.IntRange(0), default=DEFAULT.days, help="Days with calls."),
    click.option(
        "--calls-per-day",
        type=click.IntRange(0),
        default=DEFAULT.calls_per_day,
        help="Calls from Monday to Friday; Saturdays have 40 % of them, Sundays 20 %.",
    ),
    click.option("--seed", default=DEFAULT.seed, help="Another number, other calls."),
    click.option("--timezone", default=DEFAULT.timezone, help="IANA zone of the call centre."),
)
SERVER_OPTIONS = (
    click.option("--host", default=DEFAULT.host, help="A loopback address."),
    click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT.port, help="0: any."),
    click.option("--customer", default=DEFAULT.customer, help="User of the authentication."),
    click.option("--api-key", default=DEFAULT.api_key, help="Password of the authentication."),
    click.option("--latency-ms", type=click.FloatRange(0), default=0, help="Of every answer."),
    click.option("--late-rate", type=SHARE, default=0, help="Share of calls registered late."),
    click.option(
        "--late-seconds",
        type=click.FloatRange(0),
        default=DEFAULT.late_seconds,
        help="Seconds from the start until late calls register.",
    ),
    click.option(
        "--late-asks",
        type=click.IntRange(0),
        default=DEFAULT.late_asks,
        help="How often a late call has to be asked for too early, besides; the first page of its "
        "day's log asks for it, too.",
    ),
    click.option("--never-rate", type=SHARE, default=0, help="Share of calls never registered."),
    click.option(
        "--states-capped",
        is_flag=True,
        help="--page-cap holds for user states, too; else their pages have 100,000 rows.",
    ),
    click.option(
        "--growing",
        type=click.IntRange(0),
        default=DEFAULT.growing,
        help="Calls of the last day that register one by one, after each page of that day's log.",
    ),
    click.option(
        "--hidden-rate",
        type=SHARE,
        default=0,
        help="Share of calls that a log counts but does not show.",
    ),
    click.option(
        "--page-cap",
        type=click.IntRange(1),
        default=DEFAULT.page_cap,
        help="Most rows of one page of the log.",
    ),
    click.option(
        "--keep-alive-requests",
        type=click.IntRange(1),
        help="Requests that a connection is kept for: it is closed as the next one arrives.",
    ),
    click.option(
        "--ca-file",
        type=click.Path(dir_okay=False),
        help="Serve https, and write the certificate of its CA here, for REQUESTS_CA_BUNDLE.",
    ),
    click.option("--forbidden", help="Regular expression of paths with query that answer 403."),
)
FAULT_OPTIONS = (
    click.option(
        "--fault",
        "rates",
        multiple=True,
        metavar="NAME=RATE",
        callback=_rates,
        help="Share of requests that meet a fault of those below; repeatable.",
    ),
    click.option(
        "--force",
        multiple=True,
        metavar="PATH=NAME[,NAME...]",
        callback=_forced,
        help="Faults that the requests for a path meet one after the other; NAME* stays for good. "
        "PATH is the end of a path, with or without options of its query; repeatable.",
    ),
    click.option(
        "--retry-after",
        type=click.Choice(["seconds", "date"]),
        default=DEFAULT.faults.retry_after,
        help="What Retry-After of 429 and 503 names.",
    ),
    click.option(
        "--retry-after-seconds", type=click.IntRange(0), default=DEFAULT.faults.retry_after_seconds
    ),
    click.option(
        "--slow-seconds",
        type=click.FloatRange(0),
        default=DEFAULT.faults.slow_seconds,
        help="How long slow takes, and stall is silent.",
    ),
    click.option(
        "--outage-seconds",
        type=click.FloatRange(0),
        default=DEFAULT.faults.outage_seconds,
        help="How long refuse and certificate last.",
    ),
)
VARIANT_OPTIONS = tuple(
    click.option(
        f"--{variant.name.replace('_', '-')}",
        type=click.Choice(get_args(get_type_hints(Variants)[variant.name])),
        default=variant.default,
        help=variant.metadata["help"],
    )
    for variant in fields(Variants)
)


def with_options(
    *groups: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...],
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that gives a command the options of some groups, in their order."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed([option for group in groups for option in group]):
            command = option(command)
        return command

    return decorate


FAULTS_EXPLAINED = "\n".join(
    ["\b", "Faults:", *(f"  {name:<14}  {text}" for name, text in FAULTS.items())]
)
"""What each fault is, for the end of the help."""
