"""The resources that are lists and come in one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vcclive_sandbox import online, projects, roles, users
from vcclive_sandbox.envelope import answer, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.responses import Response

    from vcclive_sandbox.variants import Variants

LISTS: Mapping[str, Callable[[Variants], list[dict[str, Any]]]] = {
    "/onlineusers": online.rows,
    "/projects": projects.rows,
    "/roles": roles.rows,
    "/users": users.rows,
}
"""The rows of each list, by its path."""


def whole(path: str, variants: Variants) -> Response:
    """Return the answer that carries a list.

    Args:
        path: Its path.
        variants: Choices where the real API is not known.
    """
    rows = [as_shown(row, variants) for row in LISTS[path](variants)]
    if rows and variants.rows_shape == "object":
        return answer({str(number): row for number, row in enumerate(rows, 1)})
    return answer(rows)


def project(number: int, variants: Variants) -> Response:
    """Return the answer that carries what a project has."""
    details = projects.details(number, variants)
    if details is None:
        return refusal(404, "No such project.")
    return answer(
        {part: [as_shown(row, variants) for row in rows] for part, rows in details.items()}
    )


def as_shown(row: Mapping[str, Any], variants: Variants) -> dict[str, Any]:
    """Return a row as the variants have it: the case of its names, how its numbers look."""
    shown = {}
    for name, value in row.items():
        is_number = isinstance(value, int) and not isinstance(value, bool)
        shown[_name(name, variants)] = (
            str(value) if is_number and variants.numbers == "text" else value
        )
    return shown


def _name(name: str, variants: Variants) -> str:
    match variants.field_names:
        case "documented":
            return name
        case "lower":
            return name.lower()
        case "camel":
            return f"{name.removesuffix('id')}Id" if name.endswith("id") else name
