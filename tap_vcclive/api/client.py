"""One GET to VCC Live and its answer: authentication, tries, pacing, redirects, bounds.

Knows no Singer. Basic authentication, the address and the envelope are documented or seen in
clients of the real service.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Literal

import backoff

from tap_vcclive.api.answers import response_in, retry_after_seconds
from tap_vcclive.api.connection import Connections
from tap_vcclive.api.errors import (
    ClosedConnectionError,
    ForbiddenError,
    NoAnswerError,
    OddAnswerError,
    PassingFaultError,
    ServerFailsError,
    TooLargeError,
    TriesExhaustedError,
    VCCLiveError,
    bare,
)
from tap_vcclive.api.parsing import weight_of
from tap_vcclive.api.redirects import STATUSES as REDIRECTS
from tap_vcclive.api.redirects import redirected, target_of
from tap_vcclive.api.resource import Resource
from tap_vcclive.api.server import Server
from tap_vcclive.api.statuses import SLOW_DOWN, body_in
from tap_vcclive.words import counted

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from tap_vcclive.api.connection import HttpAnswer
    from tap_vcclive.settings.typed import Settings

_MOST_REDIRECTS: Final = 5
_LONGEST_BACKOFF_SECONDS: Final = 60
# After so many resources in a row that took all their tries without an answer, the next get one try
# each until one has an answer: a server that is down is given up in minutes, not in hours.
_MOST_UNANSWERED: Final = 3
# Where the server says "slow down" and not for how long.
_PAUSE_SECONDS: Final = 1.0

# A CDR has a few kilobytes, a page of 500 less than two megabytes; but a note of a megabyte, six
# as JSON, is no reason to lose a call. JSON of many small values takes fifty times as much once it
# is parsed, hence the bound on the weight, of which a page of 500 takes about a quarter.
_CALLS: Final = "/cdr/"
_LARGEST_BODY: Final = 8 * 1024 * 1024
_LARGEST_WEIGHT: Final = 16 * 1024 * 1024
_TOO_LARGE: Final = "an answer that is far too large"


class Client:
    """CallQueue VCC Live, from as many threads as one likes.

    Attributes:
        asked: How many resources were asked for.
        tries: How many requests that took, with those tried again.
        answered: How many resources were answered, with a "no" or "nothing there" counted.
    """

    def __init__(
        self,
        settings: Settings,
        logger: logging.Logger,
        server: Server | None = None,
    ) -> None:
        """Keep the account and the bounds; nothing is sent yet.

        Args:
            settings: The account and the bounds.
            logger: Where to.
            server: What is known of the server, by other streams as well. Where it is in doubt, a
                few resources only are asked for, a try each, until there is an answer.
        """
        self._settings = settings
        self._logger = logger
        server = server or Server(settings)
        self._pace, self._in_flight = server.pace, server.in_flight
        self._connections = Connections(settings, server.reached)
        self._secrets = (settings.api_key,)
        self._counting = threading.Lock()
        self._has_mended = self._is_closed = False
        self.asked = self.tries = self.answered = 0
        self._is_in_doubt = server.is_in_doubt
        self._unanswered = _MOST_UNANSWERED if self._is_in_doubt else 0
        self._get_with_tries = backoff.on_exception(
            backoff.expo,
            PassingFaultError,
            max_tries=settings.max_tries,
            max_value=_LONGEST_BACKOFF_SECONDS,
            jitter=backoff.full_jitter,
            logger=None,  # its messages would repeat what a fault says, a line each
        )(self._get_once)

    @property
    def unanswered(self) -> int:
        """How many resources in a row, up to now, took all their tries without an answer."""
        return self._unanswered

    def get(self, resource: str, admit: Callable[[int], None] | None = None) -> Any:  # noqa: ANN401 - any JSON value
        """Return the `response` of VCC Live's answer.

        Args:
            resource: Path below the address of the API, made of checked parts only.
            admit: Called with the weight of each answer, about as many bytes as it takes once it is
                parsed, after it has been read and before it is parsed. It may hold the answer
                back by not returning: no other request waits for it.

        Raises:
            ForbiddenError: When the key does not open the resource (403).
            NoAnswerError: When there is nothing under this resource.
            OddAnswerError: When the answer is one that the contract does not know.
            RefusedError: When the key opens nothing (401).
            ServerFailsError: When the server was in doubt, and nothing has been answered.
            TooLargeError: When the answer is too large, twice.
            TriesExhaustedError: When all tries met passing faults.
            UnreachableError: When there has never been a way to VCC Live.
            WrongServerError: When the server's certificate fails or it points to another server.
        """
        self._count("asked")
        is_hopeless = self._unanswered >= _MOST_UNANSWERED
        wanted = Resource(resource, admit)
        try:
            response = (self._get_once if is_hopeless else self._get_with_tries)(wanted)
        except PassingFaultError as error:
            fault, is_answer = str(error), error.is_answer
        except (NoAnswerError, OddAnswerError, ForbiddenError) as error:
            self._note_answer()
            raise bare(error) from None
        else:
            self._note_answer()
            return response
        # Not in the handler: it would hold on to the fault.
        self._count("_unanswered")
        tries = 1 if is_hopeless else self._settings.max_tries
        exhausted = TriesExhaustedError(
            f"VCC Live does not answer {resource}: {fault}, after {counted(tries, 'try', 'tries')}",
            is_answer=is_answer,
        )
        if self._is_in_doubt and not self.answered and self._unanswered >= 2 * _MOST_UNANSWERED:
            raise ServerFailsError(exhausted, 1)
        raise exhausted

    def _get_once(self, wanted: Resource) -> Any:  # noqa: ANN401 - any JSON value
        """Return the `response` of one try."""
        try:
            try:
                return self._response_to(wanted)
            except TooLargeError as error:
                if wanted.path.startswith(_CALLS):
                    # A call cannot be had in parts, and is not large: tried like any broken answer.
                    raise PassingFaultError(_TOO_LARGE, is_answer=True) from error
                if wanted.was_too_large:
                    raise
            # Once more and no oftener: it may have been spoilt on its way, and costs much.
            wanted.was_too_large = True
            return self._response_to(wanted)
        except VCCLiveError as error:
            raise bare(error) from None

    def _response_to(self, wanted: Resource) -> Any:  # noqa: ANN401 - any JSON value
        """Return the `response` of an answer, or raise what it means."""
        body = body_in(self._answer_to(wanted.path), wanted.path, self._secrets)
        weight = weight_of(body)
        if weight > _LARGEST_WEIGHT:
            raise TooLargeError(f"{wanted.path}: {_TOO_LARGE}")
        if wanted.admit:
            wanted.admit(weight)
        return response_in(body, wanted.path, self._secrets, self._note_mended)

    def _answer_to(self, resource: str) -> HttpAnswer:
        """Return the answer that no redirect leads away from."""
        url = self._settings.api_url + resource
        for _ in range(_MOST_REDIRECTS):
            with self._in_flight:
                left, answer = self._exchange(target_of(url))
            # Not the URL: after a redirect it is of the server's making.
            self._logger.debug("GET %s: status %d", resource, answer.status)
            if answer.status in SLOW_DOWN:
                self._slow_down(answer, left)
            if answer.status not in REDIRECTS:
                return answer
            url = redirected(url, answer.headers.get("Location", ""), resource)
        raise OddAnswerError(f"{resource}: VCC Live redirects in a circle")

    def _exchange(self, target: str) -> tuple[float, HttpAnswer]:
        """Return when a request left, as `Pace.wait` has it, and the answer to it."""
        left = self._pace.wait()
        if self._is_closed:
            raise VCCLiveError("Nothing is asked for any more")
        self._count("tries")
        with suppress(ClosedConnectionError):
            return left, self._connections.get(target, _LARGEST_BODY)
        # Once more, which is no other try: the server has not seen the first.
        return self._pace.wait(), self._connections.get(target, _LARGEST_BODY)

    def _slow_down(self, answer: HttpAnswer, left: float) -> None:
        """Hold all requests back for as long as the answer asks, and send fewer afterwards."""
        asked = retry_after_seconds(answer.headers.get("Retry-After"), answer.headers.get("Date"))
        seconds = _PAUSE_SECONDS if asked is None else asked
        if self._pace.pause(seconds) and seconds > _PAUSE_SECONDS:
            self._logger.warning("VCC Live asks to wait %.0f seconds; all requests wait", seconds)
        if seconds > 0:
            self._pace.slow_down(left)

    def close(self) -> None:
        """Close the connections; nothing is asked for any more, no next try either."""
        self._is_closed = True
        self._connections.close()

    def _note_answer(self) -> None:
        with self._counting:
            self.answered += 1
            self._unanswered = 0
        self._pace.answered()

    def _count(self, what: Literal["asked", "tries", "_unanswered"]) -> None:
        with self._counting:  # adding to an attribute is not one step of the interpreter
            setattr(self, what, getattr(self, what) + 1)

    def _note_mended(self, resource: str) -> None:
        """Tell once that answers are not what they should be; a line each would be noise."""
        with self._counting:
            is_first, self._has_mended = not self._has_mended, True
        if is_first:
            self._logger.warning(
                "VCC Live's answer to %s has bytes that are no UTF-8 or JSON; it is read all the "
                "same, with U+FFFD where a character is broken. Others like it are not named",
                resource,
            )
