"""The stream `project_fields`: the fields that the records of a project have."""

from __future__ import annotations

from tap_vcclive.streams.by_project import ProjectStream


class ProjectFieldsStream(ProjectStream):
    """Fields of projects, each with the values that can be chosen."""

    name = "project_fields"
    part = "fields"
    primary_keys = ("projectid", "fieldid")
