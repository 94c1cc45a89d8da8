"""The check of STATEs, on outputs doctored so that one of their STATEs is not true."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.interruptions.targets import Stored, Target
from tests.interruptions.truth import Known, Logged, untruths
from tests.runs import Runner, entries, log_config_for
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from collections.abc import Callable

Message = dict[str, Any]

OPTIONS = Options(first_day=date(2024, 3, 4), days=4, calls_per_day=60)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Message], Known]:
    """The output of a run over a list and the days after it, and what there is to speak of."""
    with serving(replace(OPTIONS, never_rate=0.05)) as sandbox:
        chances = sandbox.calls.chance
        known = Known(
            Logged(call.uuid, str(call.cdr()["start_ts"]))
            for call, chance in zip(sandbox.calls, chances, strict=True)
            if chance >= 0.05
        )
        calls = entries(sandbox)[:120]
        known.add_list(calls)
        config = log_config_for(
            sandbox, calls=calls, calls_from_log=True, start_date="2024-03-06", max_attempts=2
        )
        run = Runner(tmp_path_factory.mktemp("output"))(config)
    return run.messages, known


def found_in(messages: list[Message], known: Known) -> list[str]:
    """Return what the STATEs of an output say that is not so."""
    target = Target()
    target.begin(Stored({}, {}))
    for message in messages:
        target.take(json.dumps(message).encode() + b"\n")
    return [line for state in target.arrived for line in untruths(*state, known)]


def without(messages: list[Message], stream: str, number: int) -> list[Message]:
    """Return an output in which a record of a stream is not written."""
    records = [m for m in messages if m["type"] == "RECORD" and m["stream"] == stream]
    return [message for message in messages if message is not records[number]]


def kept_back(messages: list[Message], stream: str) -> list[Message]:
    """Return an output in which the last record before a STATE of a stream comes after it."""
    doctored = list(messages)
    position = next(
        number
        for number, (one, other) in enumerate(pairwise(messages))
        if one["type"] == "RECORD" and one["stream"] == stream and other["type"] == "STATE"
    )
    doctored.insert(position + 1, doctored.pop(position))
    return doctored


def changed(messages: list[Message], change: Callable[[dict[str, Any]], object]) -> list[Message]:
    """Return an output with a change in the bookmarks of its last STATE."""
    doctored: list[Message] = json.loads(json.dumps(messages))
    change([m["value"]["bookmarks"] for m in doctored if m["type"] == "STATE"][-1])
    return doctored


def test_an_output_is_true(output: tuple[list[Message], Known]) -> None:
    messages, known = output
    assert found_in(messages, known) == []
    bookmarks = messages[-1]["value"]["bookmarks"]
    assert bookmarks["cdr"]["pending"]
    assert bookmarks["cdr"]["log"]["hours"]


@pytest.mark.parametrize("stream", ["cdr", "cdr_log"])
@pytest.mark.parametrize("number", [0, 30, -1])
def test_a_record_that_is_not_written_is_noticed(
    output: tuple[list[Message], Known], stream: str, number: int
) -> None:
    messages, known = output
    assert found_in(without(messages, stream, number), known)


@pytest.mark.parametrize("stream", ["cdr", "cdr_log"])
def test_a_record_that_comes_after_its_state_is_noticed(
    output: tuple[list[Message], Known], stream: str
) -> None:
    messages, known = output
    assert found_in(kept_back(messages, stream), known)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda b: b["cdr"]["pending"].pop(), "of the 120 calls done are not"),
        (lambda b: b["cdr"]["position"].update(calls=121), "no list begins with the 121 calls"),
        (lambda b: b["cdr"]["position"].update(digest="0" * 64), "no list begins with"),
        (lambda b: b["cdr_log"].update(replication_key_value="2024-03-09"), "no record of"),
    ],
)
def test_a_state_that_says_too_much_is_noticed(
    output: tuple[list[Message], Known], change: Callable[[dict[str, Any]], object], line: str
) -> None:
    messages, known = output
    assert any(line in one for one in found_in(changed(messages, change), known))


def test_days_and_hours_of_the_log_are_noticed_each_by_itself() -> None:
    known = Known([Logged("a", "2024-03-04 10:00:00"), Logged("b", "2024-03-06 11:00:00")])
    read = {"first_day": "2024-03-04", "last_day": "2024-03-05"}
    written = {("cdr_log", "a"): "x", ("cdr", "a"): "x"}

    def found(**bookmarks: Message) -> list[str]:
        return untruths({"bookmarks": bookmarks}, written, known)

    assert found(cdr_log=read, cdr={"log": read}) == []
    assert len(found(cdr_log=read | {"last_day": "2024-03-06"})) == 1
    assert len(found(cdr_log={"first_day": "2024-03-06", "last_day": "2024-03-06"})) == 1
    earlier = {"first_day": "2024-03-06", "last_day": "2024-03-06"}
    assert len(found(cdr_log=read | {"earlier": [earlier]})) == 1
    for key in ("open_days", "given_up"):
        assert found(cdr_log=earlier | {key: [{"day": "2024-03-06"}]}) == []
    nothing = {"first_day": None, "last_day": None}
    assert found(cdr_log=nothing, cdr={"log": nothing}) == []
    assert len(found(cdr={"log": earlier})) == 1
    hours = [{"day": "2024-03-06", "hours": {"2024-03-06 11": "digest"}}]
    assert len(found(cdr={"log": read | {"hours": hours}})) == 1
    pending = [{"uuid": "b"}]
    assert found(cdr={"log": earlier | {"hours": hours}, "pending": pending}) == []
    assert found(cdr={"log": earlier | {"hours": hours}, "missing": ["b"]}) == []
