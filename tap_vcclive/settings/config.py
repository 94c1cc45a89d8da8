"""What is meant by a config: each value in the type of its setting, and what is empty not set.

People write settings into files, variables and Meltano projects, and each of these has its own way
to say the same. An environment knows text only, and an optional variable is often set to nothing;
a secret made with `echo` ends in a line end. What can mean one thing only is taken for that; what
cannot is left as it is, for the check of the settings to name.
"""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}
# Between the values of a list that is no JSON.
_SEPARATORS: Final = re.compile(r"[\s,;]+")


def normalize(config: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """Give each value of a config the type of its setting, and take out what is empty.

    Args:
        config: The settings as given, wherever they come from; changed in place.
        schema: The JSON schema of all settings.
    """
    for name, value in list(config.items()):
        config[name] = _meant(value, schema["properties"].get(name, {}))
        if not is_set(config[name]):
            del config[name]


def is_set(value: object) -> bool:
    """Return whether a value sets anything: one that is null or empty does not.

    A list without entries does: one of calls says that there are none to fetch today.
    """
    return not (value is None or value == {} or (isinstance(value, str) and not value.strip()))


def _meant(value: Any, declared: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value in the type that is declared for it, or as it is where it has no such form."""
    types = declared.get("type", ())
    if isinstance(value, str):
        value = value.strip()
        if value and "string" not in types:
            value = _parsed(value, types)
    if "array" not in types or value is None or isinstance(value, str):
        return value
    values = value if isinstance(value, list) else [value]
    return [_meant(one, declared.get("items", {})) for one in values]


def _parsed(text: str, types: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value that a text stands for; the text itself where it stands for none."""
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "boolean" in types:
        return _BOOLEANS.get(text.lower(), text)
    if "object" in types:
        return _literal(text)
    if "array" in types:
        if text.startswith(("[", "{")):
            return _literal(text)
        value = _literal(f"[{text}]")
        return value if isinstance(value, list) else list(filter(None, _SEPARATORS.split(text)))
    return text


def _literal(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return what a text is as JSON or as Python writes it, which Meltano takes, too."""
    for parse in (json.loads, ast.literal_eval):
        try:
            return parse(text)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            continue
    return text
