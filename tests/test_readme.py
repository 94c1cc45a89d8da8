"""What the README and the docs say of settings and fields is what the tap has."""

from __future__ import annotations

import json
from pathlib import Path

from tap_vcclive.settings import SETTINGS

ROOT = Path(__file__).parents[1]


def rows_of(document: str) -> dict[str, list[str]]:
    """Return the rows of a document's tables whose first cell is a name in code."""
    lines = (ROOT / document).read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    return {row[0].strip("`"): row[1:] for row in rows if row[0].startswith("`")}


def test_the_readme_has_each_setting_with_its_default_and_meaning() -> None:
    rows = rows_of("README.md")
    schema = SETTINGS.to_dict()
    for name, declared in schema["properties"].items():
        default, meaning = rows[name]
        assert meaning == declared["description"], name
        if name in schema["required"]:
            assert default.startswith("required"), name
        elif name == "user_agent":
            assert default == "`tap-vcclive/<version>`"
        else:
            said = declared.get("default", "")
            assert default.strip("`") == (str(said).lower() if said is False else str(said)), name


def test_the_docs_have_each_field_with_its_type_and_meaning() -> None:
    schema = json.loads((ROOT / "tap_vcclive/schemas/cdr.json").read_text())
    rows = rows_of("docs/fields.md")
    assert list(rows) == list(schema["properties"])
    for name, declared in schema["properties"].items():
        types = [declared["type"]] if isinstance(declared["type"], str) else declared["type"]
        kind = declared.get("format") or types[0]
        assert rows[name] == [kind, declared["description"]], name
