"""One GET to VCC Live and its answer: authentication, tries, pacing, redirects, statuses.

Knows no Singer. Basic authentication, the address and the envelope are documented or seen in
clients of the real service; the page that lists the HTTP statuses is lost, so that they have their
usual meanings here.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urljoin, urlsplit

import backoff

from tap_vcclive.api.answers import forms_of, response_in, retry_after_seconds, weight_of
from tap_vcclive.api.connection import Connection, HttpAnswer
from tap_vcclive.api.errors import (
    ForbiddenError,
    NoAnswerError,
    OddAnswerError,
    PassingFaultError,
    RefusedError,
    TriesExhaustedError,
    WrongServerError,
)
from tap_vcclive.api.pace import Pace

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from tap_vcclive.settings import Settings

_MOST_REDIRECTS: Final = 5
_LONGEST_BACKOFF_SECONDS: Final = 60
# After so many resources in a row that took all their tries in vain, the next get one try each
# until one has an answer: a server that is down is given up in minutes, not in hours.
_MOST_IN_VAIN: Final = 3
# Where the server says "slow down" and not for how long.
_PAUSE_SECONDS: Final = 1.0

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_NOTHING_THERE: Final = frozenset({204, 404, 410})
_SLOW_DOWN: Final = frozenset({429, 503})
_TRY_AGAIN: Final = frozenset({408, 425, 429})


class Client:
    """Asks VCC Live, from as many threads as one likes.

    Attributes:
        asked: How many resources were asked for.
        tries: How many requests that took, with those tried again.
        answered: How many resources were answered, with a "no" or "nothing there" counted.
    """

    def __init__(self, settings: Settings, logger: logging.Logger) -> None:
        """Keep the account and the bounds; nothing is sent yet."""
        self._settings = settings
        self._logger = logger
        self._pace = Pace(settings.requests_per_minute)
        self._base = urlsplit(settings.api_url).path
        self._of_thread = threading.local()
        self._secrets = forms_of(settings.api_key)
        self._counting = threading.Lock()
        # Of whatever is fetched side by side, calls and pages of the log.
        self._in_flight = threading.BoundedSemaphore(settings.max_concurrency)
        self.asked = self.tries = self.answered = 0
        self._in_vain = 0
        self._get_with_tries = backoff.on_exception(
            backoff.expo,
            PassingFaultError,
            max_tries=settings.max_tries,
            max_value=_LONGEST_BACKOFF_SECONDS,
            jitter=backoff.full_jitter,
            logger=None,  # its messages would repeat what a fault says, a line each
        )(self._get_once)

    @property
    def in_vain(self) -> int:
        """How many resources in a row, up to now, took all their tries without an answer."""
        return self._in_vain

    def get(self, resource: str, admit: Callable[[int], None] | None = None) -> Any:  # noqa: ANN401 - any JSON value
        """Return the `response` of VCC Live's answer.

        Args:
            resource: Path below the address of the API, made of checked parts only.
            admit: Called with the weight of each answer, in bytes, after it has been read and
                before it is parsed; it may hold the answer back by not returning. No other request
                waits for it.

        Raises:
            NoAnswerError: When there is nothing under this resource.
            OddAnswerError: When the answer is one that the contract does not know.
            ForbiddenError: When the key does not open the resource (403).
            RefusedError: When the key opens nothing (401).
            WrongServerError: When the server's certificate fails or it points to another server.
            TriesExhaustedError: When all tries met passing faults.
        """
        self._count("asked")
        is_hopeless = self._in_vain >= _MOST_IN_VAIN
        try:
            response = (self._get_once if is_hopeless else self._get_with_tries)(resource, admit)
        except PassingFaultError as error:
            fault = str(error)
        except (NoAnswerError, OddAnswerError, ForbiddenError) as error:
            self._note_answer()
            # Errors are kept for a while, and by their traceback the whole answer would be.
            raise error.with_traceback(None) from None
        else:
            self._note_answer()
            return response
        # Not in the handler, for the same reason: it would hold on to the fault.
        self._count("_in_vain")
        tries = 1 if is_hopeless else self._settings.max_tries
        raise TriesExhaustedError(
            f"VCC Live does not answer {resource}: {fault}, after "
            f"{tries} {'tries' if tries > 1 else 'try'}"
        )

    def _get_once(self, resource: str, admit: Callable[[int], None] | None) -> Any:  # noqa: ANN401 - any JSON value
        """Return the `response` of one try."""
        url = self._settings.api_url + resource
        target = self._base + resource
        for _ in range(_MOST_REDIRECTS):
            with self._in_flight:
                left = self._pace.wait()
                self._count("tries")
                answer = self._connection().get(target)
            if answer.status in _SLOW_DOWN:
                self._slow_down(answer, left)
            if answer.status not in _REDIRECTS:
                return self._response_of(answer, resource, admit)
            url = _redirected(url, answer, resource)
            target = _target_of(url)
        raise OddAnswerError(f"{resource}: VCC Live redirects in a circle")

    def _response_of(
        self, answer: HttpAnswer, resource: str, admit: Callable[[int], None] | None
    ) -> Any:  # noqa: ANN401 - any JSON value
        """Return the `response` of an answer, or raise what its status means."""
        status = answer.status
        if status == HTTPStatus.OK:
            if not answer.body:
                # "No response" is all that the documentation says of a call not registered yet.
                raise NoAnswerError(resource, status=status)
            if admit:
                admit(weight_of(answer.body))
            return response_in(answer.body, resource, self._secrets)
        if status in _TRY_AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PassingFaultError(f"status {status}")
        if status == HTTPStatus.UNAUTHORIZED:
            raise RefusedError(status, resource)
        if status == HTTPStatus.FORBIDDEN:
            raise ForbiddenError(resource)
        if status in _NOTHING_THERE:
            raise NoAnswerError(resource, status=status)
        raise OddAnswerError(f"{resource}: status {status}", status=status)

    def _slow_down(self, answer: HttpAnswer, left: float) -> None:
        """Hold all requests back for as long as the answer asks, and send fewer afterwards."""
        asked = retry_after_seconds(answer.headers.get("Retry-After"), answer.headers.get("Date"))
        seconds = _PAUSE_SECONDS if asked is None else asked
        if self._pace.pause(seconds) and seconds > _PAUSE_SECONDS:
            self._logger.warning("VCC Live asks to wait %.0f seconds; all requests wait", seconds)
        if seconds > 0:
            self._pace.slow_down(left)

    def _connection(self) -> Connection:
        """Return this thread's connection: one is not made for several threads."""
        connection: Connection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = self._of_thread.connection = Connection(self._settings)
        return connection

    def _note_answer(self) -> None:
        self._count("answered")
        self._in_vain = 0
        self._pace.answered()

    def _count(self, what: Literal["asked", "tries", "answered", "_in_vain"]) -> None:
        with self._counting:  # adding to an attribute is not one step of the interpreter
            setattr(self, what, getattr(self, what) + 1)


def _redirected(url: str, answer: HttpAnswer, resource: str) -> str:
    """Return where an answer points to, which must be the same server."""
    with suppress(ValueError):  # what it points to need not be an address
        target = urljoin(url, answer.headers.get("Location", ""))
        if _server_of(target) == _server_of(url):
            return target
    raise WrongServerError(
        f"VCC Live's answer to {resource} points to another server; the key is not sent there"
    )


def _server_of(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _target_of(url: str) -> str:
    """Return the path and query of a URL."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
