"""How the API puts calls and pages of the log: each variant of what is only guessed about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vcclive_sandbox.cdr import OLD_FIELDS
from vcclive_sandbox.envelope import answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from vcclive_sandbox.cdr import Value
    from vcclive_sandbox.variants import Variants

TIMESTAMPS = frozenset({"start_ts", "billing_ts", "billing_ts_utc", "next_contact"})
NO_TIME = "0000-00-00 00:00:00"


def one_call(cdr: Mapping[str, Value], variants: Variants) -> Response:
    """Return the answer that carries one call."""
    shown = as_shown(cdr, variants)
    return answer([shown] if variants.cdr_shape == "list" else shown)


def page(rows: list[dict[str, Value]], start: int, total: int, variants: Variants) -> Response:
    """Return the answer that carries a page of the log.

    Args:
        rows: Its rows, as shown already.
        start: Offset of the first of them.
        total: How many rows the log has.
        variants: Choices where the real API is not known.
    """
    shown: dict[str, object] = {"rows": rows}
    if rows and variants.rows_shape == "object":
        shown["rows"] = {str(number): row for number, row in enumerate(rows, start + 1)}
    if variants.totals != "missing":
        shown["totalCount"] = str(total) if variants.totals == "text" else total
    return answer(shown)


def as_shown(cdr: Mapping[str, Value], variants: Variants) -> dict[str, Value]:
    """Return a call as the variants have it: which fields, and how their values look."""
    names = OLD_FIELDS if variants.fields == "old" else cdr
    shown: dict[str, Value] = {}
    for name in names:
        value = cdr[name]
        if name == "uuid":
            shown[variants.uuid_name] = _uuid(str(value), variants)
        elif value is None:
            if variants.absent != "missing":
                shown[name] = _absent(name, variants)
        elif variants.numbers == "text" and not isinstance(value, str):
            shown[name] = str(value)
        else:
            shown[name] = value
    return shown


def _uuid(uuid: str, variants: Variants) -> str:
    match variants.uuid_form:
        case "plain":
            return uuid
        case "upper":
            return uuid.upper()
        case "bare":
            return uuid.replace("-", "")
        case "braces":
            return f"{{{uuid}}}"
        case "urn":
            return f"urn:uuid:{uuid}"


def _absent(name: str, variants: Variants) -> Value:
    if variants.absent == "null":
        return None
    return NO_TIME if variants.absent == "zero" and name in TIMESTAMPS else ""
