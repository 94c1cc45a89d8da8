"""What those who can log in may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vcclive_sandbox.variants import Variants

RIGHTS = {"listen": "Hívások visszahallgatása", "export": "Exportálás", "users": "Felhasználók"}


def rows(_: Variants) -> list[dict[str, Any]]:
    """Return the roles; one without rights has no array of them."""
    rights = [{"id": name, "label": label} for name, label in RIGHTS.items()]
    return [
        {"id": 1, "name": "admin", "is_agent": False, "rights": rights},
        {"id": 2, "name": "supervisor", "is_agent": False, "rights": rights[:2]},
        {"id": 3, "name": "operator", "is_agent": True, "rights": []},
        {"id": 4, "name": "visitor", "is_agent": False},
    ]
