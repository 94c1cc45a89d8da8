"""One run of a stream: what it fetches, how far that has got, and how it ends."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tap_vcclive.stopping import Stop, tell_stop

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator, Mapping, MutableMapping

    from tap_vcclive.fetching.report import Report


class Run(ABC):
    """One run of a stream."""

    def __init__(self, logger: logging.Logger, before_report: Callable[[], None]) -> None:
        """Keep what is needed.

        Args:
            logger: Where to.
            before_report: Called before the run says how many calls it has loaded.
        """
        self._logger = logger
        self._before_report = before_report
        self._is_under_way = False
        self._stop: Stop | None = None

    @property
    @abstractmethod
    def unfinished(self) -> list[str]:
        """What the run leaves of what it was asked for, a text each."""

    @property
    @abstractmethod
    def has_got_on(self) -> bool:
        """Whether the next run has less to do."""

    @abstractmethod
    def begin(self, state: Mapping[str, Any]) -> None:
        """Find the place where a state stood."""

    @abstractmethod
    def is_worth_saving(self) -> bool:
        """Return whether the state is worth its size now."""

    @abstractmethod
    def save(self, state: MutableMapping[str, Any]) -> None:
        """Write how far the run has got into a state."""

    @property
    def is_stopped(self) -> bool:
        """Whether the run is to end."""
        return self._stop is not None

    def stop(self, why: Stop = Stop.SIGNAL) -> bool:
        """End the run soon; return whether it was under way. Callable from a signal."""
        was_under_way = self._is_under_way and not self.is_stopped
        self._stop = self._stop or why
        return was_under_way

    @contextmanager
    def _under_way(self, report: Report) -> Iterator[None]:
        """Be under way, and say at the end what the run has come to."""
        self._is_under_way = True
        try:
            yield
        finally:
            if self._stop is not None:
                tell_stop(self._stop, self._left(), self._logger)
            self._is_under_way = False
            try:
                self._before_report()
            finally:
                report.close(self._summary())

    @abstractmethod
    def _left(self) -> list[str]:
        """Return what is left when the run ends before it has done all, a text each."""

    @abstractmethod
    def _summary(self) -> str:
        """Return what the run has come to."""
