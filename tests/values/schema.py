"""The schema of a call for the tests of its values, and a validator that checks formats, too."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from tap_vcclive import schemas

SCHEMA: dict[str, Any] = json.loads(resources.files(schemas).joinpath("cdr.json").read_text())
PROPERTIES: dict[str, dict[str, Any]] = SCHEMA["properties"]
INTEGERS = [name for name, declared in PROPERTIES.items() if "integer" in declared["type"]]
SECONDS = [name for name in INTEGERS if "in seconds" in PROPERTIES[name]["description"]]
TWINS = [name for name, declared in PROPERTIES.items() if declared.get("format") == "date-time"]
TEXTS = [
    name for name in PROPERTIES if name not in {*INTEGERS, *TWINS, "uuid", "additional_fields"}
]
# Of the formats that a plain installation can check, date-time is not one.
_FORMATS = FormatChecker()


@_FORMATS.checks("date-time", raises=ValueError)
def is_the_one_form(value: object) -> bool:
    """Return whether a value is an instant in the one form of this project."""
    if not isinstance(value, str):
        return True
    instant = datetime.fromisoformat(value)
    return value == instant.astimezone(UTC).isoformat(timespec="seconds")


VALIDATOR = Draft202012Validator(SCHEMA, format_checker=_FORMATS)
