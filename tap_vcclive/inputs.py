"""The files that a run is given: config, catalog and state, each of use or refused with a line.

The SDK reads them as they are and ends with a traceback when one is cut short or of something else.
No line repeats what stands in them: that can be a key.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers._util import load_json
from singer_sdk.singerlib.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FROM_ENVIRONMENT: Final = "ENV"
"""In place of a file of settings: those of the environment."""


class UnusableInputError(ConfigValidationError):
    """What the run was given cannot be used; `errors` has a line for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep the lines."""
        super().__init__("Unusable input", errors=[*problems])


def check_config_files(names: Iterable[str]) -> None:
    """Check that each file of settings can be read and holds a JSON object.

    Raises:
        UnusableInputError: When one does not.
    """
    problems = [problem for name in names if (problem := _problem_of(name))]
    if problems:
        raise UnusableInputError(problems)


def _problem_of(name: str) -> str | None:
    """Return what is wrong with a file of settings, if anything is."""
    if name == FROM_ENVIRONMENT:
        return None
    try:
        text = Path(name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return f"The config {name} cannot be used: it is not UTF-8 text"
    except OSError as error:
        return f"The config {name} cannot be read: {error.strerror}"
    if not _is_object(text):
        return f"The config {name} cannot be used: it must be a JSON object"
    return None


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
        text = file.read()
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
