"""The settings in the environment, and in the file `.env` of the working folder.

The SDK looks for `.env` in every folder above as well, and sets whatever stands there for the whole
process. Whoever may write to a folder above could name another server, a proxy or certificates and
be sent the key. So only settings of the tap are taken, from this one file, and nothing is set.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dotenv import dotenv_values

from tap_vcclive.settings.config import is_set
from tap_vcclive.settings.inputs import UnusableInputError
from tap_vcclive.values.names import named

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable, Mapping

_FILE: Final = ".env"
_LOG_LEVEL: Final = "LOGLEVEL"


def settings_in_environment(
    names: Iterable[str], prefix: str, logger: logging.Logger
) -> dict[str, str]:
    """Return the texts of the settings that have a variable; an empty one takes nothing away.

    The environment is stronger than the file.

    Args:
        names: Those of all settings.
        prefix: What the name of each variable begins with.
        logger: Is told which settings come from where; never a value.

    Raises:
        UnusableInputError: When others can write to the file, or it cannot be read.
    """
    variables = {f"{prefix}{name.upper()}": name for name in names}

    def texts_in(source: object, values: Mapping[str, str | None]) -> dict[str, str]:
        given = {name: values.get(key) or "" for key, name in variables.items()}
        texts = {name: text for name, text in given.items() if is_set(text)}
        logger.info("Settings in %s: %s", source, ", ".join(texts) or "none")
        # In a file of settings they would be refused; a misspelt one may be to hide something.
        if others := named(_others_in(values, variables, prefix)):
            logger.warning("Not settings of the tap, in %s: %s", source, others)
        return texts

    path = Path(_FILE).absolute()
    texts = texts_in(path, _variables_in(path)) if path.is_file() or path.is_fifo() else {}
    texts |= texts_in("the environment", os.environ)
    return texts


def _others_in(
    values: Mapping[str, str | None], known: Mapping[str, str], prefix: str
) -> list[str]:
    """Return the names behind the prefix that are of no setting, and not Meltano's or the SDK's."""
    mine = (name.removeprefix(prefix) for name in values if name.startswith(prefix))
    return [
        name.lower()
        for name in mine
        if f"{prefix}{name}" not in known and not name.startswith("_") and name != _LOG_LEVEL
    ]


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
