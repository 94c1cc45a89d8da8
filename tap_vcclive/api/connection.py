"""The connections to VCC Live, one a thread: send a GET, read the answer, say what went wrong.

requests sets the connection up (TLS, certificates, proxies, headers) as every Python user knows it,
once for each worker. The requests themselves go to urllib3's pool of that connection: what requests
does anew for each of them (preparing, cookies, hooks, looking at the environment) takes longer
than sending it, and none of it is needed here.
"""

from __future__ import annotations

import logging
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple, cast
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from tap_vcclive.api.environment import Trust, proxy_variable, trust
from tap_vcclive.api.errors import (
    ClosedConnectionError,
    PassingFaultError,
    UnreachableError,
    WrongServerError,
)
from tap_vcclive.api.trouble import Route, causes_of, meaning_of
from tap_vcclive.api.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_vcclive.api.errors import VCCLiveError
    from tap_vcclive.settings.typed import Settings

# It warns of headers that it cannot parse by repeating them, which can be anything. This is for who
# uses the tap from Python: of the command, `logs` decides what is said.
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)

# Of an answer with another status than a good one only a sentence is read.
_LARGEST_REFUSAL: Final = 64 * 1024
_PIECE: Final = 64 * 1024


class HttpAnswer(NamedTuple):
    """What a server sent.

    Attributes:
        status: The HTTP status.
        headers: The headers, whatever the case of their names.
        body: The body, unpacked; None when it is too large.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes | None


class Connection:
    """Sends GETs to the server of the API, one after the other; for one thread."""

    def __init__(self, settings: Settings) -> None:
        """Prepare; the connection is made with the first request, and again when it breaks.

        Raises:
            WrongServerError: When the environment names proxies or certificates that are none.
        """
        self._timeout = settings.request_timeout
        session = requests.Session()
        request = session.prepare_request(
            requests.Request(
                "GET",
                settings.api_url,
                headers={"User-Agent": settings.user_agent, "Accept": "application/json"},
                # As bytes: requests would write text as Latin-1, which not every key fits.
                auth=(settings.customer.encode(), settings.api_key.encode()),
            )
        )
        self._headers = dict(request.headers)
        self._wire = Wire()
        address = urlsplit(settings.api_url)
        trusted = trust() if address.scheme == "https" else Trust()
        try:
            self._pool = _pool_for(session, request, trusted)
        # requests checks a proxy's address by what becomes of it.
        except (OSError, TypeError, ValueError, urllib3.exceptions.HTTPError):
            raise WrongServerError(
                "VCC Live is not reached: the proxy that the environment names as "
                f"{proxy_variable()} cannot be used"
            ) from None
        proxy = self._pool.proxy
        self._route = Route(
            address.hostname or "", proxy and f"{proxy.host}:{proxy.port}", trusted.variable
        )
        self._pool.ConnectionCls = self._wire.on(self._pool.ConnectionCls)

    def get(self, target: str, largest: int) -> HttpAnswer:
        """Return the answer to a GET, whatever its status.

        Args:
            target: Path and query on the server.
            largest: How many bytes the body may have, unpacked.

        Raises:
            ClosedConnectionError: When the server closed a kept connection as the request left.
            PassingFaultError: When there is no whole answer in time, or the connection breaks.
            UnreachableError: When there is no way to the server.
            WrongServerError: When the certificate of the server does not verify.
        """
        self._wire.request_leaves()
        try:
            response = self._pool.urlopen(
                "GET",
                target,
                headers=self._headers,
                retries=False,
                redirect=False,
                timeout=self._timeout,
                preload_content=False,
            )
            try:
                is_good = response.status < HTTPStatus.MULTIPLE_CHOICES
                body = _body_of(response, largest if is_good else _LARGEST_REFUSAL)
                if body is not None:
                    response.release_conn()
            finally:
                response.close()
        except urllib3.exceptions.HTTPError as error:
            raise self._meaning_of(error) from None
        return HttpAnswer(response.status, response.headers, body)

    def close(self) -> None:
        """Close the connection; nothing is asked for on it any more."""
        self._pool.close()

    def _meaning_of(self, error: urllib3.exceptions.HTTPError) -> VCCLiveError:
        """Return what a failure of the connection means."""
        causes = list(causes_of(error))
        if self._wire.was_closed_before(causes):
            return ClosedConnectionError("the server closed a kept connection")
        return meaning_of(causes, self._route, self._timeout)


class Connections:
    """Sends GETs from as many threads as one likes; a connection is not made for several."""

    def __init__(self, settings: Settings, reached: threading.Event) -> None:
        """Keep the settings; no connection is made yet.

        Args:
            settings: The settings.
            reached: Is set once VCC Live has been reached, by whichever client.
        """
        self._settings = settings
        self._reached = reached
        self._of_thread = threading.local()
        self._lock = threading.Lock()
        self._all: list[Connection] = []

    def get(self, target: str, largest: int) -> HttpAnswer:
        """Return the answer to a GET on this thread's connection; see `Connection.get`.

        Raises:
            PassingFaultError: When there is no way to a server that was there before: it may be
                there again soon.
            UnreachableError: When there has never been a way.
        """
        try:
            answer = self._connection().get(target, largest)
        except UnreachableError as error:
            if self._reached.is_set():
                raise PassingFaultError(error.fault) from None
            raise
        self._reached.set()
        return answer

    def close(self) -> None:
        """Close them; one on which somebody still waits for an answer closes after that."""
        with self._lock:
            for connection in self._all:
                connection.close()

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = self._of_thread.connection = Connection(self._settings)
            with self._lock:
                self._all.append(connection)
        return connection


def _body_of(response: urllib3.BaseHTTPResponse, largest: int) -> bytes | None:
    """Return the body of a response, or None, and the rest not read, when it is too large."""
    body = bytearray()
    while piece := response.read1(_PIECE, decode_content=True):
        body += piece
        if len(body) > largest:
            return None
    return bytes(body)


def _pool_for(
    session: requests.Session, request: requests.PreparedRequest, trust: Trust
) -> urllib3.HTTPConnectionPool:
    """Return the pool for one connection that requests would use for a request."""
    url = request.url or ""
    environment = session.merge_environment_settings(url, {}, stream=None, verify=None, cert=None)
    verify, cert = trust.bundle or True, environment["cert"]
    # A proxy would carry the key of a plain request in clear off this machine.
    proxies = {} if urlsplit(url).scheme == "http" else environment["proxies"]
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=1)
    pool = adapter.get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert)
    adapter.cert_verify(pool, url, verify, cert)  # type: ignore[no-untyped-call] # the types of requests leave it out
    if trust.folders:
        pool.ca_cert_dir = trust.folders  # type: ignore[attr-defined] # of an HTTPS one
    return cast("urllib3.HTTPConnectionPool", pool)
