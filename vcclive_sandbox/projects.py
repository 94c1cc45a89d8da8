"""The projects and their folders, and what each project has: fields and dispositions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vcclive_sandbox import centre

if TYPE_CHECKING:
    from vcclive_sandbox.variants import Variants

FOLDERS = {100: "Ügyfelek", 101: "Kampányok"}
ASSESSMENTS = {
    centre.NOT_REACHED: "failed",
    centre.REACHED: "ordered",
    centre.SUCCESSFUL: "success",
}
CHOICES = ("Igen", "Nem", "Nem tudja")


def rows(variants: Variants) -> list[dict[str, Any]]:
    """Return the projects, and the folders in which they lie.

    Args:
        variants: Choices where the real API is not known: whether folders have numbers of their
            own, or may share one with a project.
    """
    folders = dict(FOLDERS)
    if variants.folder_ids == "shared":
        folders = dict(
            zip((project.id for project in centre.PROJECTS), FOLDERS.values(), strict=False)
        )
    numbers = list(folders)
    shown = [
        {
            "projectid": project.id,
            "name": project.name,
            "status": "active",
            "folderid": numbers[project.direction == "outbound"],
            "container": False,
            "folder": folders[numbers[project.direction == "outbound"]],
        }
        for project in centre.PROJECTS
    ]
    shown += [
        {"projectid": number, "name": name, "status": "active", "folderid": 0, "container": True}
        for number, name in folders.items()
    ]
    return shown


def details(number: int, variants: Variants) -> dict[str, Any] | None:
    """Return what a project has; None for a number that is no project's."""
    if number not in {project.id for project in centre.PROJECTS}:
        return None
    return {
        "dispositions": [_disposition(one, variants) for one in dispositions()],
        "fields": [_field(number, position) for position in range(1, 4)],
    }


def dispositions() -> list[centre.Disposition]:
    """Return all dispositions that a call can have."""
    return [centre.UNANSWERED_INBOUND, *centre.UNANSWERED_OUTBOUND, *centre.ANSWERED]


def _disposition(one: centre.Disposition, variants: Variants) -> dict[str, Any]:
    is_call_back = one.status == centre.CALL_BACK
    named: dict[str, dict[str, Any]] = {
        "dispositionid": {"dispositionid": one.id},
        "id": {"id": one.id},
        "none": {},
    }
    return {
        "assessment": ASSESSMENTS[one.reach],
        **named[variants.disposition_ids],
        "label": one.label,
        "name": one.export_name,
        "callback": int(is_call_back),
        "comission_collector": 0,
        "comment_mode": "force" if is_call_back else "allow",
    }


def _field(project: int, position: int) -> dict[str, Any]:
    number = 100 * project + position
    values = [
        {
            "valueid": 10 * number + choice,
            "fieldid": number,
            "name": f"v{choice}",
            "label": label,
            "description": "",
            "export_value": str(choice),
            "price": 0,
            "commission": 0,
        }
        for choice, label in enumerate(CHOICES)
    ]
    is_choice = position > 1
    return {
        "fieldid": number,
        "name": f"mezo_{position}",
        "label": f"Mező {position}",
        "type": "simple" if is_choice else "text",
        "customised": "yes" if is_choice else "no",
        "indexed": "no",
        "values": values if is_choice else [],
    }
