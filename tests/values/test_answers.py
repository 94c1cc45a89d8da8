"""Whatever a server sends as a CDR becomes a record that every target reads, and all of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from itertools import cycle
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from singer_sdk.singerlib import RecordMessage

from tap_vcclive.api.answers import response_in
from tap_vcclive.calls.uuids import instant_of
from tap_vcclive.tap import TapVCCLive
from tap_vcclive.values.record import Values
from tests.soak import FACTOR
from tests.values.answers import Cdr, body_of, cdrs, meaning_of, nastiest, sent_object, sent_text
from tests.values.clocks import uuid_at
from tests.values.kept import missing
from tests.values.schema import PROPERTIES, SCHEMA, VALIDATOR

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
BUDAPEST = ZoneInfo("Europe/Budapest")
UUIDS = [
    "95bd5f46-44e0-11e5-a6da-6547f8762750",
    "bbf5825e-85de-4ec1-8625-e6eaf5c96b1e",
    # In the hour that comes twice, the first time and the second.
    uuid_at(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    uuid_at(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
]


def line_of(body: bytes, uuid: str, values: Values | None = None) -> bytes:
    """Return the line that the tap writes for the call of an answer."""
    values = values or Values(SCHEMA, BUDAPEST)
    record = values.record(response_in(body, "/cdr"), lambda: instant_of(uuid))
    record["uuid"] = uuid
    message = RecordMessage(stream="cdr", record=record, time_extracted=datetime.now(UTC))
    return bytes(TapVCCLive.message_writer_class().format_message(message))


def scalars_in(value: object) -> list[object]:
    """Return all text and numbers in a JSON value, names included."""
    if isinstance(value, dict):
        return [*value, *(found for item in value.values() for found in scalars_in(item))]
    if isinstance(value, list):
        return [found for item in value for found in scalars_in(item)]
    return [value]


def read_by_all(line: bytes) -> dict[str, Any]:
    """Return the record on a line, which every reader has to read alike."""
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    exact = json.loads(line, parse_float=Decimal)
    assert exact == _DECODER.decode(line)
    json.loads(line)
    msgspec.json.decode(line)
    record: dict[str, Any] = exact["record"]
    for value in scalars_in(record):
        if isinstance(value, str):
            assert "\0" not in value
            value.encode()
        if type(value) is int:
            assert -(2**63) <= value < 2**63
    return record


def check(cdr: Cdr, uuid: str, style: str = "plain") -> None:
    """Send a CDR all the way to a line, and look at what has become of it."""
    sent = sent_object({"uuid": sent_text(uuid), **cdr}, style)
    record = read_by_all(line_of(body_of(sent), uuid))
    assert list(record) == list(PROPERTIES)
    VALIDATOR.validate(record)
    assert record["uuid"] == uuid
    assert not missing(meaning_of(cdr), record, BUDAPEST, instant_of(uuid))


@given(cdrs, st.sampled_from(UUIDS), st.sampled_from(["plain", "ascii", "php"]))
@settings(max_examples=150 * FACTOR, deadline=None)
def test_whatever_is_sent_arrives_and_all_of_it(cdr: Cdr, uuid: str, style: str) -> None:
    check(cdr, uuid, style)


def test_the_nastiest_arrives_and_all_of_it() -> None:
    for cdr, uuid in zip(nastiest(), cycle(UUIDS), strict=False):
        check(cdr, uuid)
