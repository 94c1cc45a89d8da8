"""Reads what VCC Live sends: the envelope `{"response": ..., "errors": []}`, and `Retry-After`.

The envelope is documented; when an answer is empty is not. Content-Type is not looked at: VCC Live
sends JSON as text.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.api.errors import NoAnswerError, OddAnswerError, PassingFaultError
from tap_vcclive.api.parsing import parsed
from tap_vcclive.api.sentences import sentence_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# A server that asks for a longer pause than this is not waited for that long before the next try.
LONGEST_PAUSE_SECONDS: Final = 900


def response_in(
    body: bytes,
    resource: str,
    secrets: Iterable[str] = (),
    note_mended: Callable[[str], None] | None = None,
) -> Any:  # noqa: ANN401 - any JSON value
    """Return the `response` of an answer whose `errors` are empty.

    Numbers with a fraction come as `Decimal`, so that text made of them is what was sent.

    Args:
        body: The body of an answer.
        resource: What was asked for, for the messages.
        secrets: What must not stand in a message.
        note_mended: Called with the resource when bytes of the body had to be replaced.

    Raises:
        PassingFaultError: When the body is no JSON or no envelope.
        NoAnswerError: When there are errors and no response.
        OddAnswerError: When there are errors and a response all the same.
    """
    envelope, mended = parsed(body)
    if not isinstance(envelope, dict) or not envelope.keys() & {"response", "errors"}:
        raise PassingFaultError("an answer without the envelope", is_answer=True)
    if mended and note_mended:
        note_mended(resource)
    if errors := envelope.get("errors"):
        says = sentence_of(errors, secrets)
        if envelope.get("response"):
            raise OddAnswerError(f"{resource}: an answer with errors: {says}", says=says)
        raise NoAnswerError(resource, says=says)
    if "response" not in envelope:
        raise PassingFaultError("an answer without a response", is_answer=True)
    return envelope["response"]


def retry_after_seconds(value: str | None, date: str | None) -> float | None:
    """Return how long a `Retry-After` header asks to wait, at most `LONGEST_PAUSE_SECONDS`.

    Args:
        value: The header: seconds, or a date (RFC 9110, 10.2.3).
        date: The answer's `Date`, from which a date counts, so that wrong clocks do no harm.

    Returns:
        Seconds, or None when there is no such header or it says nothing.
    """
    if value is None:
        return None
    if re.fullmatch(r"[0-9]+", value.strip()):
        seconds = float(value)
    else:
        until = _instant_of(value)
        if until is None:
            return None
        seconds = (until - (_instant_of(date) or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), float(LONGEST_PAUSE_SECONDS))


def _instant_of(date: str | None) -> datetime | None:
    try:
        instant = parsedate_to_datetime(date) if date else None
    except (ValueError, TypeError, OverflowError):
        return None
    return instant.replace(tzinfo=UTC) if instant and instant.tzinfo is None else instant
