"""Names of fields that can be shown in a log; a server can put anything where a name should be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tap_vcclive.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME: Final = re.compile(r"[A-Za-z_]\w{0,39}", re.ASCII)
_MOST_DIGITS: Final = 4
_MOST_NAMES: Final = 50
# Of a longer one no more is kept, and it is not shown.
_LONGEST_NAME: Final = 100
# Two words with a capital each, as people are called: no API known to us names a field so.
_LIKE_A_PERSON: Final = re.compile(r"_*[A-Z][A-Za-z]*?_*[A-Z][a-z]\w*|[A-Z]+_+[A-Z]\w*")


def note(name: str, seen: dict[str, None]) -> None:
    """Add a name to those seen, unless there are 50 already."""
    if len(seen) < _MOST_NAMES:
        seen[name[:_LONGEST_NAME]] = None


def named(names: Iterable[str]) -> str:
    """Return the names of fields as a list, those that can be something else as their number.

    A name is of 40 letters, digits and underscores at the most, has four digits at the most, and
    does not look like that of a person.
    """
    shown, odd = [], 0
    for name in names:
        if _is_plain(name):
            shown.append(name)
        else:
            odd += 1
    if odd:
        shown.append(counted(odd, "odd name"))
    return ", ".join(shown)


def _is_plain(name: str) -> bool:
    return bool(
        _NAME.fullmatch(name)
        and sum(map(str.isdigit, name)) <= _MOST_DIGITS
        and not _LIKE_A_PERSON.match(name)
    )
