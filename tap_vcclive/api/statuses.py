"""What the status of an answer means.

The page of the documentation that lists the statuses is lost: they have their usual meanings here.
VCC Live's own sentence is shown whatever the status.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from tap_vcclive.api.errors import (
    ForbiddenError,
    NoAnswerError,
    OddAnswerError,
    PassingFaultError,
    RefusedError,
    TooLargeError,
    said,
)
from tap_vcclive.api.sentences import sentence_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_vcclive.api.connection import HttpAnswer

SLOW_DOWN: Final = frozenset({429, 503})

# 203: a proxy has changed something on the way. 206: a part, which can be the whole.
_GOOD: Final = frozenset({200, 203, 206})
_NOTHING_THERE: Final = frozenset({204, 404, 410})
_TRY_AGAIN: Final = frozenset({408, 425, 429})


def body_in(answer: HttpAnswer, resource: str, secrets: Iterable[str]) -> bytes:
    """Return the body of an answer that is one.

    Args:
        answer: An answer that is no redirect.
        resource: What was asked for, for the messages.
        secrets: What must not stand in a message.

    Raises:
        ForbiddenError: When the key does not open the resource.
        NoAnswerError: When there is nothing under it.
        OddAnswerError: When the status is one that the contract does not know.
        PassingFaultError: When the status is one that may pass.
        RefusedError: When the key opens nothing.
        TooLargeError: When the body is too large.
    """
    status = answer.status
    if status in _GOOD:
        return _good_body(answer, resource)
    says = sentence_in(answer.body, secrets)
    if status in _TRY_AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        is_answer = status == HTTPStatus.INTERNAL_SERVER_ERROR
        raise PassingFaultError(said(f"status {status}", says), is_answer=is_answer)
    if status == HTTPStatus.UNAUTHORIZED:
        raise RefusedError(status, resource, says=says)
    if status == HTTPStatus.FORBIDDEN:
        raise ForbiddenError(resource, says=says)
    if status in _NOTHING_THERE:
        raise NoAnswerError(resource, status=status, says=says)
    raise OddAnswerError(f"{resource}: {said(f'status {status}', says)}", status=status, says=says)


def _good_body(answer: HttpAnswer, resource: str) -> bytes:
    if answer.body is None:
        raise TooLargeError(f"{resource}: an answer that is far too large", status=answer.status)
    if answer.body and not answer.body.isspace():
        return answer.body
    if answer.status == HTTPStatus.PARTIAL_CONTENT:
        raise PassingFaultError("a part of an answer, and nothing in it")
    # "No response" is all that the documentation says of a call not registered yet.
    raise NoAnswerError(resource, status=answer.status)
