"""The envelope of every answer: `{"response": ..., "errors": []}`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTENT_TYPE = "text/plain; charset=utf-8"  # as documented, although the body is JSON

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def answer(
    response: object,
    errors: list[object] | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an answer in the API's envelope."""
    body = encode({"response": response, "errors": errors or []}).encode()
    return Response(body, status, headers, CONTENT_TYPE)


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer without a response but with an error and a status that says so."""
    return answer(None, [message], status, headers)
