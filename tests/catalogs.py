"""Catalogs that select some streams."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.tap import TapVCCLive

if TYPE_CHECKING:
    from collections.abc import Collection

CALLS: Final = ("cdr", "cdr_log")
"""The streams of calls."""
STREAMS: Final = tuple(
    TapVCCLive(config={}, validate_config=False, setup_mapper=False).streams,
)
"""All streams, by name."""


def selecting(streams: Collection[str]) -> dict[str, Any]:
    """Return a catalog in which these streams are selected, and no others."""
    return {
        "streams": [
            {
                **entry,
                "metadata": [
                    one
                    if one["breadcrumb"]
                    else {
                        **one,
                        "metadata": one["metadata"] | {"selected": entry["stream"] in streams},
                    }
                    for one in entry["metadata"]
                ],
            }
            for entry in _discovered()["streams"]
        ]
    }


@cache
def _discovered() -> dict[str, Any]:
    catalog: dict[str, Any] = TapVCCLive(
        config={}, validate_config=False, setup_mapper=False
    ).catalog_dict
    return catalog
