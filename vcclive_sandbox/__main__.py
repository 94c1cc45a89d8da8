"""The command `vcclive-sandbox`: serve the invented calls, or list them."""

from __future__ import annotations

import signal
import sys
from dataclasses import fields
from typing import Any

import click

from vcclive_sandbox import listing
from vcclive_sandbox.calls import Calls
from vcclive_sandbox.command_options import (
    CALL_OPTIONS,
    FAULT_OPTIONS,
    FAULTS_EXPLAINED,
    SERVER_OPTIONS,
    VARIANT_OPTIONS,
    with_options,
)
from vcclive_sandbox.options import Faults, Options, Variants
from vcclive_sandbox.server import Server


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


@main.command(epilog=FAULTS_EXPLAINED)
@with_options(SERVER_OPTIONS, CALL_OPTIONS, VARIANT_OPTIONS, FAULT_OPTIONS)
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
@with_options(CALL_OPTIONS)
@click.option(
    "--format",
    "form",
    type=click.Choice(listing.FORMATS),
    default="csv",
    help="csv: uuid,year,month. jsonl: a log of webhooks, "
    "other kinds of events among them. txt: a uuid a line, of the calls with "
    "version-1 uuids only, as the others do not tell their month.",
)
@click.option("--with-example", is_flag=True, help="The documented call of 2015, too.")
@click.option(
    "--append",
    type=click.Path(dir_okay=False),
    help="Append to this file rather than print, piece by piece, as a receiver of webhooks does.",
)
@click.option(
    "--pause-ms", type=click.FloatRange(0), default=0, help="Between two pieces of --append."
)
@click.pass_context
def calls(
    context: click.Context,
    /,
    form: str,
    append: str | None,
    pause_ms: float,
    *,
    with_example: bool,
    **_: object,
) -> None:
    """List the calls in order of their start."""
    own = {"form", "with_example", "append", "pause_ms"}
    given = {k: v for k, v in context.params.items() if k not in own}
    try:
        invented = Calls(Options(**given))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    out = sys.stdout if append is None else listing.SlowFile(append, pause_ms / 1000)
    listing.write(invented, form, out, with_example=with_example)


if __name__ == "__main__":
    main(prog_name="vcclive-sandbox")
