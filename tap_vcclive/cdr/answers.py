"""Asks for one call: its CDR, or why there is none.

The documentation says "CDR array" and shows an object, and leaves open what a call answers that is
not registered yet; so an object, a list of one, anything empty, 404 and `errors` are all accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tap_vcclive.api.errors import (
    ForbiddenError,
    NoAnswerError,
    OddAnswerError,
    TriesExhaustedError,
)
from tap_vcclive.calls.call import Call, neighbours_of
from tap_vcclive.calls.uuids import uuid_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from tap_vcclive.api.errors import VCCLiveError


class Answer(NamedTuple):
    """What VCC Live has for a call.

    Attributes:
        uuid: The uuid that the CDR names, in lower case; None without a CDR.
        cdr: The CDR as it was sent; None when there is none.
        remark: What a user should know about it, or None.
        fault: Why there is no useful answer, or None: then the call is not registered.
    """

    uuid: str | None
    cdr: dict[str, Any] | None
    remark: str | None = None
    fault: VCCLiveError | None = None


def answer_for(call: Call, get: Callable[[str], object], zone: tzinfo) -> Answer:
    """Return VCC Live's answer for one call.

    A call that is not registered under its month is looked for under those near to the instant
    that its uuid tells: lists can have months of another zone, and clocks need not agree.

    Args:
        call: The call.
        get: Returns VCC Live's answer for a resource, as `Client.get` does.
        zone: Time zone of the call centre.

    Raises:
        VCCLiveError: When asking for other calls would end the same way.
    """
    answer = _answer_at(call, get)
    if answer.cdr is not None or answer.fault:
        return answer
    for neighbour in neighbours_of(call, zone):
        other = _answer_at(neighbour, get)
        if other.cdr is not None:
            return other
        if other.fault:
            answer = other
    return answer


def _answer_at(call: Call, get: Callable[[str], object]) -> Answer:
    """Return VCC Live's answer for a call under one month."""
    try:
        return _read(get(call.resource), call)
    except NoAnswerError as error:
        # Of a plain "not found" there is nothing to say: each late call has one.
        says = error.says if error.how == "errors" else None
        return Answer(None, None, says and f"Not registered, VCC Live says: {says}")
    except (OddAnswerError, ForbiddenError, TriesExhaustedError) as error:
        return Answer(None, None, f"{error}; call {call.uuid} stays pending", error)


def _read(response: object, call: Call) -> Answer:
    """Return the answer in a response: an object or a list of one; anything empty is no call.

    Raises:
        OddAnswerError: When it is no call.
    """
    if isinstance(response, list):
        same = [cdr for cdr in response if uuid_in(cdr) == call.uuid]
        response = same[0] if same else next(iter(response), None)
    if not response:
        return Answer(None, None)
    uuid = uuid_in(response)
    if not isinstance(response, dict) or uuid is None:
        raise OddAnswerError(f"{call.resource}: the answer is no call")
    if uuid != call.uuid:
        return Answer(
            uuid,
            response,
            f"Asked for call {call.uuid}, VCC Live answered {uuid}: that one is "
            "loaded, the other stays pending",
        )
    return Answer(uuid, response)
