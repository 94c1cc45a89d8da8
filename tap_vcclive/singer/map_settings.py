"""The form of `stream_maps`: which entries there can be, and what in them is an expression.

The SDK's own check of it ends in a traceback, or repeats expressions, in which a seed can stand. No
line here repeats more than names.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Maps = dict[str, Any]
"""The setting; without its form being looked at, anything can stand in it."""

ELSE: Final = "__else__"
SOURCE: Final = "__source__"
FILTER: Final = "__filter__"
KEYS: Final = "__key_properties__"
ALIAS: Final = "__alias__"
_NO_FORM: Final = "is not of a form that this setting has"
# Words, with a number of up to four digits behind; with digits among its letters it can be a key.
_NAME: Final = re.compile(r"(?=.{1,64}$)[A-Za-z_.*?-]+[0-9]{0,4}")


def form_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the form of stream maps, behind the name of the setting.

    Args:
        config: The settings, with `stream_maps` as an object.
    """
    maps: Maps = config["stream_maps"]
    for key, entries in maps.items():
        place = place_in(maps, key)
        if key == ELSE:
            if not is_removed(entries):
                yield f"{place}: must be null"
        elif key.startswith("__"):
            yield f"{place}: no such option"
        elif isinstance(entries, dict):
            for name, value in entries.items():
                if problem := _problem_of(name, value, entries):
                    yield f"{place_in(maps, key, name)}: {problem}"
        elif not is_removed(entries):
            yield f"{place}: {_NO_FORM}"


def _problem_of(name: str, value: object, entries: Maps) -> str | None:
    """Return what is wrong with one entry of the map of a stream, if anything is."""
    if name in {ELSE, SOURCE, KEYS}:
        return _problem_of_option(name, value)
    if name == ALIAS:
        return f"cannot stand beside {SOURCE}" if SOURCE in entries else _problem_in(value)
    if name != FILTER and name.startswith("__"):
        return "no such option"
    is_left_out = value is None if name == FILTER else is_removed(value)
    return None if is_left_out else _problem_in(value)


def _problem_of_option(name: str, value: object) -> str | None:
    """Return what is wrong with an entry that is no expression, if anything is."""
    if name == ELSE:
        return None if is_removed(value) else "must be null"
    if name == SOURCE:
        return None if isinstance(value, str) else "must name a stream"
    is_list = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return None if value is None or is_list else "must be a list of properties, or null"


def _problem_in(expression: object) -> str | None:
    """Return what is wrong with an expression, if anything is."""
    if not isinstance(expression, str):
        return _NO_FORM
    names = names_in(expression)
    if names is None:
        return "is no expression"
    if "fake" in names and not importlib.util.find_spec("faker"):
        return "fake needs the package faker, which is not installed"
    return None


def names_in(text: str) -> set[str] | None:
    """Return the names that an expression uses; None for a text that the SDK cannot read as one."""
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if len(statements) != 1 or not isinstance(statements[0], ast.Expr):
        return None  # the SDK notices at the first record, or takes the first of several
    return {node.id for node in ast.walk(statements[0]) if isinstance(node, ast.Name)}


def properties_in(entries: Maps) -> list[str]:
    """Return the properties that the map of a stream names, without its options."""
    return [name for name in entries if not name.startswith("__")]


def is_removed(value: object) -> bool:
    """Return whether a value says that what it stands for is left out."""
    return value is None or value == "__NULL__"


def place_in(maps: Maps, key: str, name: str | None = None) -> str:
    """Return the place of an entry within the setting, for a line."""
    place = f"[{_shown(key, maps)}]"
    return place if name is None else f"{place}[{_shown(name, maps[key])}]"


def _shown(name: str, among: Maps) -> str:
    """Return a name; what looks like none, as a number or an expression, by where it stands."""
    if _NAME.fullmatch(name):
        return name
    return f"entry {list(among).index(name) + 1}" if name in among else "?"
