"""The rows of a list that comes in one answer."""

from __future__ import annotations

from typing import Any

from tap_vcclive.api.errors import OddAnswerError


def rows_in(response: object, resource: str) -> list[Any]:
    """Return the rows of a list.

    Documented is an array. An object with `rows` is what other lists of VCC Live are, and a
    numbered object is how PHP writes some. Nothing else says that a list is empty: `null` or `{}`
    may be a fault as well.

    Args:
        response: VCC Live's answer.
        resource: What was asked for, for the message.

    Raises:
        OddAnswerError: When it is no list.
    """
    if isinstance(response, dict) and "rows" in response:
        response = response["rows"]
    if isinstance(response, dict) and response and all(name.isdecimal() for name in response):
        return list(response.values())
    if not isinstance(response, list):
        raise OddAnswerError(f"{resource}: the answer is no list")
    return response
