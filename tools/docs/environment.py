"""`.env.example`: every setting of the tap, and those of the loaders that a first run needs."""

from __future__ import annotations

import textwrap
from typing import Any, Final

from ruamel.yaml import YAML

from tools.docs.settings import Setting, as_text, settings

_WIDTH: Final = 100
_HEAD: Final = """\
# Copy this file to .env, which is not part of the repository, make it your own with
# `chmod 600 .env`, and take away the # before what you set. What follows a name here is its
# default; with nothing behind it, it is not set. Lists are JSON, or have commas between their
# values; objects are JSON, and {} is an empty one.
"""
# What of each loader stands here; the rest, and other loaders, are in meltano.yml.
_LOADERS: Final = {
    "target-postgres": (
        ": one address, or its parts",
        ("sqlalchemy_url", "host", "port", "user", "password", "database", "default_target_schema"),
    ),
    "target-jsonl": ("", ("destination_path",)),
}


def example(project: str) -> str:
    """Return `.env.example`.

    Args:
        project: meltano.yml, which says what the settings of the loaders mean.
    """
    own = [_of_tap(setting) for setting in settings() if not setting.of_the_sdk]
    added = [_of_tap(setting) for setting in settings() if setting.of_the_sdk]
    blocks = [_HEAD, "### The tap\n", *own, "### The tap: what the Singer SDK adds\n", *added]
    loaders = YAML(typ="safe").load(project)["plugins"]["loaders"]
    for loader in loaders:
        if loader["name"] not in _LOADERS:
            continue
        remark, names = _LOADERS[loader["name"]]
        declared = {setting["name"]: setting for setting in loader["settings"]}
        blocks.append(f"### The loader {loader['name']}{remark}\n")
        blocks += [_of_loader(loader["name"], declared[name]) for name in names]
    return "\n".join(blocks)


def _of_tap(setting: Setting) -> str:
    """Return the lines of a setting of the tap."""
    value = "" if setting.has_version else as_text(setting.default)
    # Of an object Meltano does not take nothing at all.
    if not value and setting.type == "object":
        value = "{}"
    return _lines("tap-vcclive", setting.name, value, setting.description)


def _of_loader(loader: str, declared: dict[str, Any]) -> str:
    """Return the lines of a setting of a loader."""
    return _lines(loader, declared["name"], as_text(declared.get("value")), declared["description"])


def _lines(plugin: str, name: str, value: str, description: str) -> str:
    """Return a variable without effect, below what it means."""
    said = textwrap.fill(
        description,
        _WIDTH,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"{said}\n#{plugin.replace('-', '_').upper()}_{name.upper()}={value}\n"
