"""Finds the call that an object of a list is about: a row, or what a webhook has sent.

A log of webhooks holds events of many kinds, and only those about calls carry a uuid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_vcclive.calls.uuids import canonical_uuid

if TYPE_CHECKING:
    from collections.abc import Mapping

_UUID = "uuid"
_DATA = "data"


class TwoCallsError(ValueError):
    """An object that names two calls: which one is meant would be a guess."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("more than one uuid")


def call_event(event: dict[str, Any]) -> dict[str, Any] | None:
    """Return what an object says of a call: itself, or its `data`, where the uuid stands.

    Args:
        event: An object of a list.

    Returns:
        An object with `uuid`; None when there is no uuid, as in an event of another kind.

    Raises:
        TwoCallsError: When it names more than one call.
    """
    if _UUID in event and _DATA not in event:
        return event  # nearly always
    outer = event if _UUID in event else _in_lower_case(event)
    data = outer.get(_DATA)
    inner = _in_lower_case(data) if isinstance(data, dict) else {}
    if not inner.get(_UUID):
        return outer if _UUID in outer else None
    if outer.get(_UUID) and canonical_uuid(outer[_UUID]) != canonical_uuid(inner[_UUID]):
        raise TwoCallsError
    return {**outer, **inner}


def _in_lower_case(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with its names in lower case.

    Raises:
        TwoCallsError: When names that differ in case only name different calls.
    """
    uuids = {str(value) for name, value in event.items() if name.lower() == _UUID and value}
    if len(uuids) > 1:
        raise TwoCallsError
    return {name.lower(): value for name, value in event.items()}
