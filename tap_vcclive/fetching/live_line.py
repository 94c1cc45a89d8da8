"""A live line for people at a terminal: a progress bar that log lines do not run into."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Final, Self

import click

if TYPE_CHECKING:
    from types import TracebackType

_CLEAR_LINE: Final = "\r\033[K"


class LiveLine:
    """A progress bar on stderr, for as long as a `with` block lasts."""

    def __init__(self, label: str, expected: int | None) -> None:
        """Prepare the bar.

        Args:
            label: What stands before it.
            expected: How many units make it full; None when nobody knows.
        """
        self._bar = click.progressbar(
            length=expected,
            label=label,
            show_pos=True,
            show_percent=expected is not None,
            item_show_func=lambda text: text,
            file=sys.stderr,
        )

    def __enter__(self) -> Self:
        """Show the bar, and have each log line written above it."""
        self._bar.__enter__()
        for handler in logging.getLogger().handlers:
            handler.addFilter(_clear_line)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the bar as it stands."""
        for handler in logging.getLogger().handlers:
            handler.removeFilter(_clear_line)
        self._bar.__exit__(kind, error, trace)

    def show(self, more: int, text: str) -> None:
        """Move the bar on.

        Args:
            more: How many units have been handled since the last time.
            text: What stands behind the bar.
        """
        self._bar.update(more, text)


def _clear_line(_: logging.LogRecord) -> bool:
    sys.stderr.write(_CLEAR_LINE)
    return True
