"""The stream `online_users`: who is logged in at the moment, a snapshot a run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from tap_vcclive import clock
from tap_vcclive.lists.source import Asked
from tap_vcclive.streams.lists import ListStream

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from singer_sdk.helpers.types import Context


class OnlineUsersStream(ListStream):
    """Users that are online, what they do, and since when.

    Snapshots are kept beside each other: the instant of a run is part of the key.
    """

    name = "online_users"
    resource = "/onlineusers"
    primary_keys = ("userid", "observed_at")
    selected_by_default = False

    @override
    def asked(self, get: Callable[[str], Any]) -> Iterable[Asked]:
        observed_at = clock.now().isoformat(timespec="seconds")
        return [Asked(self.resource, {"observed_at": observed_at})]

    @override
    def _context_of(self, fields: Mapping[str, Any]) -> Context:
        return {}
