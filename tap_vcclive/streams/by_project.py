"""The streams that are parts of a project's answer: a partition is one project."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, ClassVar

from tap_vcclive.api.errors import OddAnswerError
from tap_vcclive.lists.projects import project_ids, resource_of
from tap_vcclive.lists.rows import rows_in
from tap_vcclive.lists.source import Asked
from tap_vcclive.streams.lists import ListStream

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from singer_sdk.helpers.types import Context


class ProjectStream(ListStream):
    """An array in what `/projects/[projectid]` answers, which is asked for once a run.

    Attributes:
        part: Name of the array.
    """

    part: ClassVar[str]

    @override
    def asked(self, get: Callable[[str], Any]) -> Iterable[Asked]:
        projects = self._settings.project_ids
        if projects is None:
            projects = tuple(project_ids(get))
        return [Asked(resource_of(one), {"projectid": one}, is_part=True) for one in projects]

    @override
    def rows_in(self, response: object, resource: str) -> list[Any]:
        """Return the rows; a project that has none may leave the array out."""
        if not isinstance(response, dict) or not response:
            raise OddAnswerError(f"{resource}: the answer is no project")
        part = next((value for name, value in response.items() if name.lower() == self.part), None)
        return rows_in(part, resource) if part else []

    @override
    def _context_of(self, fields: Mapping[str, Any]) -> Context:
        return dict(fields)
