"""What objects with the same names and types of fields have in common, to be looked up at once."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Form(NamedTuple):
    """What objects with the same names and types of fields have in common.

    Attributes:
        texts: Gets the values that are text and fit their columns; None when there are hardly any.
        numbers: Gets the values that are integers and fit their columns, likewise.
        others: Names of the fields that are looked at one by one.
    """

    texts: itemgetter[Any] | None
    numbers: itemgetter[Any] | None
    others: tuple[str, ...]


def form_of(fields: Mapping[str, Any], kinds: Mapping[str, type[str | int]]) -> Form:
    """Return what all objects have in common whose fields have these names and types.

    Args:
        fields: One of them.
        kinds: The type of each column that has to be of a type.
    """
    names: dict[type, list[str]] = {str: [], int: []}
    others = []
    for name, value in fields.items():
        if value is None and name in kinds:
            continue
        if kinds.get(name) is type(value):
            names[type(value)].append(name)
        else:
            others.append(name)
    # With fewer than two names, itemgetter returns no tuple.
    texts, numbers = (
        itemgetter(*of_kind) if len(of_kind) > 1 else None for of_kind in names.values()
    )
    return Form(texts, numbers, tuple(others))
