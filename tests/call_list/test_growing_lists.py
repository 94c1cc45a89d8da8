"""Lists that are still being written, that just end, and whose bad rows are mended: run by run."""

from __future__ import annotations

import itertools
import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive import clock
from tap_vcclive.call_list.call_list import CallList
from tap_vcclive.call_list.position import MOST_GAPS
from tap_vcclive.cdr.messages import CALLS
from tap_vcclive.cdr.progress import Progress
from tap_vcclive.cdr.queue import CallQueue
from tap_vcclive.fetching.lookahead import Later
from tap_vcclive.fetching.report import Report
from tests.call_list.lists import BUDAPEST, PHONE, V1, V4, put, uuid_4

LOGGER = logging.getLogger("test")


class Runs:
    """Runs that load whatever they ask for, one after the other, with their state.

    Attributes:
        state: What the last one has left.
        asked: The resources of all requests, in order.
    """

    def __init__(self) -> None:
        """Begin without a state."""
        self.state: dict[str, Any] = {}
        self.asked: list[str] = []

    def run(
        self, content: str | bytes, name: str = "calls.csv", most: int | None = None
    ) -> list[str]:
        """Run once, stopped after so many calls; return what is wrong with the list."""
        calls = CallList([], put(content, name), BUDAPEST)
        progress = Progress(retry_after=timedelta(), max_attempts=20)
        asks = CallQueue(calls, None, progress, LOGGER)
        asks.begin(self.state)
        for ask in itertools.islice(asks.first(Report(LOGGER, CALLS, None)), most):
            assert not isinstance(ask, Later)
            if ask.call is not None:
                self.asked.append(ask.call.resource.removeprefix("/cdr/"))
                progress.loaded(ask.call)
            if ask.done is not None:
                ask.done()
        state: dict[str, Any] = {}
        progress.save(state)
        self.state = json.loads(json.dumps(state))
        return list(calls.problems())


# As they are read whole: each call once, though months differ from what the uuids say.
WHOLE = {
    "plain.csv": f"uuid,year,month\n{V1},2015,8\n{V4},2026,11\n{V1},2016,12\n{uuid_4(1)},2026,1\n",
    "spread.csv": f"month;uuid;note;year\n11;{V4};x;2026\n"
    f'12;{V1};"; ő";2016\n1;{uuid_4(1)};;2026\n',
    "quoted.csv": f'uuid,"a\n,b",month,year\n"{V4}","x\n,""y""","11","2026"\n'
    f'{V1},"\n","12","2016"\n',
    "pandas.csv": f"uuid,year,month\n{V4},2026.0,11.0\n{V1},nan,nan\n{uuid_4(1)},2026.0,10.0\n",
    "bare.csv": f"note,uuid\n,{V1}\nx,{V1.upper()}\n",
    "calls.txt": f'{V1}\n"{V1}"\n{{{V1}}}\nurn:uuid:{V1}\n\n{V1.replace("-", "")}\n',
    "calls.jsonl": f'{{"uuid": "{V4}", "month": 11, "year": 2026}}\n\n'
    f'{{"a": 1}}\n{{"uuid": "{V1}"}}\n',
}
ENDS = {"\n": "cp1250", "\r\n": "utf-16", "\r": "utf-8-sig"}


def asked_for(content: str | bytes, name: str) -> list[str]:
    """Return what one run asks for, of a list that is complete."""
    runs = Runs()
    assert runs.run(content, name) == []
    return runs.asked


