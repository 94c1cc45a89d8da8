"""Asks for one call: its CDR, or why there is none.

The documentation says "CDR array" and shows an object, and leaves open what a call answers that is
not registered yet; so an object, a list of one, anything empty, 404 and `errors` are all accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tap_vcclive.api.errors import NoAnswerError, OddAnswerError, TriesExhaustedError
from tap_vcclive.calls.call import Call, neighbour_of, uuid_in

if TYPE_CHECKING:
    from datetime import tzinfo

    from tap_vcclive.api.client import Client


class Answer(NamedTuple):
    """What VCC Live has for a call.

    Attributes:
        uuid: The uuid that the CDR names, in lower case; None without a CDR.
        cdr: The CDR as it was sent; None when the call is not registered.
        remark: What a user should know about it, or None.
        fault: Why there is no answer at all, or None.
    """

    uuid: str | None
    cdr: dict[str, Any] | None
    remark: str | None = None
    fault: TriesExhaustedError | None = None


def answer_for(call: Call, client: Client, zone: tzinfo) -> Answer:
    """Return VCC Live's answer for one call.

    A call whose month was worked out near the edge of a month is looked for in the month next to
    it, too.

    Args:
        call: The call.
        client: Asks VCC Live.
        zone: Time zone of the call centre.

    Raises:
        VCCLiveError: When asking for other calls would end the same way.
    """
    answer = _answer_at(call, client)
    if answer.cdr is None and not answer.fault and (neighbour := neighbour_of(call, zone)):
        other = _answer_at(neighbour, client)
        if other.cdr is not None:
            return other
    return answer


def _answer_at(call: Call, client: Client) -> Answer:
    """Return VCC Live's answer for a call under one month."""
    try:
        return _read(client.get(call.resource), call)
    except NoAnswerError as error:
        return Answer(None, None, error.says and f"Not registered, VCC Live says: {error.says}")
    except OddAnswerError as error:
        return Answer(None, None, f"{error}; call {call.uuid} stays pending")
    except TriesExhaustedError as error:
        return Answer(None, None, f"{error}; call {call.uuid} stays pending", error)


def _read(response: object, call: Call) -> Answer:
    """Return the answer in a response: an object or a list of one; anything empty is no call."""
    if isinstance(response, list):
        same = [cdr for cdr in response if uuid_in(cdr) == call.uuid]
        response = same[0] if same else next(iter(response), None)
    if not response:
        return Answer(None, None)
    uuid = uuid_in(response)
    if not isinstance(response, dict) or uuid is None:
        return Answer(
            None, None, f"{call.resource}: the answer is no call; call {call.uuid} stays pending"
        )
    if uuid != call.uuid:
        return Answer(
            uuid,
            response,
            f"Asked for call {call.uuid}, VCC Live answered {uuid}: that one is "
            "loaded, the other stays pending",
        )
    return Answer(uuid, response)
