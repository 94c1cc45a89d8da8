"""Checks all settings at once: what the SDK checks (types, bounds), and what it does not.

A user sees all that is wrong in one go, each problem by the setting's name, and never after the
first request. No message repeats a value: what stands in the wrong place can be a key or a phone
number.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, date, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import requests

from tap_vcclive.call_list.files import SUFFIXES, suffix_of
from tap_vcclive.calls.call import BadCallError, call_from
from tap_vcclive.settings.config import normalize
from tap_vcclive.settings.typed import api_url_of, day_of
from tap_vcclive.singer.batch_settings import batch_problems
from tap_vcclive.singer.flattening import CHECKS
from tap_vcclive.singer.map_settings import form_problems
from tap_vcclive.singer.sdk import JSONSchemaValidator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema import ValidationError

_CUSTOMER: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_USER_AGENT: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
# Before VCC Live; a year mistyped as 0202 would ask for some 600,000 days.
_FIRST_DAY: Final = date(2000, 1, 1)
_ZONES: Final = (UTC, *(timezone(timedelta(hours=hours)) for hours in (-23, 23)))
_PLAIN_NAME: Final = re.compile("[A-Za-z]{1,15}(?:[_-][A-Za-z]{1,15}){0,3}")
_NO_URL: Final = re.compile(r"[^\x21-\x7e]|[\\\\<>\"{}|^`]")


def problems_of(config: dict[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Return all that is wrong with a config, a line each that begins with the setting's name.

    Fills in the defaults of settings that are not given or empty, as the SDK's own validation does.

    Args:
        config: The settings as given; normalized, and defaults are added to it.
        schema: The JSON schema of all settings, those that the SDK adds included.
    """
    normalize(config, schema)
    errors = list(JSONSchemaValidator(_usable(schema)).iter_errors(config))
    # Of a list of calls the entries can be wrong one by one; the others are checked all the same.
    wrong_type = {str(error.path[0]) for error in errors if len(error.path) == 1}
    problems = [line for error in errors for line in _described(error)]
    named = {_place_in(problem) for problem in problems}
    for name, check in (_CHECKS | CHECKS).items():
        if name not in wrong_type and config.get(name) is not None:
            found = [f"{name}{problem}" for problem in check(config)]
            problems += [problem for problem in found if _place_in(problem) not in named]
    return list(dict.fromkeys(problems))  # the validator names what is missing once for each


