"""The files that a run is given: config, catalog and state, each usable or refused with a line.

The SDK reads them as they are and ends with a traceback when one is cut short or of something else.
No line repeats what stands in them: that can be a key.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.singerlib.catalog import Catalog

from tap_vcclive.settings.config import is_set
from tap_vcclive.singer.sdk import load_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FROM_ENVIRONMENT: Final = "ENV"
"""In place of a file of settings: those of the environment."""

# Some editors begin a file with a byte order mark, which JSON does not know.
_ENCODING: Final = "utf-8-sig"
_MARK: Final = "\ufeff"
# The name of a file that a line can name; what was meant for another place, such as a key or JSON,
# is none.
_FILE_NAME: Final = re.compile(r"\w[\w. -]{0,79}\.json", re.ASCII | re.IGNORECASE)
# Deeper than any real state or catalog; the SDK copies them by recursion.
_DEEPEST: Final = 100


class UnusableInputError(ConfigValidationError):
    """What the run was given cannot be used; `errors` has a line for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep the lines."""
        super().__init__("Unusable input", errors=[*problems])


def config_in(names: Iterable[str]) -> dict[str, Any]:
    """Return the settings in files; of one that several set, the last counts.

    Raises:
        UnusableInputError: When a file cannot be read, or holds no JSON object.
    """
    config: dict[str, Any] = {}
    problems = []
    for number, name in enumerate(names, 1):
        if name != FROM_ENVIRONMENT:
            try:
                given = _settings_in(name, number)
                config |= {k: value for k, value in given.items() if is_set(value)}
            except UnusableInputError as error:
                problems += error.errors
    if problems:
        raise UnusableInputError(problems)
    return config


def _settings_in(name: str, number: int) -> dict[str, Any]:
    """Return the settings in a file, which was given in this place."""
    file = Path(name).name
    called = f"config {file}" if _FILE_NAME.fullmatch(file) else f"config given as number {number}"
    try:
        text = Path(name).read_text(encoding=_ENCODING)
    except UnicodeDecodeError:
        problem = f"The {called} cannot be used: it is not UTF-8 text"
    except (OSError, ValueError) as error:  # a name with a NUL is no name
        reason = error.strerror if isinstance(error, OSError) else "this is no path"
        problem = f"The {called} cannot be read: {reason}"
    else:
        if _is_object(text):
            return load_json(text)
        problem = f"The {called} cannot be used: it must be a JSON object"
    raise UnusableInputError([problem])


def state_in(file: IO[str]) -> str:
    """Return the text of a state, which is a JSON object.

    Raises:
        UnusableInputError: When it is not.
    """
    return _text_in(file, "The state cannot be used: it must be a JSON object; an empty one is {}")


def catalog_in(file: IO[str]) -> str:
    """Return the text of a catalog.

    Raises:
        UnusableInputError: When it is none.
    """
    line = "The catalog cannot be used: it must be as --discover prints it"
    text = _text_in(file, line)
    try:
        Catalog.from_dict(load_json(text))
    except Exception:  # noqa: BLE001 - what is wrong with it shows in any of the SDK's steps
        raise UnusableInputError([line]) from None
    return text


def _text_in(file: IO[str], line: str) -> str:
    """Return the text of a file that holds a JSON object."""
    try:
        text = file.read().removeprefix(_MARK)
    except UnicodeDecodeError:
        text = ""
    if not _is_object(text):
        raise UnusableInputError([line])
    return text


def _is_object(text: str) -> bool:
    """Return whether a text is a JSON object, and none that is nested without end."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and _depth_of(value) <= _DEEPEST


def _depth_of(value: object) -> int:
    """Return how deep objects and lists are nested, without recursion."""
    depth, level = 0, [value]
    while level := [one for one in level if isinstance(one, (dict, list))]:
        depth += 1
        level = [
            inner for one in level for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return depth
