"""Checks what is set of flattening, which the SDK looks at too late, and ends with a traceback."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.singer.declared_schema import declared, schema_names
from tap_vcclive.singer.sdk import flatten_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def _enabled_problems(config: Mapping[str, Any]) -> Iterator[str]:
    if config["flattening_enabled"] and config.get("flattening_max_depth") is None:
        yield ": needs flattening_max_depth; 1 is right for most targets"


def _depth_problems(config: Mapping[str, Any]) -> Iterator[str]:
    if config["flattening_max_depth"] < 0:
        yield ": must be at least 0"


def _length_problems(config: Mapping[str, Any]) -> Iterator[str]:
    most = config["flattening_max_key_length"]
    if config.get("flattening_enabled") and not _are_told_apart(most):
        least = next(filter(_are_told_apart, count(max(most, 1))))
        yield f": must be at least {least}, or columns would share a name"


def _are_told_apart(most: int) -> bool:
    """Return whether the columns have names of their own when these are made shorter than that."""
    for columns in _columns():
        names = Counter(flatten_key(name, [], max_key_length=most) for name in columns)
        if max(names.values()) > 1:
            return False
    return True


@cache
def _columns() -> list[tuple[str, ...]]:
    """Return the columns of each schema."""
    return [tuple(declared(name)["properties"]) for name in schema_names()]


CHECKS: Final[dict[str, Callable[[Mapping[str, Any]], Iterator[str]]]] = {
    "flattening_enabled": _enabled_problems,
    "flattening_max_depth": _depth_problems,
    "flattening_max_key_length": _length_problems,
}
"""What looks at each of these settings when its type is right."""
