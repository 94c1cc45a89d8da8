"""One run of a list that comes whole: in one answer, or in one for each of several resources."""

from __future__ import annotations

import logging
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_vcclive.api.confirmed import confirmed
from tap_vcclive.api.errors import (
    ForbiddenError,
    NoAnswerError,
    NoUsefulAnswerError,
    OddAnswerError,
    TriesExhaustedError,
    VCCLiveError,
)
from tap_vcclive.api.outage import Outage, Sign, sign_of_life
from tap_vcclive.fetching.lookahead import LookAhead
from tap_vcclive.fetching.prefetch import Room, fetched
from tap_vcclive.fetching.report import Kind, Report
from tap_vcclive.fetching.run import Run
from tap_vcclive.words import counted

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, MutableMapping

    from tap_vcclive.api.client import Client
    from tap_vcclive.lists.kept import KeptAnswers
    from tap_vcclive.lists.source import Asked, ListSource

_FAULTS: Final = (ForbiddenError, NoAnswerError, OddAnswerError, TriesExhaustedError)
# Answers ready or under way; their bytes are bounded by the room that they share.
_AHEAD: Final = 32


class Answer(NamedTuple):
    """What VCC Live has under a resource: the rows of a list, or none.

    Attributes:
        rows: The rows as they were sent.
        fault: Why there are none, or None.
        nothing: In which way it says that a whole list is empty, which none of VCC Live's ever is.
    """

    rows: list[Any]
    fault: VCCLiveError | None = None
    nothing: str | None = None


class ListRun(Run):
    """Reads all rows of a list."""

    def __init__(
        self,
        source: ListSource,
        client: Client,
        kept: KeptAnswers,
        logger: logging.Logger,
        before_report: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep what is needed; nothing is asked for yet.

        Args:
            source: What is particular to the list.
            client: Asks VCC Live.
            kept: Answers that other lists have asked for.
            logger: Where to.
            before_report: Called before the run says how many rows it has loaded.
        """
        super().__init__(logger, before_report)
        self._source = source
        self._client = client
        self._room = Room()
        self._get = partial(kept.get, client=client, admit=self._room.admit)
        self._outage = Outage(self._look)
        self._last_answered: list[str] = []
        self._loaded = self._odd = self._failed = 0
        self._is_read = False

    @property
    @override
    def unfinished(self) -> list[str]:
        left = []
        if self._odd:
            left.append(f"{counted(self._odd, 'row')} without a key")
        if self._failed:
            left.append(f"{counted(self._failed, 'resource')} without an answer")
        return left

    @property
    @override
    def has_got_on(self) -> bool:
        return self._is_read

    @override
    def begin(self, state: Mapping[str, Any]) -> None:
        """Do nothing: all rows are read each time."""

    def parts(
        self, workers: int
    ) -> Generator[tuple[Mapping[str, Any], Iterator[dict[str, Any]]], None, None]:
        """Yield what the rows of each answer have in common, and their records.

        The records have to be taken before the next part is.

        Args:
            workers: How many answers are fetched at the same time.

        Raises:
            VCCLiveError: When there is no list.
        """
        report = Report(self._logger, Kind(self._source.name, "resources", "odd rows"), None)
        with self._under_way(report):
            ahead = LookAhead(
                self._answer_to, self._asked(), workers=workers, ahead=_AHEAD, room=self._room
            )
            for one, answer in ahead:
                if self.is_stopped:
                    break
                yield one.fields, self._records(one, answer, report)
                self._settle(one, answer, report)
                report.handled(self._odd)
            if not self.is_stopped:
                self._outage.end()
                self._is_read = True

    def _asked(self) -> Iterable[Asked]:
        """Return what is asked for; nothing when told to stop meanwhile.

        Raises:
            NoUsefulAnswerError: When what tells it has no answer.
        """
        ask = partial(self._source.asked, self._get)
        try:
            return fetched(ask, lambda: self.is_stopped) or ()
        except _FAULTS as fault:
            raise NoUsefulAnswerError(fault, 1) from None

    def _answer_to(self, asked: Asked) -> Answer:
        def answer() -> Answer:
            rows = self._source.rows_in(self._get(asked.resource), asked.resource)
            return Answer(rows, nothing=None if rows or asked.is_part else "[]")

        try:
            return confirmed(answer, asked.resource)
        except _FAULTS as fault:
            return Answer([], fault)

    def _records(self, asked: Asked, answer: Answer, report: Report) -> Iterator[dict[str, Any]]:
        """Yield the record of each row that has its key."""
        for number, row in enumerate(answer.rows, 1):
            if self.is_stopped:
                return
            record = None
            if isinstance(row, dict):
                record = self._source.record_of({**row, **asked.fields} if asked.fields else row)
            if record is None:
                self._odd += 1
                message = f"{asked.resource}: row {number:,} has no key and is not loaded"
                report.notice("Rows without a key", logging.ERROR, message)
                continue
            yield record
            self._loaded += 1

    def _settle(self, asked: Asked, answer: Answer, report: Report) -> None:
        """Note that there was an answer, or none.

        Raises:
            ServerFailsError: When nothing is answered any more.
        """
        fault = answer.fault
        # One of several that is not there is none that is lacking.
        is_gone = isinstance(fault, NoAnswerError) and fault.how != "errors" and asked.is_part
        if fault is None or is_gone:
            self._last_answered = [asked.resource]
            self._outage.answered()
            if fault is not None:
                report.notice("Resources that are not there", logging.WARNING, str(fault))
            if answer.nothing is not None:
                message = f"VCC Live says three times that there is nothing under {asked.resource}"
                report.notice("Empty lists", logging.WARNING, message)
            return
        self._outage.failed(fault, partial(self._count_failure, fault, report))

    def _count_failure(self, fault: VCCLiveError, report: Report) -> None:
        self._failed += 1
        report.notice("Resources without an answer", logging.ERROR, str(fault))

    def _look(self) -> Sign | None:
        """Look whether what has been answered still is; None when told to stop meanwhile."""
        look = partial(sign_of_life, self._last_answered, self._client.get)
        return fetched(look, lambda: self.is_stopped)

    @override
    def is_worth_saving(self) -> bool:
        return True

    @override
    def save(self, state: MutableMapping[str, Any]) -> None:
        """Do nothing: the next run begins with nothing as well."""

    @override
    def _left(self) -> list[str]:
        return [] if self._is_read else [f"the rest of {self._source.name}"]

    @override
    def _summary(self) -> str:
        client = self._client
        return (
            f"{counted(self._loaded, 'row')} loaded; {counted(client.asked, 'request')}, "
            f"{counted(client.tries, 'try', 'tries')}"
        )
