"""What the demo says: numbered steps, commands as a user types them, tables of rows."""

from __future__ import annotations

import sys
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_steps = count(1)


def step(title: str) -> None:
    """Begin the next step."""
    say(f"\n{next(_steps)}. {title}")


def command(line: str) -> None:
    """Show a command that does in a terminal what the demo does now."""
    say(f"   $ {line}")


def result(text: str) -> None:
    """Say what came of it."""
    say(f"   {text}")


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Show rows below each other: texts to the left, numbers to the right."""
    cells = [[_text(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    numeric = [
        all(isinstance(value, int) for value in column) for column in zip(*rows, strict=True)
    ]
    for line in (header, ["-" * width for width in widths], *cells):
        aligned = (
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, numeric, strict=True)
        )
        say("   " + "  ".join(aligned).rstrip())


def say(text: str) -> None:
    """Write a line at once, also into a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _text(value: object) -> str:
    return "" if value is None else str(value)
