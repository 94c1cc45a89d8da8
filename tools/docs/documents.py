"""Which documents there are, and which of them no longer say what the code says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.docs import environment, fields, meltano, readme

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT: Final = Path(__file__).parents[2]
# Each makes a document's text out of the code and of the text that is there: what is written by
# hand in it stays.
DOCUMENTS: Final[dict[str, Callable[[str], str]]] = {
    "meltano.yml": meltano.project,
    "plugin.yml": lambda _: meltano.definition(),
    ".env.example": lambda _: environment.example(_text("meltano.yml")),
    "README.md": readme.with_settings,
    "docs/fields.md": lambda _: fields.page(),
}


def outdated() -> dict[Path, str]:
    """Return what each document should say that says something else."""
    expected = {name: document(_text(name)) for name, document in DOCUMENTS.items()}
    return {PROJECT / name: text for name, text in expected.items() if text != _text(name)}


def _text(name: str) -> str:
    """Return what stands in a document now, nothing when it is not there."""
    path = PROJECT / name
    return path.read_text(encoding="utf-8") if path.exists() else ""
