"""Reads what VCC Live sends: the envelope `{"response": ..., "errors": []}`, and `Retry-After`.

The envelope is documented; what an entry of `errors` looks like, and when an answer is empty, is
not, so anything is accepted there. Content-Type is not looked at: VCC Live sends JSON as text.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import msgspec

from tap_vcclive.api.errors import NoAnswerError, OddAnswerError, PassingFaultError

if TYPE_CHECKING:
    from collections.abc import Iterable

# A server that asks for a longer pause than this is not waited for that long before the next try.
LONGEST_PAUSE_SECONDS: Final = 900

# An empty list or dictionary and the place that it takes in another one.
_BYTES_A_VALUE: Final = 64
_LONGEST_MESSAGE: Final = 200
# Long enough to be (a part of) a phone number, however it is grouped.
_NUMBER: Final = re.compile(r"\+?\d(?:[\W_]{0,3}\d){4,}")


def forms_of(secret: str) -> tuple[str, ...]:
    """Return the forms in which a secret can stand in a text."""
    encoded = secret.encode()
    return secret, quote(secret, safe=""), base64.b64encode(encoded).decode().rstrip("=")


def response_in(body: bytes, resource: str, secrets: Iterable[str] = ()) -> Any:  # noqa: ANN401 - any JSON value
    """Return the `response` of an answer whose `errors` are empty.

    Numbers with a fraction come as `Decimal`, so that text made of them is what was sent.

    Args:
        body: The body of an answer.
        resource: What was asked for, for the messages.
        secrets: What must not stand in a message.

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
            says = _readable(errors, secrets)
            raise OddAnswerError(f"{resource}: an answer with errors: {says}", says=says)
        raise NoAnswerError(resource, says=_readable(errors, secrets))
    if "response" not in envelope:
        raise PassingFaultError("an answer without a response")
    return response


def weight_of(body: bytes) -> int:
    """Return about how many bytes a body takes once it is parsed."""
    return len(body) + _BYTES_A_VALUE * sum(map(body.count, (b",", b"[", b"{")))


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
        # A third of the time of the standard library, and the same values where it takes them.
        return _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _leniently_parsed(body)


def _leniently_parsed(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Return what the standard library takes: NaN, lone surrogates, integers of any size."""
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


def _readable(errors: object, secrets: Iterable[str]) -> str:
    """Return what `errors` says, one short line without secrets and long numbers.

    Of an object only its message is shown: the rest can be anything.
    """
    first = errors[0] if isinstance(errors, list) else errors
    if isinstance(first, dict):
        named = (first.get(key) for key in ("message", "error", "code"))
        first = next((value for value in named if isinstance(value, (str, int))), None)
    text = str(first) if isinstance(first, (str, int)) else "(an error without a message)"
    for secret in secrets:
        text = text.replace(secret, "…")
    printable = "".join(char if char.isprintable() else " " for char in text[:_LONGEST_MESSAGE])
    return _NUMBER.sub("…", printable)


_decoder: Final = msgspec.json.Decoder(float_hook=_number)


def _instant_of(date: str | None) -> datetime | None:
    try:
        instant = parsedate_to_datetime(date) if date else None
    except (ValueError, TypeError, OverflowError):
        return None
    return instant.replace(tzinfo=UTC) if instant and instant.tzinfo is None else instant
