"""What `batch_config` may say: in which form records go into files, and where to.

The SDK takes what it does not know for something it can do, and finds out once calls have been
fetched.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any, Final

from fsspec import get_filesystem_class
from fsspec.core import split_protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KNOWN: Final = {
    "": {"encoding", "storage", "batch_size"},
    "encoding": {"format", "compression"},
    "storage": {"root", "prefix", "params"},
}


def batch_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the batches that are asked for, behind the name of the setting.

    Args:
        config: The settings, with `batch_config` as an object; an empty one asks for no batches.
    """
    batches: dict[str, Any] = config["batch_config"]
    if not batches:
        return
    for part, known in _KNOWN.items():
        given = batches if not part else batches.get(part)
        if not isinstance(given, dict):
            if given is not None:
                yield f"[{part}]: must be of type object"
            continue
        for name in sorted(given.keys() - known):
            yield f"{f'[{part}]' if part else ''}[{name}]: no such setting"
    yield from _encoding_problems(_part(batches, "encoding"), config)
    yield from _storage_problems(_part(batches, "storage"))
    size = batches.get("batch_size")
    if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 1):
        yield "[batch_size]: must be an integer of at least 1"


def _encoding_problems(encoding: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    match encoding.get("format"):
        case "jsonl":
            # Whatever is said: it packs the files, and the message would say that it did not.
            if encoding.get("compression") not in {None, "gzip"}:
                yield "[encoding][compression]: must be gzip, as the SDK writes no other"
        case "parquet":
            if importlib.util.find_spec("pyarrow") is None:
                yield "[encoding][format]: needs the package pyarrow, which is not installed"
            elif not (config.get("flattening_enabled") and config.get("flattening_max_depth")):
                # It has no form for objects of which each has other fields, or none.
                yield "[encoding][format]: needs flattening_enabled and flattening_max_depth"
        case None:
            yield "[encoding][format]: must be set"
        case _:
            yield "[encoding][format]: must be jsonl or parquet"


def _storage_problems(storage: Mapping[str, Any]) -> Iterator[str]:
    for name in ("root", "prefix"):
        if not isinstance(storage.get(name), str | None):
            yield f"[storage][{name}]: must be of type string"
    if not isinstance(storage.get("params"), dict | None):
        yield "[storage][params]: must be of type object"
    root = storage.get("root")
    if not root:
        yield "[storage][root]: must be set"
    elif isinstance(root, str):
        try:
            get_filesystem_class(split_protocol(root)[0])
        except (ImportError, ValueError):
            yield "[storage][root]: is of a kind that no package installed here writes to"


def _part(batches: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a part of the setting; of a wrong type has been told before."""
    part = batches.get(name)
    return part if isinstance(part, dict) else {}
