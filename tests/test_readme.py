"""What the README and the docs say is there: tests, and other pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


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
