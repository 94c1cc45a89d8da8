"""The plain tap: singer-sdk as its documentation teaches it, a partition for each call."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import RESTStream, SchemaDirectory, StreamSchema, Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import BasicAuthenticator

from benchmarks.calls import read
from benchmarks.contenders.work import API_KEY, CUSTOMER, from_command_line
from tap_vcclive import schemas

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Sequence

    from singer_sdk import Stream


class CdrStream(RESTStream[Any]):
    """Calls, one request each."""

    name = "cdr"
    path = "/cdr/{year}/{month}/{uuid}"
    primary_keys = ("uuid",)
    records_jsonpath = "$.response"
    schema: ClassVar[StreamSchema[str]] = StreamSchema(SchemaDirectory(schemas))

    @property
    @override
    def url_base(self) -> str:
        """Return the address of the API."""
        return str(self.config["api_url"])

    @property
    @override
    def authenticator(self) -> BasicAuthenticator:
        """Return what signs the requests."""
        return BasicAuthenticator(username=self.config["customer"], password=self.config["api_key"])

    @property
    @override
    def partitions(self) -> list[dict[str, Any]]:
        """Return a context for each call."""
        return self.config["calls"]  # type: ignore[no-any-return] # a config holds anything


class PlainTap(Tap):
    """A tap with that stream."""

    name = "tap-plain"
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("customer", th.StringType, required=True),
        th.Property("api_key", th.StringType, required=True, secret=True),
        th.Property("api_url", th.StringType, required=True),
        th.Property("calls", th.ArrayType(th.ObjectType()), required=True),
    ).to_dict()

    @override
    def discover_streams(self) -> Sequence[Stream]:
        """Return the streams."""
        return [CdrStream(self)]


if __name__ == "__main__":
    work = from_command_line()
    config = work.folder / "config.json"
    config.write_text(
        json.dumps(
            {
                "customer": CUSTOMER,
                "api_key": API_KEY,
                "api_url": work.url,
                "calls": [call._asdict() for call in read(work.listed)],
            }
        )
    )
    PlainTap.cli(["--config", str(config)])
