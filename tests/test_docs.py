"""What `make docs` writes: it is up to date, and in the form that its readers need."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml
from meltano.core.project import Project

from tap_vcclive.tap import TapVCCLive
from tools.docs import meltano, readme
from tools.docs.documents import PROJECT, outdated
from tools.docs.settings import settings
from tools.docs.tables import table

if TYPE_CHECKING:
    from pathlib import Path

DEFINITION: dict[str, Any] = yaml.safe_load(meltano.definition())


def test_make_docs_was_not_forgotten() -> None:
    assert [path.name for path in outdated()] == [], "run `make docs`"


def test_meltano_writes_its_file_as_it_is(tmp_path: Path) -> None:
    """Else its first `meltano config set` changes all lines, and loses comments."""
    text = (PROJECT / "meltano.yml").read_text()
    (tmp_path / "meltano.yml").write_text(text)
    with Project(tmp_path).meltano_update():
        pass
    assert (tmp_path / "meltano.yml").read_text() == text


def test_a_setting_of_meltano_costs_no_comment_and_no_other_line(tmp_path: Path) -> None:
    text = (PROJECT / "meltano.yml").read_text()
    (tmp_path / "meltano.yml").write_text(text)
    with Project(tmp_path).meltano_update() as project:
        for plugin in [*project["plugins"]["extractors"], *project["plugins"]["loaders"]]:
            plugin.extras["config"] = {"a": "b"}
        for environment in project["environments"]:
            environment.state_id_suffix = "c"
    changed = (tmp_path / "meltano.yml").read_text().splitlines()
    assert [line for line in text.splitlines() if line not in changed] == []
    assert len(changed) - len(text.splitlines()) == 2 * 3 + 2


def test_numbers_lists_and_booleans_have_no_kind() -> None:
    """With one, Meltano ends with a traceback at a variable that is set to nothing."""
    types = {setting.name: setting.type for setting in settings()}
    assert {*types.values()} == {"array", "boolean", "date", "integer", "object", "string"}
    for setting in DEFINITION["settings"]:
        has_kind = types[setting["name"]] in {"date", "object", "string"}
        assert ("kind" in setting) is has_kind, setting["name"]


def test_meltano_is_told_all_it_needs_for_state_and_selection() -> None:
    assert {"state", "catalog", "discover"} <= {*DEFINITION["capabilities"]}
    assert {s["name"] for s in DEFINITION["settings"] if s.get("sensitive")} == {
        "api_key",
        "stream_map_config",
    }


def test_meltano_accepts_the_definition_for_other_projects() -> None:
    schema = json.loads(
        resources.files("meltano").joinpath("schemas/meltano.schema.json").read_text()
    )
    jsonschema.validate({"plugins": {"extractors": [DEFINITION]}}, schema)


def test_nothing_is_installed_by_a_name_that_somebody_else_could_register() -> None:
    package, *pins = DEFINITION["pip_url"].split(" --")
    assert package.startswith("./")
    assert len(pins) == 2


def test_the_readme_must_have_one_table_of_settings() -> None:
    with pytest.raises(ValueError, match="has 0 tables"):
        readme.with_settings("")
    text = (PROJECT / "README.md").read_text()
    without = text.replace("| `customer` | required |", "| `other` | |")
    assert without != text
    assert readme.with_settings(without) == text


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert table(("a", "b"), [("x|y", "")]) == "| a | b |\n|---|---|\n| x\\|y | |\n"


def test_each_field_of_each_stream_has_a_row() -> None:
    page = (PROJECT / "docs/fields.md").read_text()
    for stream in TapVCCLive(config={}, validate_config=False, setup_mapper=False).streams.values():
        (part,) = [p for p in page.split("\n## ")[1:] if f"`{stream.name}`" in p.splitlines()[0]]
        assert [f"| `{name}` |" in part for name in stream.schema["properties"]].count(False) == 0
