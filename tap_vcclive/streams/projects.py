"""The stream `projects`: the projects that calls name by `projectid`, and their folders."""

from __future__ import annotations

import sys
from typing import Any

from tap_vcclive.lists.projects import PROJECTS, is_folder
from tap_vcclive.streams.lists import ListStream

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override


class ProjectsStream(ListStream):
    """Projects and folders, active or not."""

    name = "projects"
    resource = PROJECTS
    primary_keys = ("projectid",)

    @override
    def rows_in(self, response: object, resource: str) -> list[Any]:
        """Return the rows, folders first.

        Whether folders have numbers of their own is not known: where one shares its number with a
        project, the project is what the table keeps, as it comes last.
        """
        rows = super().rows_in(response, resource)
        return sorted(rows, key=lambda row: not (isinstance(row, dict) and is_folder(row)))
