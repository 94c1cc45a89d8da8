"""The settings in the environment, and in the file `.env` of the working folder.

The SDK looks for `.env` in every folder above as well, and sets whatever stands there for the whole
process. Whoever may write to a folder above could name another server, a proxy or certificates and
be sent the key. So only settings of the tap are taken, from this one file, and nothing is set.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dotenv import dotenv_values
from singer_sdk.helpers import _typing as kinds

from tap_vcclive.inputs import UnusableInputError

if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping

_FILE: Final = ".env"
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


def settings_in_environment(
    declared: Mapping[str, dict[str, Any]], prefix: str, logger: logging.Logger
) -> dict[str, Any]:
    """Return the settings that have a variable; an empty one is as if it were not there.

    The environment is stronger than the file. What stands for a value that is not of its setting's
    type is of no type at all, for the check of all settings to name it.

    Args:
        declared: The schema of each setting.
        prefix: What the name of each variable begins with.
        logger: Is told which settings come from where; never a value.

    Raises:
        UnusableInputError: When others can write to the file, or it cannot be read.
    """
    variables = {f"{prefix}{name.upper()}": name for name in declared}

    def texts_in(source: object, values: Mapping[str, str | None]) -> dict[str, str]:
        texts = {name: text for key, name in variables.items() if (text := values.get(key))}
        logger.info("Settings in %s: %s", source, ", ".join(texts) or "none")
        return texts

    path = Path(_FILE).absolute()
    texts = texts_in(path, _variables_in(path)) if path.is_file() or path.is_fifo() else {}
    texts |= texts_in("the environment", os.environ)
    return {name: _value(text, declared[name]) for name, text in texts.items()}


def _variables_in(path: Path) -> dict[str, str | None]:
    """Return the variables of a file that nobody but its reader and root can have written."""
    try:
        _check(path, path.lstat())  # before it is opened: a pipe waits for its writer
        with path.open(encoding="utf-8-sig") as file:
            _check(path, os.fstat(file.fileno()))
            return dotenv_values(stream=file)
    except UnicodeDecodeError:
        raise UnusableInputError([f"{path} cannot be used: it is not UTF-8 text"]) from None
    except OSError as error:
        raise UnusableInputError([f"{path} cannot be read: {error.strerror}"]) from None


def _check(path: Path, found: os.stat_result) -> None:
    """Refuse what another user has written, or could have."""
    if found.st_uid not in {0, os.geteuid()}:
        problem = "it belongs to another user, who could have the key sent elsewhere"
    elif found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not stat.S_ISLNK(found.st_mode):
        problem = "others can write to it; `chmod go-w` takes that from them"
    else:
        return
    raise UnusableInputError([f"{path} is not used: {problem}"])


def _value(text: str, declared: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value that a variable's text stands for, or an object that is of no type."""
    try:
        if kinds.is_integer_type(declared):
            return int(text)
        if kinds.is_boolean_type(declared):
            return _BOOLEANS[text.lower()]
        if kinds.is_array_type(declared) or kinds.is_object_type(declared):
            return json.loads(text)
    except (KeyError, ValueError, RecursionError):
        # The SDK takes texts with commas between them, too.
        return text.split(",") if kinds.is_string_array_type(declared) else object()
    return text
