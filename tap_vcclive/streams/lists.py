"""The streams of lists that come in one answer: all of their rows, each run."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any, ClassVar

from tap_vcclive.lists.run import ListRun
from tap_vcclive.streams.base import VccStream

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from singer_sdk.helpers.types import Context, Record


class ListStream(VccStream[ListRun]):
    """A list that comes in one answer.

    A full table, of which each run sends all again. A row that is gone from VCC Live stays in the
    warehouse: no ACTIVATE_VERSION is ever sent, as calls of last year name who has left since.

    Attributes:
        resource: Path below the address of the API.
    """

    resource: ClassVar[str]

    @override
    def _new_run(self) -> ListRun:
        client = self._new_client()
        return ListRun(self.resource, self._record_of, client, self.logger, self._flush)

    def _record_of(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the record of a row; None when it lacks a key, which no target takes."""
        record = self._values.record(row)
        return None if None in map(record.get, self.primary_keys) else record

    @override
    def _planned(self, run: ListRun) -> Iterator[Context]:
        return iter([{}])

    @override
    def _contexts(self, run: ListRun) -> Generator[Context, None, None]:
        yield {}  # all of it is one partition

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield the record of each row.

        Args:
            context: None, as there are no partitions.
        """
        if self._run is not None:
            with closing(self._run.records()) as records:
                yield from records
        elif not self._is_in_sync:
            with closing(self._new_run().records()) as records:
                yield from records
