"""The certificates of a sandbox that serves https, made on the spot."""

from __future__ import annotations

import ssl
from math import inf
from time import monotonic
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from pathlib import Path


class Certificates:
    """The certificate that connections meet, and for a time one of another CA.

    Attributes:
        context: For the server; chooses the certificate anew for each connection.
    """

    def __init__(self, host: str, ca_file: Path) -> None:
        """Make the certificates for a host, and write that of the CA to a file."""
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(ca_file))
        self.context = _context(authority, host)
        self._other = _context(trustme.CA(), host)
        self._shows_other_until = -inf
        # Called for clients, too, that name no server, as for an IP address.
        self.context.sni_callback = self._choose

    def show_another(self, seconds: float | None) -> None:
        """Meet new connections with the other CA's, for some seconds or, with None, for good."""
        self._shows_other_until = inf if seconds is None else monotonic() + seconds

    def _choose(
        self, connection: ssl.SSLObject, _server: str | None, _context: ssl.SSLContext
    ) -> None:
        if monotonic() < self._shows_other_until:
            connection.context = self._other


def _context(authority: trustme.CA, host: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context
