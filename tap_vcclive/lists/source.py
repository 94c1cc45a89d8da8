"""What is particular to a list: what it is asked for at, and what its rows are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Asked(NamedTuple):
    """A resource that is asked for, for all of its rows.

    Attributes:
        resource: Path below the address of the API.
        fields: What each row lacks that the path says, or the instant.
        is_part: Whether others are asked for as well: of one of several, nothing may be the truth.
    """

    resource: str
    fields: Mapping[str, Any]
    is_part: bool = False


class ListSource(Protocol):
    """What is particular to a list."""

    @property
    def name(self) -> str:
        """Name of the stream."""

    def asked(self, get: Callable[[str], Any]) -> Iterable[Asked]:
        """Return what is asked for; to find out, others may be asked for.

        Args:
            get: Returns VCC Live's answer for a resource.

        Raises:
            VCCLiveError: When that cannot be found out.
        """

    def rows_in(self, response: object, resource: str) -> list[Any]:
        """Return the rows in an answer.

        Raises:
            OddAnswerError: When it is no list.
        """

    def record_of(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the record of a row; None when it lacks a key."""
