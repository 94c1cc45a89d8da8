"""The settings of the tap, as all documents need them."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tap_vcclive import __version__
from tap_vcclive.settings.declarations import SETTINGS
from tap_vcclive.tap import TapVCCLive

if TYPE_CHECKING:
    from collections.abc import Mapping

# The seed of hashes stands there, which the SDK does not know.
_SECRET: Final = {"stream_map_config"}


@dataclass(frozen=True)
class Setting:
    """A setting.

    Attributes:
        name: Its name.
        label: Its name for people.
        description: What it means.
        type: Its JSON type, or `date`.
        default: What holds without it; None when nothing does. The version in it is `<version>`,
            as that is written in one place only.
        required: Whether there is no run without it.
        secret: Whether its value must not be shown.
        of_the_sdk: Whether it is one that the SDK adds to every tap.
    """

    name: str
    label: str
    description: str
    type: str
    default: Any
    required: bool
    secret: bool
    of_the_sdk: bool

    @property
    def has_version(self) -> bool:
        """Whether the default changes with each version."""
        return "<version>" in str(self.default)


def settings() -> list[Setting]:
    """Return all settings, those of the SDK at the end."""
    schema = deepcopy(TapVCCLive.config_jsonschema)
    TapVCCLive.append_builtin_config(schema)
    own = SETTINGS.to_dict()
    found = [
        _setting(name, declared, required=name in own["required"], own=name in own["properties"])
        for name, declared in schema["properties"].items()
    ]
    return sorted(found, key=lambda setting: setting.of_the_sdk)


def as_text(value: object) -> str:
    """Return a default as people write it: nothing for none, booleans as in JSON."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _setting(name: str, declared: Mapping[str, Any], *, required: bool, own: bool) -> Setting:
    """Return a setting out of its JSON schema."""
    default = declared.get("default")
    if isinstance(default, str):
        default = default.replace(__version__, "<version>")
    return Setting(
        name=name,
        label=declared["title"],
        description=declared["description"],
        type="date" if declared.get("format") == "date" else type_of(declared),
        default=default,
        required=required,
        secret=bool(declared.get("secret")) or name in _SECRET,
        of_the_sdk=not own,
    )


def type_of(declared: Mapping[str, Any]) -> str:
    """Return the JSON type of a setting or a field, leaving out that it can be null."""
    types = declared["type"]
    return types if isinstance(types, str) else next(one for one in types if one != "null")
