"""Settings of a client for the servers of these tests."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.api.client import Client
from tap_vcclive.settings.checks import problems_of
from tap_vcclive.settings.declarations import SETTINGS
from tap_vcclive.settings.typed import Settings
from tap_vcclive.streams.ending import ends_all

if TYPE_CHECKING:
    from tap_vcclive.api.errors import VCCLiveError

LOGGER: Final = logging.getLogger("tests")
PASSWORD: Final = "pr0xyPASS"  # noqa: S105 - of a proxy that is not there
GOOD: Final = b'{"response": {"uuid": "x"}, "errors": []}'


def settings(api_url: str, **changes: object) -> Settings:
    """Return the settings of a client for a server."""
    values: dict[str, Any] = {
        "customer": "acme",
        "api_key": "s3cret-ключ",
        "api_url": api_url,
        "user_agent": "tap-vcclive/test",
        "calls": [],
        "max_concurrency": 4,
        "request_timeout_seconds": 2,
        "max_tries": 1,
        **changes,
    }
    assert problems_of(values, SETTINGS.to_dict()) == []  # fills in the defaults
    return Settings.of(values)


def client_of(api_url: str, **changes: object) -> Client:
    """Return a client for a server."""
    return Client(settings(api_url, **changes), LOGGER)


def line_of(error: VCCLiveError) -> str:
    """Return the line of an error, which ends all streams and holds no password."""
    assert ends_all(error)
    assert PASSWORD not in str(error)
    return str(error)
