"""The projects that an account has: which of the rows of `/projects` can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_vcclive.api.confirmed import confirmed
from tap_vcclive.lists.rows import rows_in
from tap_vcclive.values.columns import boolean, fitting, integer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROJECTS: Final = "/projects"
"""Where the projects are listed; the folders in which they lie stand between them."""


def resource_of(project: int) -> str:
    """Return where a project's fields and dispositions are asked for."""
    return f"{PROJECTS}/{project}"


def is_shared(resource: str) -> bool:
    """Return whether several streams need a resource."""
    return resource == PROJECTS or resource.startswith(f"{PROJECTS}/")


class _Projects(NamedTuple):
    """Ids of projects, and in which way the answer may have said that there are none."""

    ids: list[int]
    nothing: str | None


def project_ids(get: Callable[[str], Any]) -> list[int]:
    """Return the ids of the account's projects, each once, without folders.

    Args:
        get: Returns VCC Live's answer for a resource.

    Raises:
        OddAnswerError: When it is no list.
        VCCLiveError: When there is no answer.
    """

    def asked() -> _Projects:
        response = get(PROJECTS)
        return _Projects(project_ids_in(response), None if response else "[]")

    return confirmed(asked, PROJECTS).ids


def project_ids_in(response: object) -> list[int]:
    """Return the ids of the projects in an answer of `/projects`, each once, without folders.

    Raises:
        OddAnswerError: When it is no list.
    """
    rows = (_lower(row) for row in rows_in(response, PROJECTS) if isinstance(row, dict))
    ids = (fitting(integer, row.get("projectid")) for row in rows if not is_folder(row))
    return list(dict.fromkeys(one for one in ids if one is not None))


def is_folder(row: Mapping[str, Any]) -> bool:
    """Return whether a row, its names in lower case, is a folder and no project."""
    return fitting(boolean, row.get("container")) is True


def _lower(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in row.items()}
