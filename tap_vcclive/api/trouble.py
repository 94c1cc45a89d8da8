"""What a failure of the connection means, in words: who it was, and what went wrong.

The texts of the failures themselves are not repeated: they can hold a proxy's password, or what a
server sent.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from http import HTTPStatus
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from urllib3 import exceptions

from tap_vcclive.api.environment import proxy_variable
from tap_vcclive.api.errors import PassingFaultError, UnreachableError, WrongServerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_vcclive.api.errors import VCCLiveError

CauseT = TypeVar("CauseT", bound=BaseException)

# No name server knows the name; with others it has not answered, and may do so at the next try.
_NO_NAME: Final = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
# As http.client words it.
_TUNNEL: Final = re.compile(r"Tunnel connection failed: ([1-9][0-9]{2})\b.*", re.DOTALL)
_MAY_PASS: Final = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}
# What OpenSSL says of a certificate, by its number.
_CERTIFICATE: Final = {
    9: "it is not valid yet; is this machine's clock right?",
    10: "it has expired",
    62: "it is that of another host",
    64: "it is that of another host",
}

# The first that fits counts: to urllib3 a connection that is refused is a kind of timeout.
_PASSING: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (ConnectionRefusedError, "the connection to {peer} was refused"),
    (RemoteDisconnected, "the connection to {peer} was closed without an answer"),
    (ConnectionResetError, "the connection to {peer} was reset"),
    (exceptions.NewConnectionError, "{peer} is not reached: {system}"),
    (exceptions.ConnectTimeoutError, "no connection to {peer} in {seconds} seconds"),
    (exceptions.TimeoutError, "no whole answer in {seconds} seconds from {peer}"),
    (IncompleteRead, "the answer of {peer} broke off"),
    (exceptions.DecodeError, "the answer of {peer} cannot be unpacked"),
    (HTTPException, "{peer} answers with what is no HTTP"),
    (ssl.SSLError, "{peer} does not speak TLS as it should: {tls}"),
)
_UNKNOWN: Final = "the connection to {peer} failed or broke"


class Route(NamedTuple):
    """The way to VCC Live.

    Attributes:
        host: Host of the API.
        proxy: Host and port of the proxy, without user and password; None when there is none.
        trust: The variable that names the certificates to trust; None when none does.
    """

    host: str
    proxy: str | None
    trust: str | None


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what led to it; urllib3 wraps errors as arguments as well."""
    todo: list[object] = [error]
    while todo:
        cause = todo.pop()
        if isinstance(cause, BaseException):
            yield cause
            todo += [*cause.args, cause.__cause__]


def meaning_of(causes: Sequence[BaseException], route: Route, seconds: int) -> VCCLiveError:
    """Return what a failure means.

    Args:
        causes: The error of urllib3, and what led to it.
        route: Where the request was to go.
        seconds: How long it might take.
    """
    is_proxy = isinstance(causes[0], exceptions.ProxyError)
    peer = f"the proxy {route.proxy}" if is_proxy else route.host
    if certificate := _first(causes, ssl.SSLCertVerificationError):
        return WrongServerError(
            f"the certificate of {peer} does not verify; nothing was sent: "
            f"{_problem_of(certificate, route)}"
        )
    if is_proxy and (status := _tunnel_status(causes)):
        return _refused_by_proxy(peer, status, route)
    if no_name := _first(causes, socket.gaierror):
        return _unresolved(peer, no_name, is_proxy=is_proxy)
    if is_proxy and _first(causes, ConnectionRefusedError):
        return UnreachableError(f"{peer} refuses connections; is {proxy_variable()} right?")
    if route.proxy and not is_proxy:
        peer = f"{route.host} by way of the proxy {route.proxy}"
    return PassingFaultError(_passing(causes, peer, seconds))


def _problem_of(certificate: ssl.SSLCertVerificationError, route: Route) -> str:
    """Return what is wrong with a certificate, and what would make it trusted."""
    if problem := _CERTIFICATE.get(certificate.verify_code):
        return problem
    if route.trust:
        return f"its authority is not among those that {route.trust} names"
    return (
        "its authority is not trusted here; REQUESTS_CA_BUNDLE or SSL_CERT_FILE can name a file "
        "with the certificates to trust"
    )


def _tunnel_status(causes: Sequence[BaseException]) -> int | None:
    """Return the status with which a proxy refuses to connect to the host."""
    texts = (str(cause) for cause in causes if isinstance(cause, OSError))
    return next((int(found[1]) for text in texts if (found := _TUNNEL.fullmatch(text))), None)


def _refused_by_proxy(proxy: str, status: int, route: Route) -> VCCLiveError:
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return UnreachableError(
            f"{proxy} refuses (407): {proxy_variable()} needs its right user and password"
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _MAY_PASS:
        return PassingFaultError(f"{proxy} has no connection to {route.host} (status {status})")
    return UnreachableError(f"{proxy} refuses to connect to {route.host} (status {status})")


def _unresolved(peer: str, error: socket.gaierror, *, is_proxy: bool) -> VCCLiveError:
    if error.errno not in _NO_NAME:
        return PassingFaultError(f"the name of {peer} does not resolve for now")
    setting = f"is {proxy_variable()}" if is_proxy else "are customer and api_url"
    return UnreachableError(f"the name of {peer} does not resolve; {setting} right?")


def _passing(causes: Sequence[BaseException], peer: str, seconds: int) -> str:
    """Return what a failure is called that may have passed at the next try."""
    text = next((text for kind, text in _PASSING if _first(causes, kind)), _UNKNOWN)
    system = next((c.errno for c in causes if isinstance(c, OSError) and c.errno), 0)
    tls = _first(causes, ssl.SSLError)
    return text.format(
        peer=peer, seconds=seconds, system=os.strerror(system), tls=(tls and tls.reason) or "TLS"
    )


def _first(causes: Sequence[BaseException], kind: type[CauseT]) -> CauseT | None:
    return next((cause for cause in causes if isinstance(cause, kind)), None)
