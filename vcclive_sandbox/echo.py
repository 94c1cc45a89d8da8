"""An error that repeats the request's headers and the answer's body, as frameworks do.

What is in it stands there in the ways in which such errors write it: as JSON, as Python does, in a
URL, decoded, and as UTF-8 that was read as Latin-1.
"""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from vcclive_sandbox.envelope import answer

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope


def echo(scope: Scope, whole: Response) -> Response:
    """Return a refusal with the headers of a request, and the answer that it would have got."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    credentials = b64decode(headers["authorization"].partition(" ")[2])
    body = bytes(whole.body).decode()[:600]
    parts = [
        "Internal error",
        f"headers {json.dumps(headers)}",
        f"headers {headers!r}",
        f"user {credentials.decode()}",
        f"user {credentials.decode('latin-1')}",
        f"parameters {urlencode(headers)}",
        f"response {body}",
        f"response {json.dumps(body)}",
    ]
    message = "; ".join(parts)
    return answer(None, [{"errorcode": 500, "index": 1, "errormessage": message}], 500)
