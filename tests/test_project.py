"""What has to be said in more than one file is said the same way in each of them."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import tap_vcclive

PROJECT = Path(__file__).parents[1]


MELTANO: dict[str, Any] = yaml.safe_load((PROJECT / "meltano.yml").read_text())
EXTRACTOR: dict[str, Any] = MELTANO["plugins"]["extractors"][0]


def test_meltano_accepts_the_project_file() -> None:
    schema = resources.files("meltano").joinpath("schemas/meltano.schema.json")
    jsonschema.validate(MELTANO, json.loads(schema.read_text()))


def test_no_plugin_is_looked_up() -> None:
    plugins = [*MELTANO["plugins"]["extractors"], *MELTANO["plugins"]["loaders"]]
    for plugin in plugins:
        assert {"namespace", "pip_url", "executable", "settings"} <= set(plugin)


def test_no_secret_has_a_value() -> None:
    plugins = [*MELTANO["plugins"]["extractors"], *MELTANO["plugins"]["loaders"]]
    secrets = [s for plugin in plugins for s in plugin["settings"] if s.get("sensitive")]
    assert secrets
    assert not [secret["name"] for secret in secrets if "value" in secret]


def test_actions_are_pinned_by_commit() -> None:
    workflows = [*(PROJECT / ".github" / "workflows").glob("*.y*ml")]
    uses = [
        line.strip()
        for workflow in workflows
        for line in workflow.read_text().splitlines()
        if "uses:" in line
    ]
    assert uses
    pinned = re.compile(r"- uses: [\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert not [line for line in uses if not pinned.fullmatch(line)]


VERSIONLESS = ("pyproject.toml", "meltano.yml", "plugin.yml", ".env.example", "README.md")


def test_the_version_is_in_one_place() -> None:
    pyproject = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    place = pyproject["tool"]["hatch"]["version"]["path"]
    assert pyproject["project"]["dynamic"] == ["version"]

    said = re.compile(rf"""["/]{re.escape(tap_vcclive.__version__)}["\s]""")
    files = [PROJECT / name for name in VERSIONLESS]
    files += (PROJECT / "tap_vcclive").rglob("*.py")
    assert [file for file in files if said.search(file.read_text())] == [PROJECT / place]


CONSTRAINTS = [PROJECT / "constraints.txt", *sorted((PROJECT / "constraints").glob("*.txt"))]


@pytest.mark.parametrize("file", CONSTRAINTS, ids=lambda file: file.name)
def test_constraints_are_names_and_versions_only(file: Path) -> None:
    comment, *lines = file.read_text().splitlines()
    assert comment.startswith("# ")
    assert lines
    assert not [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.+]+", line)]


def test_time_zones_come_with_the_tap_where_a_system_has_none() -> None:
    pyproject = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    assert [one for one in pyproject["project"]["dependencies"] if one.startswith("tzdata")]
    assert re.search(r"(?m)^tzdata==", (PROJECT / "constraints.txt").read_text())


def test_a_loader_takes_records_without_the_columns_of_singer() -> None:
    """With `activate_version`, target-postgres needs `_sdc_table_version`."""
    (loader,) = [one for one in MELTANO["plugins"]["loaders"] if one["name"] == "target-postgres"]
    values = {setting["name"]: setting.get("value") for setting in loader["settings"]}
    assert values["activate_version"] is False


def test_what_meltano_installs_is_pinned_and_so_is_what_builds_the_tap() -> None:
    loaders = {loader["name"]: loader["pip_url"] for loader in MELTANO["plugins"]["loaders"]}
    assert EXTRACTOR["pip_url"] == (
        "-e . --constraint constraints.txt --build-constraint constraints.txt"
    )
    for name, url in loaders.items():
        package, _, file = url.partition(" --constraint ")
        assert file == f"constraints/{name}.txt"
        assert f"\n{package.partition('~')[0]}==" in (PROJECT / file).read_text()
    assert CONSTRAINTS[1:] == sorted(PROJECT / f"constraints/{name}.txt" for name in loaders)


def test_all_packages_that_are_asked_for_are_pinned() -> None:
    pyproject = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    groups = pyproject["dependency-groups"]
    assert groups["build"] == pyproject["build-system"]["requires"]
    asked = [*pyproject["project"]["dependencies"], *groups["build"], *groups["audit"], "pip"]
    asked += [*groups["demo"], *(one for one in groups["dev"] if isinstance(one, str))]
    lines = CONSTRAINTS[0].read_text().lower().replace("_", "-").splitlines()
    pinned = {line.partition("==")[0] for line in lines}
    names = {re.split(r"[\[<>=~]", one)[0].lower().replace("_", "-") for one in asked}
    assert names - pinned == set()


def test_all_that_is_pinned_is_audited_and_looked_after() -> None:
    dependabot = yaml.safe_load((PROJECT / ".github" / "dependabot.yml").read_text())
    folders = {
        entry["package-ecosystem"]: {*entry.get("directories", []), entry.get("directory")}
        for entry in dependabot["updates"]
    }
    assert folders["pip"] >= {"/", "/constraints", "/benchmarks"}
    assert folders["github-actions"] >= {"/"}
    makefile = (PROJECT / "Makefile").read_text()
    assert "TARGET_CONSTRAINTS := $(wildcard constraints/*.txt)" in makefile
    assert "for file in constraints.txt $(TARGET_CONSTRAINTS)" in makefile


@pytest.mark.skipif(not (PROJECT / ".git").exists(), reason="not a clone")
def test_what_the_commands_of_the_readme_leave_is_not_offered_to_git() -> None:
    left = "config.json state.json states.jsonl cdr_log.jsonl calls.csv calls.txt.gz ca.pem"
    left += " .env .env.prod .meltano/run/x output/cdr.jsonl"
    for ignored, names in ((True, left.split()), (False, [".env.example", "constraints.txt"])):
        for name in names:
            known = subprocess.run(["git", "check-ignore", "-q", name], cwd=PROJECT, check=False)
            assert (known.returncode == 0) is ignored, name
