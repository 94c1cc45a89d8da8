"""What any logger may say, the tap's own or a library's, at any level and with any configuration.

Libraries log URLs, headers, values of records and expressions, some at DEBUG, some as warnings.
Levels and handlers do not keep that in: `SINGER_SDK_LOG_CONFIG` can set them all anew. So each
record passes here before any handler sees it: the tap's own lines with what is secret hidden, those
of libraries that are known to be clean, and of all others no more than that there was one.

Who speaks is told by the file that a line comes from: the SDK uses the tap's loggers as well.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.hiding import MARK, hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

_OURS: Final = str(Path(__file__).parent)
_TAP: Final = "tap-vcclive"

# What libraries say that holds names of streams, properties and settings, hosts and counts only.
CLEAN: Final = frozenset(
    {
        "An unhandled error occurred while syncing '%s'",
        "Beginning sync of '%s' in %s mode",
        "Logging config file not found: %s",
        "METRIC: %s",
        "Parsing '%s' config from env variable '%s'.",
        "Parsing env var for settings config...",
        "Properties %s were present in the '%s' stream but not found in catalog schema. Ignoring.",
        "Set null transform as default for '%s'",
        "Skipping deselected stream '%s'.",
        "Skipping parse of env var settings...",
        "Tap has custom mapper. Using %d provided map(s).",
        "Resetting dropped connection: %s",
        "Starting new HTTP connection (%d): %s:%s",
        "Starting new HTTPS connection (%d): %s:%s",
    }
)
_VERSION: Final = re.compile(r"tap-vcclive v[\w.+!-]+, Meltano SDK v[\w.+!-]+")
_NAME: Final = re.compile(r"[A-Za-z_][\w.-]{0,79}", re.ASCII)
# `file:line: category: text`, and the line of code.
_WARNING: Final = re.compile(r"(.*?):([0-9]+): ([A-Za-z]\w*): .*", re.DOTALL)
_MOST_FRAMES: Final = 8
# A shorter one is no key, and is a part of ordinary words.
_SHORTEST_SECRET: Final = 8
_MOST_SECRETS: Final = 20
# What formatters need; all else was added by whoever logs, and a structured log shows it.
_ATTRIBUTES: Final = frozenset(
    {*vars(logging.makeLogRecord({})), "taskName", "app_name", "stream_name"}
)

_secrets: dict[str, None] = {}


def install() -> None:
    """Let each record of the process pass here, and errors that nobody handles.

    `Logger.handle` is the one step that all loggers share, those made later included, and that no
    configuration replaces.
    """
    handle = logging.Logger.handle

    def guarded(logger: logging.Logger, record: logging.LogRecord) -> None:
        if make_clean(record):
            handle(logger, record)

    logging.Logger.handle = guarded  # type: ignore[method-assign, assignment] # see above
    catch_unhandled()
    threading.excepthook = lambda args: _tell(args.exc_value)
    sys.unraisablehook = lambda args: _tell(args.exc_value)


def catch_unhandled() -> None:
    """Tell of an error that nobody handles in a line; Python and the SDK would show its text."""
    sys.excepthook = _unhandled


def keep_secret(config: Mapping[str, Any]) -> None:
    """Hide the secrets of a run's settings from now on: the key, and the seed of hashes.

    Those of a few runs at a time, as each takes its time with each line.
    """
    for value in (*_texts_in(config.get("stream_map_config")), config.get("api_key")):
        if isinstance(value, str) and len(value) >= _SHORTEST_SECRET:
            _secrets.pop(value, None)
            _secrets[value] = None
    for value in [*_secrets][:-_MOST_SECRETS]:
        del _secrets[value]


def _texts_in(value: object) -> Iterator[str]:
    """Yield the texts in a setting, and its numbers as texts, however deep they stand."""
    todo = deque([value])
    while todo:
        match todo.popleft():
            case dict() as inner:
                todo += inner.values()
            case list() as inner:
                todo += inner
            case str() | int() as one:
                yield str(one)


def make_clean(record: logging.LogRecord) -> bool:
    """Leave in a record what may be said; return whether that is anything at all."""
    text = _text_of(record)
    if text is None:
        return False
    text = hidden(text, [*_secrets])
    # Of a metric, formatters want the argument itself.
    if _message_of(record) != text:
        record.msg, record.args = text, ()
    record.exc_info = record.exc_text = record.stack_info = None
    if not _NAME.fullmatch(record.name):
        record.name = MARK
    for name in vars(record).keys() - _ATTRIBUTES:
        delattr(record, name)
    return True


def _text_of(record: logging.LogRecord) -> str | None:
    """Return what a record may say, before secrets are hidden; None when nothing."""
    error = record.exc_info[1] if record.exc_info else None
    message = _message_of(record)
    if record.pathname.startswith(_OURS) and message is not None:
        return f"{message}: {described(error)}" if error else message
    if message is not None and not error:
        if str(record.msg) in CLEAN or _VERSION.fullmatch(message):
            return message
        if record.name == "py.warnings" and (match := _WARNING.fullmatch(message)):
            return f"{match[3]} at {Path(match[1]).name}:{match[2]}; its text is not shown"
    if record.levelno < logging.WARNING:
        return None
    line = f"(not shown, as it can hold anything: {record.filename}:{record.lineno})"
    return f"{line} {described(error)}" if error else line


def _message_of(record: logging.LogRecord) -> str | None:
    """Return the message of a record; None when it has none that can be put together."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - whatever the arguments of a library's line do
        return None


def described(error: BaseException) -> str:
    """Return of which kind an error is and where it was raised, never its text.

    The text can be anything, a value of a record as well, and so can that of what led to it.
    """
    frames = reversed(traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:])
    raised = " from ".join(f"{Path(one.filename).stem}.{one.name}:{one.lineno}" for one in frames)
    return f"{type(error).__name__} in {raised}" if raised else type(error).__name__


def _unhandled(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _tell(error)


def _tell(error: BaseException | None) -> None:
    if error is not None and not isinstance(error, SystemExit):
        line = "A mistake of the tap's own; please report this line: %s"
        logging.getLogger(_TAP).error(line, described(error))
