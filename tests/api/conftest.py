"""What the tests of requests share: an environment without proxies and certificates of its own."""

from __future__ import annotations

import pytest

VARIABLES = (
    *("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"),
)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what the machine has set."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
