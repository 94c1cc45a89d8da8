"""The streams of lists that come in one answer: all of their rows, each run."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any, ClassVar

from tap_vcclive.lists.rows import rows_in
from tap_vcclive.lists.run import ListRun
from tap_vcclive.lists.source import Asked
from tap_vcclive.streams.base import VccStream

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

    from singer_sdk.helpers.types import Context, Record


class ListStream(VccStream[ListRun]):
    """A list that comes in one answer.

    A full table, of which each run sends all again. A row that is gone from VCC Live stays in the
    warehouse: no ACTIVATE_VERSION is ever sent, as calls of last year name who has left since.

    Attributes:
        resource: Path below the address of the API.
    """

    resource: ClassVar[str]

    _part: tuple[Context, Iterator[Record]] | None = None

    @override
    def _new_run(self) -> ListRun:
        kept = self._sharing_tap.shared.kept
        return ListRun(self, self._new_client(), kept, self.logger, self._flush)

    def asked(self, get: Callable[[str], Any]) -> Iterable[Asked]:  # noqa: ARG002 - lists in several parts need it
        """See `ListSource`."""
        return [Asked(self.resource, {})]

    def rows_in(self, response: object, resource: str) -> list[Any]:
        """See `ListSource`."""
        return rows_in(response, resource)

    def record_of(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the record of a row; None when it lacks a key, which no target takes."""
        record = self._values.record(row)
        return None if None in map(record.get, self.primary_keys) else record

    def _context_of(self, fields: Mapping[str, Any]) -> Context:  # noqa: ARG002 - lists in several parts need it
        """Return the context of a part; all of the list is one, which has none."""
        return {}

    @override
    def _planned(self, run: ListRun) -> Iterator[Context]:
        return iter([{}])

    @override
    def _contexts(self, run: ListRun) -> Generator[Context, None, None]:
        with closing(run.parts(self._settings.max_concurrency)) as parts:
            for fields, records in parts:
                context = self._context_of(fields)
                self._part = (context, records)
                yield context

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield the record of each row.

        Args:
            context: The part of a list that comes in several.
        """
        if self._part is not None and self._part[0] == (context or {}):
            yield from self._part[1]
        elif not self._is_in_sync:
            with closing(self._new_run().parts(1)) as parts:
                for fields, records in parts:
                    if self._context_of(fields) == (context or {}):
                        yield from records
