"""The ways in which an answer says that there is nothing, without saying why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from vcclive_sandbox.envelope import CONTENT_TYPE, answer, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vcclive_sandbox.variants import Absence


def absence(way: Absence, message: str) -> Response:
    """Return the answer that says in one of the ways that there is nothing.

    Args:
        way: How it is said: by a status, a body without anything, an envelope without anything, or
            errors.
        message: The sentence of those ways that have one.
    """
    return _WAYS[way](message)


_WAYS: Mapping[Absence, Callable[[str], Response]] = {
    "404": lambda message: refusal(404, message),
    "404-plain": lambda _: Response("Not Found", 404, None, "text/plain"),
    "410": lambda message: refusal(410, message),
    "204": lambda _: Response(None, 204),
    "empty-body": lambda _: Response("", 200, None, CONTENT_TYPE),
    "null": lambda _: answer(None),
    "empty-list": lambda _: answer([]),
    "empty-object": lambda _: answer({}),
    "false": lambda _: answer(response=False),
    "empty-error": lambda _: refusal(200, ""),
    "errors-text": lambda message: refusal(200, message),
    "errors-object": lambda message: answer([], [{"code": 404, "message": message}]),
}
