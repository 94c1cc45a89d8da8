"""One day of something that is read by the day, as its reading sees it, whatever that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from datetime import date

    from tap_vcclive.api.errors import VCCLiveError
    from tap_vcclive.fetching.lookahead import Later

Row = tuple[str, dict[str, Any]]
"""What tells a row from all others, and the row as VCC Live sent it."""


class Noun(NamedTuple):
    """What is read by the day, in words for people.

    Attributes:
        whole: What each day has one of, such as `log`.
        row: One of its rows, such as `call`.
        key: What tells a row from others, such as `the uuid of a call`.
    """

    whole: str
    row: str
    key: str


class DayPart(NamedTuple):
    """What VCC Live has said of a day, or of a day of one project.

    Attributes:
        project: The project's id; None for all of them together.
        rows: How many different ones it has listed.
        nothing: In which way it said that there is nothing, unless it said that plainly.
    """

    project: int | None
    rows: int
    nothing: str | None


class ReadDay(Protocol):
    """A day that is being read, or has been.

    Attributes:
        day: The day, local time of the call centre.
    """

    day: date

    @property
    def parts(self) -> Sequence[DayPart]:
        """What VCC Live has said, project by project."""

    @property
    def count(self) -> int:
        """How many different rows have been read."""

    @property
    def handed_out(self) -> int:
        """How many of them were handed out."""

    @property
    def total(self) -> int | None:
        """How many there are, as VCC Live says; None when it does not."""

    @property
    def odd(self) -> int:
        """How many rows have nothing that tells them from others."""

    @property
    def faults(self) -> Sequence[VCCLiveError]:
        """Why rows are lacking."""

    @property
    def is_complete(self) -> bool:
        """Whether all rows have been read."""

    @property
    def is_only_short(self) -> bool:
        """Whether no more is wrong than that rows are lacking, as while a day grows."""

    @property
    def is_absent(self) -> bool:
        """Whether VCC Live knows no such day."""

    def rows(self) -> Iterator[Row | Later]:
        """Yield each row, once; when they end, the attributes tell how that went."""


class DaySource(Protocol):
    """Where days come from."""

    @property
    def noun(self) -> Noun:
        """What is read."""

    @property
    def stopped(self) -> bool:
        """Whether it was told to stop."""

    def stop(self) -> None:
        """End at the next row; callable from a signal."""

    def days(self, days: Iterable[date]) -> Generator[ReadDay, None, None]:
        """Yield the days; the rows of each have to be taken before the next day is."""

    def resource(self, day: date, project: int | None) -> str:
        """Return where the first rows of a day are asked for."""
