"""The files that a run is given: config, catalog and state, each of use or refused with a line.

The SDK reads them as they are and ends with a traceback when one is cut short or of something else.
No line repeats what stands in them: that can be a key.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers._util import load_json
from singer_sdk.singerlib.catalog import Catalog

from tap_vcclive.config import is_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FROM_ENVIRONMENT: Final = "ENV"
"""In place of a file of settings: those of the environment."""

# Some editors begin a file with a byte order mark, which JSON does not know.
_ENCODING: Final = "utf-8-sig"
_MARK: Final = "\ufeff"


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
    for name in names:
        if name != FROM_ENVIRONMENT:
            try:
                config |= {k: value for k, value in _settings_in(name).items() if is_set(value)}
            except UnusableInputError as error:
                problems += error.errors
    if problems:
        raise UnusableInputError(problems)
    return config


def _settings_in(name: str) -> dict[str, Any]:
    """Return the settings in a file."""
    try:
        text = Path(name).read_text(encoding=_ENCODING)
    except UnicodeDecodeError:
        problem = f"The config {name} cannot be used: it is not UTF-8 text"
    except (OSError, ValueError) as error:  # a name with a NUL is no name
        reason = error.strerror if isinstance(error, OSError) else "there is no such file"
        problem = f"The config {name} cannot be read: {reason}"
    else:
        if _is_object(text):
            return load_json(text)
        problem = f"The config {name} cannot be used: it must be a JSON object"
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
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
