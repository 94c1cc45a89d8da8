"""The command `vcclive-sandbox`: serve the invented calls, or list them."""

from __future__ import annotations

import signal
import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import click

from vcclive_sandbox import listing
from vcclive_sandbox.calls import Calls
from vcclive_sandbox.options import FAULT_NAMES, Faults, Options, Variants
from vcclive_sandbox.server import Server

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
        help="How often a late call is asked for in vain, besides; the first page of its day's log "
        "asks for it, too.",
    ),
    click.option("--never-rate", type=SHARE, default=0, help="Share of calls never registered."),
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
        help=f"Share of requests that fail so; repeatable: {', '.join(FAULT_NAMES)}.",
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


def _with_options(
    *groups: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...],
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed([option for group in groups for option in group]):
            command = option(command)
        return command

    return decorate


def _options(given: dict[str, Any]) -> Options:
    def taken(names: type[Variants | Faults]) -> dict[str, Any]:
        return {field.name: given.pop(field.name) for field in fields(names)}

    try:
        return Options(
            variants=Variants(**taken(Variants)), faults=Faults(**taken(Faults)), **given
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error


@click.group(context_settings={"show_default": True, "max_content_width": 100})
def main() -> None:
    """Stand in for VCC Live: the same resources, invented calls, every fault on demand."""


@main.command()
@_with_options(SERVER_OPTIONS, CALL_OPTIONS, VARIANT_OPTIONS, FAULT_OPTIONS)
@click.pass_context
def serve(context: click.Context, /, **_: object) -> None:
    """Print the API's address, then serve until interrupted."""
    for name in (signal.SIGINT, signal.SIGTERM):
        # Both are the way to end it: neither is a failure. uvicorn raises them again at its end.
        signal.signal(name, lambda *_: sys.exit(0))
    try:
        server = Server(_options({**context.params, "record": False}))
    except OSError as error:
        cannot = f"write {error.filename}" if error.filename else "open the port"
        raise click.ClickException(f"cannot {cannot}: {error.strerror}") from error
    click.echo(server.api_url)
    server.run()


@main.command()
@_with_options(CALL_OPTIONS)
@click.option(
    "--format",
    "form",
    type=click.Choice(listing.FORMATS),
    default="csv",
    help="csv: uuid,year,month. jsonl: a webhook a line. txt: a uuid a line, of the calls with "
    "version-1 uuids only, as the others do not tell their month.",
)
@click.option("--with-example", is_flag=True, help="The documented call of 2015, too.")
@click.pass_context
def calls(context: click.Context, /, form: str, *, with_example: bool, **_: object) -> None:
    """List the calls in order of their start."""
    given = {k: v for k, v in context.params.items() if k not in {"form", "with_example"}}
    try:
        invented = Calls(Options(**given))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    listing.write(invented, form, sys.stdout, with_example=with_example)


if __name__ == "__main__":
    main(prog_name="vcclive-sandbox")
