"""Where a redirect leads: on the same server, or nowhere. The key is sent to no other."""

from __future__ import annotations

from contextlib import suppress
from typing import Final
from urllib.parse import urljoin, urlsplit

from tap_vcclive.api.errors import WrongServerError

STATUSES: Final = frozenset({301, 302, 303, 307, 308})

_PORTS: Final = {"http": 80, "https": 443}


def redirected(url: str, location: str, resource: str) -> str:
    """Return the URL that an answer points to.

    Args:
        url: What was asked for.
        location: The header of the answer.
        resource: What was asked for at first, for the message.

    Raises:
        WrongServerError: When it is on another server, or no URL.
    """
    with suppress(ValueError):  # what it points to need not be an address
        target = urljoin(url, location)
        if _server_of(target) == _server_of(url):
            return target
    raise WrongServerError(
        f"VCC Live's answer to {resource} points to another server; the key is not sent there"
    )


def target_of(url: str) -> str:
    """Return the path and query of a URL."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _server_of(url: str) -> tuple[str, str, int | None]:
    """Return what makes a server the same, however its address is written."""
    parts = urlsplit(url)  # in lower case, both the scheme and the host
    # A dot at its end makes a name whole (RFC 3986, 3.2.2).
    host = (parts.hostname or "").removesuffix(".")
    return parts.scheme, host, parts.port or _PORTS.get(parts.scheme)
