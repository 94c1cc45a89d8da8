"""Where days of user states come from: the first page of each is fetched ahead."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.days.day import Noun
from tap_vcclive.fetching.lookahead import LookAhead
from tap_vcclive.fetching.prefetch import Room, fetched
from tap_vcclive.user_states.day import FAULTS, PageSize, StatesDay
from tap_vcclive.user_states.pages import LARGEST_PAGE, Page, StatesOfDay, first_page

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from datetime import date

    from tap_vcclive.api.client import Client
    from tap_vcclive.api.errors import VCCLiveError
    from tap_vcclive.settings.typed import Settings

USER_STATES: Final = Noun("list of user states", "state", "the fields of a state")

# Days of which the first page is ready or under way, for each worker.
_AHEAD: Final = 2


class UserStates:
    """The days of user states.

    Attributes:
        noun: What it reads.
        stopped: Whether it was told to stop.
    """

    noun = USER_STATES

    def __init__(self, settings: Settings, client: Client) -> None:
        """Keep what is needed; nothing is asked for yet.

        Args:
            settings: The settings.
            client: Asks VCC Live.
        """
        self._projects = settings.project_ids
        self._workers = settings.max_concurrency
        self._room = Room()
        self._get = partial(client.get, admit=self._room.admit)
        self._client = client
        self._size = PageSize()
        self.stopped = False

    def stop(self) -> None:
        """End at the next row; callable from a signal."""
        self.stopped = True

    def resource(self, day: date, project: int | None) -> str:  # noqa: ARG002 - asked for together
        """Return where the first page of a day is asked for."""
        return StatesOfDay(day, self._projects).resource(0, LARGEST_PAGE)

    def days(self, days: Iterable[date]) -> Generator[StatesDay, None, None]:
        """Yield the days; the rows of each have to be taken before the next day is.

        Raises:
            VCCLiveError: When asking for other days would end the same way.
        """
        wanted = (StatesOfDay(day, self._projects) for day in days)
        ahead: LookAhead[StatesOfDay, Page | VCCLiveError] = LookAhead(
            self._first,
            wanted,
            workers=self._workers,
            ahead=_AHEAD * self._workers,
            room=self._room,
        )
        with closing(iter(ahead)) as answers:
            for of, first in answers:
                if self.stopped:
                    return
                yield StatesDay(of, first, self._size, self._later, lambda: self.stopped)

    def _first(self, of: StatesOfDay) -> Page | VCCLiveError:
        try:
            return first_page(of, self._size.asked, self._get)
        except FAULTS as fault:
            return fault

    def _later(self, resource: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return the answer for another page, without being deaf to signals."""
        get: Callable[[], Any] = partial(self._client.get, resource)
        response = fetched(get, lambda: self.stopped)
        return [] if self.stopped else response
