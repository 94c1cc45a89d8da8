"""One run of a list that comes in one answer."""

from __future__ import annotations

import logging
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from tap_vcclive.api.errors import (
    ForbiddenError,
    NoAnswerError,
    NoUsefulAnswerError,
    OddAnswerError,
    TriesExhaustedError,
)
from tap_vcclive.fetching.prefetch import fetched
from tap_vcclive.fetching.report import Kind, Report
from tap_vcclive.fetching.run import Run
from tap_vcclive.lists.rows import rows_in
from tap_vcclive.words import counted

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, MutableMapping

    from tap_vcclive.api.client import Client


class ListRun(Run):
    """Reads all rows of one resource."""

    def __init__(
        self,
        resource: str,
        record_of: Callable[[Mapping[str, Any]], dict[str, Any] | None],
        client: Client,
        logger: logging.Logger,
        before_report: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep what is needed; nothing is asked for yet.

        Args:
            resource: Path below the address of the API.
            record_of: Makes the record of a row; None when it lacks a key.
            client: Asks VCC Live.
            logger: Where to.
            before_report: Called before the run says how many rows it has loaded.
        """
        super().__init__(logger, before_report)
        self._kind = Kind(resource.strip("/"), "rows", "odd")
        self._resource = resource
        self._record_of = record_of
        self._client = client
        self._loaded = self._odd = 0
        self._is_read = False

    @property
    @override
    def unfinished(self) -> list[str]:
        return [f"{counted(self._odd, 'row')} without a key"] if self._odd else []

    @property
    @override
    def has_got_on(self) -> bool:
        return self._is_read

    @override
    def begin(self, state: Mapping[str, Any]) -> None:
        """Do nothing: all rows are read each time."""

    def records(self) -> Generator[dict[str, Any], None, None]:
        """Yield the record of each row.

        Raises:
            VCCLiveError: When there is no list.
        """
        report = Report(self._logger, self._kind, None)
        with self._under_way(report):
            for number, row in enumerate(self._rows(), 1):
                if self.is_stopped:
                    return
                record = self._record_of(row) if isinstance(row, dict) else None
                if record is None:
                    self._odd += 1
                    message = f"{self._resource}: row {number:,} has no key and is not loaded"
                    report.notice("Rows without a key", logging.ERROR, message)
                else:
                    yield record
                    self._loaded += 1
                report.handled(self._odd)
            self._is_read = not self.is_stopped

    def _rows(self) -> list[Any]:
        """Return the rows of the answer; none when told to stop meanwhile.

        Raises:
            VCCLiveError: When there is no list.
        """
        get = partial(self._client.get, self._resource)
        try:
            response = fetched(get, lambda: self.is_stopped)
            return [] if self.is_stopped else rows_in(response, self._resource)
        except (ForbiddenError, NoAnswerError, OddAnswerError, TriesExhaustedError) as error:
            # Of one resource nobody knows whether it is the server.
            raise NoUsefulAnswerError(error, 1) from None

    @override
    def is_worth_saving(self) -> bool:
        return True

    @override
    def save(self, state: MutableMapping[str, Any]) -> None:
        """Do nothing: the next run begins with nothing as well."""

    @override
    def _left(self) -> list[str]:
        return [] if self._is_read else ["the rest of the list"]

    @override
    def _summary(self) -> str:
        client = self._client
        return (
            f"{counted(self._loaded, 'row')} loaded; {counted(client.asked, 'request')}, "
            f"{counted(client.tries, 'try', 'tries')}"
        )
