"""The layout: arrows between modules and between folders run one way only."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


def imports_of(package: str) -> dict[str, set[str]]:
    """Return what each module of a package imports of it, for its types as well."""
    modules = {
        ".".join(path.relative_to(PROJECT).with_suffix("").parts): path
        for path in (PROJECT / package).rglob("*.py")
        if path.name != "__init__.py"
    }
    return {
        module: {*_imported(ast.parse(path.read_text()))} & modules.keys()
        for module, path in modules.items()
    }


def _imported(tree: ast.AST) -> set[str]:
    """Return the names that may be modules of what a module imports."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def folder_of(module: str) -> str:
    """Return the folder of a module; one that is in none stands for itself."""
    return ".".join(module.split(".")[:2])


@pytest.mark.parametrize("package", ["tap_vcclive", "vcclive_sandbox", "tools"])
def test_no_module_and_no_folder_imports_what_imports_it(package: str) -> None:
    modules = imports_of(package)
    assert any(modules.values())
    folders: dict[str, set[str]] = {}
    for module, imported in modules.items():
        others = {folder_of(one) for one in imported} - {folder_of(module)}
        folders.setdefault(folder_of(module), set()).update(others)
    for graph in (modules, folders):
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            pytest.fail(f"a circle: {' <- '.join(error.args[1])}")


def test_no_module_has_more_than_250_lines() -> None:
    lengths = {
        str(path.relative_to(PROJECT)): len(path.read_text().splitlines())
        for package in ("tap_vcclive", "vcclive_sandbox", "demo", "tools", "benchmarks")
        for path in (PROJECT / package).rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > 250} == {}