def _usable(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema without what it says inside of what is checked elsewhere, and more closely.

    With the SDK's schema of stream maps, `"__else__": "x"` ends in a traceback of the validator.
    """
    an_object = {"type": ["object", "null"]}
    elsewhere = {"stream_maps": an_object, "batch_config": an_object}
    return {**schema, "properties": {**schema["properties"], **elsewhere}}


def _name(step: object) -> str:
    """Return the name of a setting, or a number; what is no plain name can be a value."""
    is_plain = isinstance(step, int) or _PLAIN_NAME.fullmatch(str(step))
    return str(step) if is_plain else "(a name that is not shown)"


def _place_in(problem: str) -> str:
    return problem.partition(": ")[0]


def _described(error: ValidationError) -> Iterator[str]:
    """Yield what a schema error means, naming the setting but never repeating a value."""
    where = "".join(
        _name(step) if i == 0 else f"[{_name(step)}]" for i, step in enumerate(error.absolute_path)
    )
    wanted: Any = error.validator_value
    given: Any = error.instance
    match error.validator:
        case "required":
            yield from (f"{name}: must be set" for name in wanted if name not in given)
        case "additionalProperties":
            declared: Any = error.schema
            known = declared["properties"]
            yield from (f"{_name(name)}: no such setting" for name in given if name not in known)
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            yield f"{where}: must be of type {' or '.join(k for k in kinds if k != 'null')}"
        case "minimum":
            yield f"{where}: must be at least {wanted}"
        case "maximum":
            yield f"{where}: must be at most {wanted}"
        case "minLength":
            yield f"{where}: must not be empty"
        case "maxLength":
            yield f"{where}: must not be longer than {wanted} characters"
        case "anyOf" | "oneOf" if where.startswith("calls["):
            yield f"{where}: must be a uuid, or an object with uuid, year and month"
        case "anyOf" | "oneOf":
            yield f"{where}: is not of a form that this setting has"
        case _:
            yield f"{where}: does not hold to {error.validator} {wanted}"


def _customer_problems(config: Mapping[str, Any]) -> Iterator[str]:
    if not _CUSTOMER.fullmatch(config["customer"]):
        yield ": must be letters, digits and inner hyphens only, 63 at most"


def _api_key_problems(config: Mapping[str, Any]) -> Iterator[str]:
    try:
        config["api_key"].encode()
    except UnicodeEncodeError:
        # In the environment a byte that is no UTF-8 becomes half of a character.
        yield ": must be UTF-8 text"


def _user_agent_problems(config: Mapping[str, Any]) -> Iterator[str]:
    if not _USER_AGENT.fullmatch(config["user_agent"]):
        yield ": must be printable ASCII characters without surrounding spaces"


def _timezone_problems(config: Mapping[str, Any]) -> Iterator[str]:
    try:
        ZoneInfo(config["timezone"])
    except (KeyError, ValueError, OSError):
        yield ": is no time zone of the IANA database known on this machine"


def _api_url_problems(config: Mapping[str, Any]) -> Iterator[str]:
    address = api_url_of({"customer": "x", **config})  # that it is missing is told by its own name
    try:
        url = urlsplit(address)
        host, _port = url.hostname, url.port
    except ValueError:
        yield ": is no address"
        return
    if url.username is not None or url.password is not None:
        yield ": must not hold a user or a password"
    if re.search("[?#]", address):
        yield ": must not have a query or a fragment"
    if not host or not _can_be_asked(address, host):
        yield ": must be https://host/path"
    elif url.scheme == "http" and not _is_loopback(host):
        yield ": must be https; plain http would send the key in clear"
    elif url.scheme not in {"http", "https"}:
        yield ": must begin with https://"


def _can_be_asked(url: str, host: str) -> bool:
    """Return whether what sends the requests takes a URL as it is, and its host can have a name."""
    try:
        requests.Request("GET", url).prepare()
        host.encode("idna")
    except (requests.RequestException, ValueError):
        return False
    return not _NO_URL.search(url)


def _calls_problems(config: Mapping[str, Any]) -> Iterator[str]:
    for index, entry in enumerate(config["calls"]):
        if not isinstance(entry, (str, dict)):
            continue  # its type has been reported
        try:
            call_from(entry, UTC)  # which zone makes no difference to what is wrong
        except BadCallError as error:
            yield f"[{index}]: {error}"


def _calls_file_problems(config: Mapping[str, Any]) -> Iterator[str]:
    if suffix_of(config["calls_file"]) not in SUFFIXES:
        yield f": must end in {', '.join(SUFFIXES)}, or one of these with .gz"


def _start_date_problems(config: Mapping[str, Any]) -> Iterator[str]:
    day = _day_in(config, "start_date")
    if day is None:
        yield ": must be a date YYYY-MM-DD"
    elif day < _FIRST_DAY:
        yield f": must not lie before {_FIRST_DAY}"


def _end_date_problems(config: Mapping[str, Any]) -> Iterator[str]:
    day, start = _day_in(config, "end_date"), _day_in(config, "start_date")
    if day is None:
        yield ": must be a date YYYY-MM-DD"
    elif config.get("start_date") is None:
        yield ": needs start_date"
    elif start and day < start:
        yield ": must not lie before start_date"


def _calls_from_log_problems(config: Mapping[str, Any]) -> Iterator[str]:
    if config["calls_from_log"] and config.get("start_date") is None:
        yield ": needs start_date"


def _day_in(config: Mapping[str, Any], name: str) -> date | None:
    """Return the day that a setting names; None when it names none."""
    try:
        # Which zone makes a difference of a day, and none to what is wrong but at a day's edge; at
        # the last of all days some zones have none.
        day, *_ = [day_of(config[name], zone) for zone in _ZONES]
    except (KeyError, AttributeError, ValueError, OverflowError):
        return None
    return day


_CHECKS: Final = {
    "customer": _customer_problems,
    "api_key": _api_key_problems,
    "api_url": _api_url_problems,
    "user_agent": _user_agent_problems,
    "timezone": _timezone_problems,
    "calls": _calls_problems,
    "calls_file": _calls_file_problems,
    "start_date": _start_date_problems,
    "end_date": _end_date_problems,
    "calls_from_log": _calls_from_log_problems,
    "stream_maps": form_problems,
    "batch_config": batch_problems,
}


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