@pytest.mark.parametrize("end", ENDS, ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("name", WHOLE)
def test_a_list_cut_at_any_byte_and_then_whole_loads_each_call_once(name: str, end: str) -> None:
    data = WHOLE[name].replace("\n", end).encode(ENDS[end])
    whole = asked_for(data, name)
    for cut in range(len(data)):
        runs = Runs()
        for content in (data[:cut], data):
            assert runs.run(content, name) == []
        assert runs.asked == whole
        assert runs.state["last_line"] is None
    assert runs.run(data, name) == []
    assert runs.asked == whole


@given(st.sampled_from(sorted(WHOLE)), st.sampled_from(sorted(ENDS)), st.data())
@settings(max_examples=60, deadline=None)
def test_a_list_that_grows_from_run_to_run_loads_each_call_once(
    name: str, end: str, data: st.DataObject
) -> None:
    content = WHOLE[name].replace("\n", end).encode()
    cuts = data.draw(st.lists(st.integers(0, len(content)), max_size=6, unique=True).map(sorted))
    runs = Runs()
    for cut in [*cuts, len(content)]:
        assert runs.run(content[:cut], name) == []
    assert runs.asked == asked_for(content, name)


@pytest.mark.parametrize(
    ("name", "text", "last"),
    [
        ("calls.txt", V1, f"2015/08/{V1}"),
        ("calls.txt", f"{{{V1}}}", f"2015/08/{V1}"),
        ("calls.txt", f'"{V1}"', f"2015/08/{V1}"),
        ("calls.jsonl", f'{{"uuid": "{V4}", "year": 2026, "month": 1}}', f"2026/01/{V4}"),
        ("calls.csv", f"uuid,year,month\n{V4},2026,11", f"2026/11/{V4}"),
        ("calls.csv", f"uuid,year,month\n{V4},2026,01", f"2026/01/{V4}"),
        ("calls.csv", f"uuid,year,month\n{V4},2026,7", f"2026/07/{V4}"),
        ("calls.csv", f'uuid,year,month\n{V4},"2026","1"', f"2026/01/{V4}"),
        ("calls.csv", f"uuid,year,month\n{V1},2015,8", f"2015/08/{V1}"),
        ("calls.csv", f"uuid,year,month\n{V1},,", f"2015/08/{V1}"),
        ("calls.csv", f"uuid,year,month,note\n{V4},2026,1,x", f"2026/01/{V4}"),
        ("calls.csv", f"month,year,uuid\n1,2026,{V4}", f"2026/01/{V4}"),
        ("calls.csv", f"month,uuid,year\n1,{V4},2026", f"2026/01/{V4}"),
        ("calls.csv", f"uuid\n{V1}", f"2015/08/{V1}"),
    ],
)
def test_a_list_that_just_ends_is_taken_to_its_end(name: str, text: str, last: str) -> None:
    runs = Runs()
    for content in (text, text, text + "\n"):
        assert runs.run(content, name) == []
        assert runs.asked == [last]
        assert runs.state["last_line"] is None


@pytest.mark.parametrize(
    ("row", "month"), [(f"{V4},2026,1", f"2026/01/{V4}"), (f"{V1},2016", ""), (V1, f"2015/08/{V1}")]
)
def test_what_may_be_a_piece_is_taken_as_it_stands_once_it_has_not_grown(
    row: str, month: str
) -> None:
    text = f"uuid,year,month\n{uuid_4(1)},2026,1\n{row}"
    first = f"2026/01/{uuid_4(1)}"
    runs = Runs()
    runs.run(text)
    assert runs.asked == [first]
    expected = [first, month] if month else [first]
    # And once only: as it stands, again, with its line end, and with a call behind it.
    for content in (text, text, *([text + "\n", f"{text}\n{V4},2026,02\n"] if month else [])):
        runs.run(content)
        assert runs.asked[:2] == expected
    assert runs.asked[2:] == ([f"2026/02/{V4}"] if month else [])


def test_what_was_taken_as_it_stood_and_grows_after_all_is_fetched_under_the_right_month() -> None:
    text = f"uuid,year,month\n{V1},,\n{V4},2026,1"
    runs = Runs()
    for content in (text, text, text + "1\n", text + f"1\n{V1},2016,03\n"):
        assert runs.run(content) == []
    assert runs.asked == [
        f"2015/08/{V1}", f"2026/01/{V4}", f"2026/11/{V4}", f"2016/03/{V1}",
    ]  # fmt: skip


def test_a_piece_that_becomes_no_call_is_a_bad_row_after_a_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = clock.now()
    runs = Runs()
    for hours, problems in (
        (0, []),
        (1, []),
        (23, []),
        (24, ["calls_file: a.jsonl line 2: no JSON object"]),
    ):
        monkeypatch.setattr(clock, "now", lambda hours=hours: now + timedelta(hours=hours))
        assert runs.run(f'{{"uuid": "{V1}"}}\n{{"uuid": "{V4}', "a.jsonl") == problems
    assert runs.asked == [f"2015/08/{V1}"]


def row(number: int) -> str:
    """Return a row of a list."""
    return f"{uuid_4(number)},2026,11\n"


def table(*rows: str) -> str:
    """Return a list with these rows."""
    return "uuid,year,month\n" + "".join(rows)


def uuids(runs: Runs) -> list[str]:
    """Return the uuids asked for, in order."""
    return [resource.rpartition("/")[2] for resource in runs.asked]


BAD = f"{PHONE},2026,11\n"


def test_the_first_bad_rows_are_named_and_all_others_asked_for() -> None:
    runs = Runs()
    problems = runs.run(table(*(BAD if i % 2 else row(i) for i in range(802))))
    assert problems[0] == "calls_file: calls.csv line 3: malformed uuid"
    assert len(problems) == 21
    assert problems[20] == "and 381 more rows of the list"
    assert uuids(runs) == [uuid_4(i) for i in range(0, 802, 2)]


def test_bad_rows_can_be_mended_taken_out_and_left_and_only_what_is_new_is_asked_for() -> None:
    runs = Runs()
    assert len(runs.run(table(row(0), BAD, row(2), BAD, BAD, row(5), row(6), BAD))) == 4
    assert uuids(runs) == [uuid_4(i) for i in (0, 2, 5, 6)]
    # The first is mended, one of the next two taken out, the last stays; two calls are new.
    mended = [row(0), row(1), row(2), BAD, row(5), row(6), BAD, row(8), row(9)]
    assert len(runs.run(table(*mended))) == 2
    assert uuids(runs)[4:] == [uuid_4(i) for i in (1, 8, 9)]
    mended[3], mended[6] = row(3), row(7)
    assert runs.run(table(*mended)) == []
    assert uuids(runs)[7:] == [uuid_4(i) for i in (3, 7)]
    assert runs.run(table(*mended)) == []
    assert len(runs.asked) == 9


@given(
    st.lists(st.booleans(), min_size=1, max_size=12),
    st.lists(st.sampled_from(["mend", "take out", "leave"]), min_size=12, max_size=12),
    st.integers(0, 12),
    st.integers(0, 12),
)
@settings(max_examples=80, deadline=None)
def test_whatever_becomes_of_bad_rows_each_call_is_asked_for_once(
    good: list[bool], fates: list[str], first_stop: int, second_stop: int
) -> None:
    """The runs can be stopped anywhere; what was asked for before a stop may come again."""
    before = table(*(row(i) if is_good else BAD for i, is_good in enumerate(good)))
    after = [
        row(i) if is_good or fate == "mend" else BAD
        for i, (is_good, fate) in enumerate(zip(good, fates, strict=False))
        if is_good or fate != "take out"
    ]
    runs = Runs()
    runs.run(before, most=first_stop)
    runs.run(table(*after), most=second_stop)
    runs.run(table(*after))
    assert set(uuids(runs)) == {uuid_4(i) for i in range(12) if row(i) in after} | {
        uuid_4(i) for i, is_good in enumerate(good) if is_good
    }
    if first_stop >= len(good) and second_stop > len(good):
        assert len(runs.asked) == len(set(runs.asked))
    count = len(runs.asked)
    runs.run(table(*after))
    assert len(runs.asked) == count


def test_of_very_many_bad_rows_the_state_keeps_some_and_nothing_is_left_out() -> None:
    rows = [text for i in range(MOST_GAPS + 10) for text in (BAD, row(i))]
    runs = Runs()
    runs.run(table(*rows))
    assert len(runs.state["bad_rows"]) == MOST_GAPS
    rows[0] = row(5000)
    runs.run(table(*rows))
    assert uuids(runs)[MOST_GAPS + 10 :] == [uuid_4(5000)]
    # One that is not kept: the list is another one, and is read from its beginning.
    rows[-2] = row(6000)
    runs.run(table(*rows))
    assert len(runs.asked) == 2 * (MOST_GAPS + 10) + 3
    assert uuid_4(6000) in uuids(runs)
