"""How the API puts things: the envelope, and each variant of what is only guessed about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import Response

from vcclive_sandbox.cdr import OLD_FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vcclive_sandbox.cdr import Value
    from vcclive_sandbox.variants import NotRegistered, Variants

CONTENT_TYPE = "text/plain; charset=utf-8"  # as documented, although the body is JSON
TIMESTAMPS = frozenset({"start_ts", "billing_ts", "billing_ts_utc", "next_contact"})
NO_TIME = "0000-00-00 00:00:00"

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def answer(
    response: object,
    errors: list[object] | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an answer in the API's envelope."""
    body = _encode({"response": response, "errors": errors or []}).encode()
    return Response(body, status, headers, CONTENT_TYPE)


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer without a response but with an error and a status that says so."""
    return answer(None, [message], status, headers)


NOT_REGISTERED: Mapping[NotRegistered, Response] = {
    "404": refusal(404, "No such call."),
    "404-plain": Response("Not Found", 404, None, "text/plain"),
    "empty-list": answer([]),
    "empty-object": answer({}),
    "null": answer(None),
    "errors-text": refusal(200, "No such call."),
    "errors-object": answer([], [{"code": 404, "message": "No such call."}]),
    "empty-body": Response("", 200, None, CONTENT_TYPE),
}
"""What a call answers that the API does not know, or not yet."""


def one_call(cdr: Mapping[str, Value], variants: Variants) -> Response:
    """Return the answer that carries one call."""
    shown = as_shown(cdr, variants)
    return answer([shown] if variants.cdr_shape == "list" else shown)


def page(rows: list[dict[str, Value]], total: int, variants: Variants) -> Response:
    """Return the answer that carries a page of the log; `rows` are as shown already."""
    shown: dict[str, object] = {"rows": rows}
    if variants.totals != "missing":
        shown["totalCount"] = str(total) if variants.totals == "text" else total
    return answer(shown)


def as_shown(cdr: Mapping[str, Value], variants: Variants) -> dict[str, Value]:
    """Return a call as the variants have it: which fields, how numbers and no values look."""
    names = OLD_FIELDS if variants.fields == "old" else cdr
    shown: dict[str, Value] = {}
    for name in names:
        value = cdr[name]
        if value is None:
            if variants.absent != "missing":
                shown[name] = _absent(name, variants)
        elif variants.numbers == "text" and not isinstance(value, str):
            shown[name] = str(value)
        else:
            shown[name] = value
    return shown


def _absent(name: str, variants: Variants) -> Value:
    if variants.absent == "null":
        return None
    return NO_TIME if variants.absent == "zero" and name in TIMESTAMPS else ""
