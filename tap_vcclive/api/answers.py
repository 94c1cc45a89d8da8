"""Reads what VCC Live sends: the envelope `{"response": ..., "errors": []}`, and `Retry-After`.

The envelope is documented; what an entry of `errors` looks like, and when an answer is empty, is
not, so anything is accepted there. Content-Type is not looked at: VCC Live sends JSON as text.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any, Final

from tap_vcclive.api.errors import NoAnswerError, OddAnswerError, PassingFaultError

# A server that asks for a longer pause than this is not waited for that long before the next try.
LONGEST_PAUSE_SECONDS: Final = 900

_LONGEST_MESSAGE: Final = 200
# Long enough to be (a part of) a phone number, however it is grouped.
_NUMBER: Final = re.compile(r"\+?\d(?:[\W_]{0,3}\d){4,}")


def response_in(body: bytes, resource: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the `response` of an answer whose `errors` are empty.

    Numbers with a fraction come as `Decimal`, so that text made of them is what was sent.

    Args:
        body: The body of an answer.
        resource: What was asked for, for the messages.

    Raises:
        PassingFaultError: When the body is no JSON or no envelope.
        NoAnswerError: When there are errors and no response.
        OddAnswerError: When there are errors and a response all the same.
    """
    envelope = _json_in(body)
    if not isinstance(envelope, dict) or not envelope.keys() & {"response", "errors"}:
        raise PassingFaultError("an answer without the envelope")
    response, errors = envelope.get("response"), envelope.get("errors")
    if errors:
        if response:
            raise OddAnswerError(f"{resource}: an answer with errors: {_readable(errors)}")
        raise NoAnswerError(resource, says=_readable(errors))
    if "response" not in envelope:
        raise PassingFaultError("an answer without a response")
    return response


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


def _json_in(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return _parsed(body)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise PassingFaultError("an answer that is no JSON") from None


def _parsed(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(body, parse_float=_number, parse_constant=str)
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError:
        # Python refuses integers of thousands of digits; as Decimal they can be kept.
        return json.loads(body, parse_float=_number, parse_constant=str, parse_int=Decimal)


def _number(text: str) -> Decimal | str:
    """Return a number with a fraction or an exponent; as text if no decimal is that large."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _readable(errors: object) -> str:
    """Return what `errors` says, one short line in which no number can be a phone number."""
    first = errors[0] if isinstance(errors, list) else errors
    if isinstance(first, dict):
        # What else an error object holds can be anything, so only the names of its fields.
        first = next((first[key] for key in ("message", "error", "code") if key in first), [*first])
    text = first if isinstance(first, str) else json.dumps(first, default=str, ensure_ascii=False)
    printable = "".join(char if char.isprintable() else " " for char in text[:_LONGEST_MESSAGE])
    return _NUMBER.sub("…", printable)


def _instant_of(date: str | None) -> datetime | None:
    try:
        instant = parsedate_to_datetime(date) if date else None
    except ValueError:
        return None
    return instant.replace(tzinfo=UTC) if instant and instant.tzinfo is None else instant
