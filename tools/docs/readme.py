"""The README's table of settings."""

from __future__ import annotations

import re
from typing import Final

from tools.docs.settings import Setting, as_text, settings
from tools.docs.tables import table

_HEADER: Final = ("setting", "default", "meaning")
# From the table's header to its last row.
_TABLE: Final = re.compile(r"^\| setting \| default \| meaning \|\n(?:\|.*\n)+", re.MULTILINE)


def with_settings(text: str) -> str:
    """Return the README with its table of settings made anew.

    Args:
        text: The README as it is.

    Raises:
        ValueError: When it has no such table, or several.
    """
    made = table(_HEADER, (_row(one) for one in settings() if not one.of_the_sdk))
    changed, count = _TABLE.subn(lambda _: made, text)
    if count != 1:
        raise ValueError(f"README.md has {count} tables of settings instead of one")
    return changed


def _row(setting: Setting) -> tuple[str, str, str]:
    """Return the row of a setting."""
    default = f"`{as_text(setting.default)}`" if setting.default is not None else ""
    if setting.required:
        default = "required, secret" if setting.secret else "required"
    return f"`{setting.name}`", default, setting.description
