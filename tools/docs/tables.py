"""Tables in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, one line a row; a bar in a cell does not end it."""
    lines = [_line(header), "|" + "---|" * len(header)]
    return "\n".join([*lines, *(_line(row) for row in rows)]) + "\n"


def _line(cells: Sequence[str]) -> str:
    """Return a row as a line."""
    padded = (f" {cell} " if cell else " " for cell in (c.replace("|", r"\|") for c in cells))
    return f"|{'|'.join(padded)}|"
