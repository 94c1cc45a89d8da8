"""What Meltano is told about the tap: its part of meltano.yml, and plugin.yml."""

from __future__ import annotations

import io
import sys
from typing import Any, Final

from ruamel.yaml import YAML

from tap_vcclive.tap import TapVCCLive
from tools.docs.settings import Setting, settings

_HEAD: Final = """\
# The tap for other Meltano projects, as Meltano Hub would describe it; written by `make docs`.
# With a clone of this repository in the folder tap-vcclive of the project:
#   meltano add tap-vcclive --from-ref tap-vcclive/plugin.yml
"""
# Of that clone, so that nothing is installed by a name that somebody else could register, and with
# the versions that the tap is tested with.
_PIP_URL: Final = (
    "./tap-vcclive --constraint tap-vcclive/constraints.txt"
    " --build-constraint tap-vcclive/constraints.txt"
)
# Numbers, lists and booleans have none. With one, Meltano ends with a traceback at a variable that
# is set to nothing, and takes what it does not know for false; without one it hands on the text,
# which the tap reads by itself. Objects need theirs: a part of one can be set by itself.
_KINDS: Final = {"date": "date_iso8601", "object": "object", "string": "string"}


def project(text: str) -> str:
    """Return meltano.yml with what the code says about the tap; all else stays as it is.

    Args:
        text: meltano.yml as it is.
    """
    document = _yaml().load(text)
    extractors = document["plugins"]["extractors"]
    (tap,) = [plugin for plugin in extractors if plugin["name"] == TapVCCLive.name]
    tap.update(_declared())
    return _written(document)


def definition() -> str:
    """Return plugin.yml."""
    described = {
        "name": TapVCCLive.name,
        "variant": "original",
        "namespace": TapVCCLive.name.replace("-", "_"),
        "label": "VCC Live",
        "description": "Call detail records of a call centre.",
        "pip_url": _PIP_URL,
        "executable": TapVCCLive.name,
    }
    return _HEAD + _written({**described, **_declared()})


def _declared() -> dict[str, Any]:
    """Return what is the same in every project."""
    all_settings = settings()
    required = [setting.name for setting in all_settings if setting.required]
    return {
        "capabilities": sorted(capability.value for capability in TapVCCLive.capabilities),
        "select": ["*.*", *(f"!{name}.*" for name in _left_out())],
        "settings_group_validation": [required],
        "settings": [_setting(setting) for setting in all_settings],
    }


def _left_out() -> list[str]:
    """Return the streams that are not selected by default, of which Meltano knows nothing."""
    tap = TapVCCLive(config={}, validate_config=False, setup_mapper=False)
    return [name for name, stream in tap.streams.items() if not stream.selected_by_default]


def _setting(setting: Setting) -> dict[str, Any]:
    """Return a setting in the order in which Meltano writes it."""
    # The version stands in one place only: the tap's own default holds it.
    value = None if setting.has_version else setting.default
    said = {
        "name": setting.name,
        "kind": _KINDS.get(setting.type),
        "value": value,
        "label": setting.label,
        "description": setting.description,
        "sensitive": setting.secret or None,
    }
    return {key: one for key, one in said.items() if one is not None}


def _yaml() -> YAML:
    """Return what reads and writes YAML in the form in which Meltano does."""
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = sys.maxsize
    return yaml


def _written(document: object) -> str:
    """Return a document as YAML."""
    stream = io.StringIO()
    _yaml().dump(document, stream)
    return stream.getvalue()
