"""The uuids that name calls: how programs spell them, and the instant that one can carry."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# As programs write one: in capitals, without hyphens, in braces, as a URN.
_SPELT: Final = re.compile(
    r"(?:urn:uuid:)?(?P<brace>\{)?"
    r"([0-9a-f]{8})(?P<hyphen>-?)([0-9a-f]{4})(?P=hyphen)([0-9a-f]{4})(?P=hyphen)([0-9a-f]{4})"
    r"(?P=hyphen)([0-9a-f]{12})(?(brace)\})",
    re.ASCII | re.IGNORECASE,
)

# A version-1 uuid counts 100 ns from the first day of the Gregorian calendar (RFC 9562, 5.1).
_GREGORIAN_TO_UNIX: Final = 0x01B21DD213814000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TICKS_PER_SECOND: Final = 10_000_000


def canonical_uuid(text: object) -> str | None:
    """Return a uuid in lower case with hyphens, however it is spelt; None for what is none.

    Capitals, blanks around it, braces, `urn:uuid:` and missing hyphens change nothing.
    """
    if not isinstance(text, str):
        return None
    if UUID.fullmatch(text):
        return text
    match = _SPELT.fullmatch(text.strip())
    return "-".join(match.group(2, 4, 5, 6, 7)).lower() if match else None


def uuid_in(cdr: object) -> str | None:
    """Return the uuid of a CDR as VCC Live sent it, or None when it is no CDR.

    Returns:
        The uuid in lower case with hyphens, whatever the case of the field's name; None, too, when
        there is none in `uuid` and fields such as `UUID` and `Uuid` name several.
    """
    if not isinstance(cdr, dict):
        return None
    uuid = cdr.get("uuid")
    # Nearly all are as documented, and there is one in each row.
    if type(uuid) is str and UUID.fullmatch(uuid):
        return uuid
    if found := canonical_uuid(uuid):
        return found
    others = {canonical_uuid(value) for name, value in cdr.items() if name.lower() == "uuid"}
    others.discard(None)
    return others.pop() if len(others) == 1 else None


def instant_of(uuid: str) -> datetime | None:
    """Return the instant in UTC that a version-1 uuid carries, or None for any other uuid."""
    ticks = ticks_of(uuid)
    return None if ticks is None else _EPOCH + timedelta(microseconds=ticks // 10)


def ticks_of(uuid: str) -> int | None:
    """Return the same instant as units of 100 ns since 1970."""
    if uuid[14] != "1" or uuid[19] not in "89ab":
        return None
    return int(uuid[15:18] + uuid[9:13] + uuid[:8], 16) - _GREGORIAN_TO_UNIX
