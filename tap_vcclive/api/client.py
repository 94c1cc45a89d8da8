"""One GET to VCC Live and its answer: authentication, tries, pacing, redirects, statuses.

Knows no Singer. Basic authentication, the address and the envelope are documented or seen in
clients of the real service; the page that lists the HTTP statuses is lost, so that they have their
usual meanings here.
"""

from __future__ import annotations

import ssl
import threading
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urljoin, urlsplit

import backoff
import requests
from requests.adapters import HTTPAdapter

from tap_vcclive.api.answers import response_in, retry_after_seconds
from tap_vcclive.api.errors import (
    NoAnswerError,
    OddAnswerError,
    PassingFaultError,
    RefusedError,
    TriesExhaustedError,
    VCCLiveError,
    WrongServerError,
)
from tap_vcclive.api.pace import Pace

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator

    from tap_vcclive.settings import Settings

# A CDR has a few kilobytes, a page of 500 less than two megabytes.
_LARGEST_BODY: Final = 64 * 1024 * 1024
_CHUNK: Final = 64 * 1024
_MOST_REDIRECTS: Final = 5
_LONGEST_BACKOFF_SECONDS: Final = 60

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_REFUSALS: Final = frozenset({401, 403})
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
        self._of_thread = threading.local()
        self._counting = threading.Lock()
        self.asked = self.tries = self.answered = 0
        self._once_answered: str | None = None
        self._get_with_tries = backoff.on_exception(
            backoff.expo,
            PassingFaultError,
            max_tries=settings.max_tries,
            max_value=_LONGEST_BACKOFF_SECONDS,
            jitter=backoff.full_jitter,
            logger=None,  # its messages would repeat what a fault says, a line each
        )(self._get_once)

    def get(self, resource: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return the `response` of VCC Live's answer.

        Args:
            resource: Path below the address of the API, made of checked parts only.

        Raises:
            NoAnswerError: When there is nothing under this resource.
            OddAnswerError: When the answer is one that the contract does not know.
            RefusedError: When the key does not open the resource (401, 403).
            WrongServerError: When the server's certificate fails or it points to another server.
            TriesExhaustedError: When all tries met passing faults.
        """
        self._count("asked")
        answered = self.answered
        try:
            response = self._get_with_tries(resource)
        except PassingFaultError as fault:
            raise TriesExhaustedError(
                f"VCC Live does not answer {resource}: {fault}, after "
                f"{self._settings.max_tries} tries",
                others_answered=self.answered > answered or self._still_answers(),
            ) from None
        except (NoAnswerError, OddAnswerError):
            self._count("answered")
            raise
        self._count("answered")
        self._once_answered = resource
        return response

    def _still_answers(self) -> bool:
        """Return whether a resource that was answered before is answered now.

        When the last call of a list fails, no other request is under way to tell whether it is
        the server that fails or this resource alone.
        """
        if self._once_answered is None:
            return False
        try:
            self._get_once(self._once_answered)
        except VCCLiveError:
            return False
        return True

    def _get_once(self, resource: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return the `response` of one try."""
        url = self._settings.api_url + resource
        for _ in range(_MOST_REDIRECTS):
            self._pace.wait()
            self._count("tries")
            with self._sent(url) as answer:
                if answer.status_code not in _REDIRECTS:
                    return self._response_of(answer, resource)
                url = _redirected(url, answer, resource)
        raise OddAnswerError(f"{resource}: VCC Live redirects in a circle")

    def _response_of(self, answer: requests.Response, resource: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return the `response` of an answer, or raise what its status means."""
        status = answer.status_code
        if status in _SLOW_DOWN:
            self._slow_down(answer)
        body = self._body_of(answer)  # whatever the status: a connection read empty is used again
        if status in _TRY_AGAIN or status >= requests.codes.server_error:
            raise PassingFaultError(f"status {status}")
        if status in _REFUSALS:
            raise RefusedError(status, resource)
        if status in _NOTHING_THERE:
            raise NoAnswerError(resource, status=status)
        if status >= requests.codes.multiple_choices:
            raise OddAnswerError(f"{resource}: status {status}")
        return response_in(body, resource)

    def _slow_down(self, answer: requests.Response) -> None:
        """Hold all requests back for as long as the answer asks."""
        seconds = retry_after_seconds(answer.headers.get("Retry-After"), answer.headers.get("Date"))
        if seconds is not None and self._pace.pause(seconds):
            self._logger.warning("VCC Live asks to wait %.0f seconds; all requests wait", seconds)

    def _sent(self, url: str) -> requests.Response:
        """Send one request; return the answer, its body still to be read."""
        session, template, environment = self._session()
        request = template.copy()
        request.url = url
        try:
            return session.send(
                request,
                timeout=self._settings.request_timeout,
                allow_redirects=False,
                **environment,
            )
        except requests.RequestException as error:
            raise self._fault(error) from None

    def _body_of(self, answer: requests.Response) -> bytes:
        """Return the body, read in pieces so that an endless one does not fill the memory."""
        body = bytearray()
        try:
            for chunk in answer.iter_content(_CHUNK):
                body += chunk
                if len(body) > _LARGEST_BODY:
                    raise PassingFaultError("an answer that does not end")
        except requests.RequestException as error:
            raise self._fault(error) from None
        return bytes(body)

    def _fault(self, error: requests.RequestException) -> PassingFaultError | WrongServerError:
        """Return what a failure of the connection means; its own text is not repeated."""
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
            host = urlsplit(self._settings.api_url).hostname
            return WrongServerError(f"the certificate of {host} does not verify; nothing was sent")
        if isinstance(error, requests.Timeout):
            return PassingFaultError(f"no answer in {self._settings.request_timeout} seconds")
        return PassingFaultError("the connection failed or broke")

    def _session(self) -> tuple[requests.Session, requests.PreparedRequest, dict[str, Any]]:
        """Return this thread's session, its request but for the address, and how to send it.

        A session must not be prepared from several threads, and preparing a request anew for
        each call, with a look at the environment's proxies, takes longer than sending it.
        """
        if not hasattr(self._of_thread, "session"):
            self._of_thread.session = self._new_session()
        session: tuple[requests.Session, requests.PreparedRequest, dict[str, Any]]
        session = self._of_thread.session
        return session

    def _new_session(self) -> tuple[requests.Session, requests.PreparedRequest, dict[str, Any]]:
        settings = self._settings
        session = requests.Session()
        session.mount(settings.api_url, HTTPAdapter(pool_connections=1, pool_maxsize=1))
        environment = dict(
            session.merge_environment_settings(
                settings.api_url, {}, stream=True, verify=None, cert=None
            )
        )
        if urlsplit(settings.api_url).scheme == "http":
            environment["proxies"] = {}  # a proxy would carry the key in clear off this machine
        session.trust_env = False
        template = session.prepare_request(
            requests.Request(
                "GET",
                settings.api_url,
                headers={"User-Agent": settings.user_agent, "Accept": "application/json"},
                # As bytes: requests would write text as Latin-1, which not every key fits.
                auth=(settings.customer.encode(), settings.api_key.encode()),
            )
        )
        return session, template, environment

    def _count(self, what: Literal["asked", "tries", "answered"]) -> None:
        with self._counting:  # adding to an attribute is not one step of the interpreter
            setattr(self, what, getattr(self, what) + 1)


def _redirected(url: str, answer: requests.Response, resource: str) -> str:
    """Return where an answer points to, which must be the same server."""
    target = urljoin(url, answer.headers.get("Location", ""))
    try:
        same = _server_of(target) == _server_of(url)
    except ValueError:
        same = False
    if not same:
        raise WrongServerError(
            f"VCC Live's answer to {resource} points to another server; the key is not sent there"
        )
    return target


def _server_of(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that led to it; urllib3 and requests wrap errors as arguments."""
    todo: list[BaseException] = [error]
    seen: set[int] = set()
    while todo:
        cause = todo.pop()
        if id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            todo += [
                arg
                for arg in (
                    *cause.args,
                    cause.__cause__,
                    cause.__context__,
                    getattr(cause, "reason", None),
                )
                if isinstance(arg, BaseException)
            ]
