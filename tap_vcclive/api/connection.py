"""One connection to VCC Live: sends a GET, reads the answer whole, says what went wrong.

requests sets the connection up (TLS, certificates, proxies, headers) as every Python user knows it,
once for each worker. The requests themselves go to urllib3's pool of that connection: what requests
does anew for each of them (preparing, cookies, hooks, looking at the environment) takes longer
than sending it, and none of it is needed here.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final, NamedTuple, cast
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from tap_vcclive.api.errors import PassingFaultError, WrongServerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_vcclive.settings import Settings

# A CDR has a few kilobytes, a page of 500 less than two megabytes.
_LARGEST_BODY: Final = 64 * 1024 * 1024


class HttpAnswer(NamedTuple):
    """What a server sent.

    Attributes:
        status: The HTTP status.
        headers: The headers, whatever the case of their names.
        body: The body, unpacked.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """Sends GETs to the server of the API, one after the other; for one thread."""

    def __init__(self, settings: Settings) -> None:
        """Prepare; the connection is made with the first request, and again when it breaks."""
        self._host = urlsplit(settings.api_url).hostname
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
        environment = session.merge_environment_settings(
            settings.api_url, {}, stream=None, verify=None, cert=None
        )
        verify, cert = environment["verify"], environment["cert"]
        # A proxy would carry the key of a plain request in clear off this machine.
        is_plain = urlsplit(settings.api_url).scheme == "http"
        proxies = {} if is_plain else environment["proxies"]
        self._headers = dict(request.headers)
        self._adapter = HTTPAdapter(pool_connections=1, pool_maxsize=1)
        self._pool = cast(
            "urllib3.HTTPConnectionPool",
            self._adapter.get_connection_with_tls_context(
                request, verify, proxies=proxies, cert=cert
            ),
        )
        self._adapter.cert_verify(self._pool, settings.api_url, verify, cert)  # type: ignore[no-untyped-call] # the types of requests leave it out

    def get(self, target: str) -> HttpAnswer:
        """Return the answer to a GET, whatever its status.

        Args:
            target: Path and query on the server.

        Raises:
            PassingFaultError: When there is no answer in time, the connection breaks, or the body
                does not end.
            WrongServerError: When the certificate of the server does not verify.
        """
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
                body = response.read(_LARGEST_BODY + 1, decode_content=True)
                if len(body) > _LARGEST_BODY:
                    raise PassingFaultError("an answer that does not end")
                response.release_conn()
            finally:
                response.close()
        except urllib3.exceptions.HTTPError as error:
            raise self._fault(error) from None
        return HttpAnswer(response.status, response.headers, body)

    def _fault(self, error: urllib3.exceptions.HTTPError) -> PassingFaultError | WrongServerError:
        """Return what a failure of the connection means; its own text is not repeated."""
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
            return WrongServerError(
                f"the certificate of {self._host} does not verify; nothing was sent"
            )
        # To urllib3 a connection that is refused is a kind of timeout.
        refused = isinstance(error, urllib3.exceptions.NewConnectionError)
        if isinstance(error, urllib3.exceptions.TimeoutError) and not refused:
            return PassingFaultError(f"no answer in {self._timeout} seconds")
        return PassingFaultError("the connection failed or broke")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what led to it; urllib3 wraps errors as arguments as well."""
    todo: list[object] = [error]
    while todo:
        cause = todo.pop()
        if isinstance(cause, BaseException):
            yield cause
            todo += [*cause.args, cause.__cause__]
