"""What the environment says of the way to VCC Live: which certificates are trusted.

requests knows `REQUESTS_CA_BUNDLE` and `CURL_CA_BUNDLE`. `SSL_CERT_FILE` and `SSL_CERT_DIR`, which
OpenSSL, curl, Go and most others know, mean here what they mean there.
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Final, NamedTuple

from tap_vcclive.api.errors import WrongServerError

_OF_REQUESTS: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_FILE: Final = "SSL_CERT_FILE"
_FOLDERS: Final = "SSL_CERT_DIR"
_PROXIES: Final = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


class Trust(NamedTuple):
    """The certificates that are trusted.

    Attributes:
        bundle: A file or a folder of them; None for those that come with requests.
        folders: Folders of more, as `SSL_CERT_DIR` has them.
        variable: The variable that names them; None when none does.
    """

    bundle: str | None = None
    folders: str | None = None
    variable: str | None = None


def trust() -> Trust:
    """Return the certificates that the environment trusts.

    Raises:
        WrongServerError: When a variable names a file that is not there, or holds none.
    """
    folders = os.environ.get(_FOLDERS) or None
    for variable in (*_OF_REQUESTS, _FILE):
        if bundle := os.environ.get(variable):
            _check(bundle, variable)
            return Trust(bundle, folders if variable == _FILE else None, variable)
    return Trust(None, folders, _FOLDERS if folders else None)


def proxy_variable() -> str:
    """Return the name of the variable that names the proxy for https."""
    return next((name for name in _PROXIES if os.environ.get(name)), "HTTPS_PROXY")


def _check(bundle: str, variable: str) -> None:
    """Check that there are certificates in a file; of a folder nobody knows before they are asked.

    Raises:
        WrongServerError: When there are none.
    """
    if Path(bundle).is_dir():
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(bundle)
    except FileNotFoundError:
        problem = "is not there"
    except ssl.SSLError:
        problem = "holds no certificates"
    except (OSError, ValueError):
        problem = "cannot be read"
    else:
        return
    raise WrongServerError(
        f"VCC Live is not reached: the file that the environment names as {variable} {problem}"
    )
