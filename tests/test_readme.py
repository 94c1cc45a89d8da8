"""What the README and the docs say is there: settings, fields, tests, and other pages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tap_vcclive.declarations import SETTINGS

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


def test_each_promise_names_a_test_that_there_is() -> None:
    named = re.findall(
        r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs/reliability.md").read_text()
    )
    assert len(named) > 30
    for file, test in named:
        code = (ROOT / file).read_text()
        assert re.search(rf"^(?:def |class )?{test}\b", code, re.MULTILINE), f"{file}::{test}"


@pytest.mark.parametrize(
    "page",
    ["README.md", "SECURITY.md", *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))],
)
def test_each_link_to_a_page_of_the_project_leads_there(page: str) -> None:
    text = (ROOT / page).read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []
