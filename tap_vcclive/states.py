"""What the states of all streams share: what may stand in them, and the error for one that is none.

A state can have been written by hand, cut short, or by another version of the tap. It is either
understood, all of it, or refused: half of a state is calls that never arrive.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ACCOUNT: Final = "customer"
"""Whose calls the state is about."""

# What the SDK writes, of which only the first two are left when a run is over.
_OF_THE_SDK: Final = frozenset(
    {
        "replication_key",
        "replication_key_value",
        "replication_key_signpost",
        "starting_replication_value",
        "progress_markers",
    }
)
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+00:00")
# Whatever else stands in the place of a name can be anything, and does not belong into a log.
_NAME: Final = re.compile(r"[a-z_]{1,40}")


class BadStateError(ValueError):
    """A state that this tap has not written, or not like this."""

    def __init__(self, stream: str, what: str) -> None:
        """Say whose state it is and what is wrong with it."""
        super().__init__(f"The state of the stream {stream} cannot be used: {what}")


def check_bookmark(
    stream: str,
    bookmark: Any,  # noqa: ANN401 - states are edited by hand
    known: Iterable[str],
    replication_key: str | None,
) -> None:
    """Check what is not a stream's own of its bookmark.

    Args:
        stream: The stream.
        bookmark: Its part of the state.
        known: The names of what the stream writes itself.
        replication_key: What it is incremental by, None for a full table.

    Raises:
        BadStateError: When there is anything else in it, or the bookmark is of another tap.
    """
    check_names(stream, "it", bookmark, _OF_THE_SDK.union(known, [ACCOUNT]))
    if bookmark.get("replication_key", replication_key) != replication_key:
        raise BadStateError(stream, f"its replication_key is not {replication_key}")
    value = bookmark.get("replication_key_value")
    if value is not None and not (isinstance(value, str) and _INSTANT.fullmatch(value)):
        raise BadStateError(
            stream, "its replication_key_value must be as the tap has written it, in UTC"
        )


def check_account(stream: str, bookmark: Mapping[str, Any], customer: str) -> None:
    """Check that a bookmark is of this account: what has been read of another says nothing here.

    Args:
        stream: The stream.
        bookmark: Its part of the state; without an account when an older version has written it.
        customer: The setting `customer`.

    Raises:
        BadStateError: When it is of another one.
    """
    whose = bookmark.get(ACCOUNT)
    if whose is not None and str(whose).lower() != customer.lower():
        raise BadStateError(
            stream,
            "it is of another account (customer). Each account needs a state of its own: another "
            "state file, or in Meltano another state id (--state-id-suffix)",
        )


def value_in(state: Mapping[str, Any], key: str, otherwise: Any) -> Any:  # noqa: ANN401 - states are edited by hand
    """Return a value of a state; null is the same as none, anything else is for a check."""
    value = state.get(key)
    return otherwise if value is None else value


def check_names(stream: str, what: str, entry: Any, known: Iterable[str]) -> None:  # noqa: ANN401 - states are edited by hand
    """Check that an object of a state holds nothing but what this version of the tap knows.

    Raises:
        BadStateError: When it does not, or is no object.
    """
    if not isinstance(entry, dict):
        raise BadStateError(stream, f"{what} must be an object")
    for name in sorted(entry.keys() - set(known)):
        shown = name if _NAME.fullmatch(name) else "something"
        raise BadStateError(
            stream,
            f"{what} holds {shown}, which this version of the tap does not know; a newer one may",
        )
