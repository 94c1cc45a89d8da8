"""The list of calls: its order, its digest, and all that is wrong with it in one go."""

from __future__ import annotations

import random
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import fsspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.call_list.call_list import CallList, CallListError
from tap_vcclive.call_list.position import Beginning, Position
from tap_vcclive.calls.call import Call

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BUDAPEST = ZoneInfo("Europe/Budapest")
VERSION_1 = "95bd5f46-44e0-11e5-a6da-6547f8762750"
VERSION_4 = "bbf5825e-85de-4ec1-8625-e6eaf5c96b1e"
PHONE = "36301234567"


def call(number: int) -> Call:
    """Return an invented call."""
    return Call(f"{number:08x}-85de-4ec1-8625-e6eaf5c96b1e", "2015", f"{number % 12 + 1:02d}")


def entry(number: int) -> dict[str, Any]:
    """Return the entry of an invented call."""
    return call(number)._asdict()


def file_of(path: Path, entries: Sequence[dict[str, Any]]) -> str:
    """Write a list and return where it is."""
    rows = [f"{e['uuid']},{e['year']},{e['month']}\n" for e in entries]
    path.write_text("uuid,year,month\n" + "".join(rows))
    return str(path)


def calls_in(calls: Sequence[Any], file: str | None = None, first: int = 0) -> list[Call]:
    """Return the calls of a list."""
    return [listed.call for listed in CallList(calls, file, BUDAPEST).after(first)]


def beginning(entries: Sequence[Any]) -> Beginning:
    """Return what a state says when the calls of these entries are done."""
    done = Position()
    for call in calls_in(entries):
        done.add(call)
    return Beginning(done.calls, done.hexdigest())


def digest_of(calls: Sequence[Any], first: int | None = None, file: str | None = None) -> str:
    """Return the digest of the first calls of a list, of all without a number."""
    digest = Position()
    for one in calls_in(calls, file)[:first]:
        digest.add(one)
    return digest.hexdigest()


def problems_in(calls: Sequence[Any], file: str | None = None) -> list[str]:
    """Return what is wrong with a list, checked to leave its other calls alone."""
    tested = CallList(calls, file, BUDAPEST)
    assert tested.survey(Beginning()).total == len(list(tested.after(0)))
    problems = list(tested.problems())
    assert PHONE not in str(problems + tested.unfinished)
    assert bool(problems) == bool(tested.unfinished)
    return problems


def test_the_setting_comes_before_the_file(tmp_path: Path) -> None:
    file = file_of(tmp_path / "calls.csv", [entry(i) for i in (1, 0)])
    assert calls_in([entry(3), entry(2)], file) == [call(i) for i in (3, 2, 1, 0)]
    assert CallList([entry(3), entry(2)], file, BUDAPEST).survey(Beginning()).total == 4


def test_a_list_may_be_empty() -> None:
    survey = CallList([], None, BUDAPEST).survey(Beginning())
    assert survey.total == 0
    assert survey.done is not None
    assert survey.done.calls == 0
    assert survey.done.hexdigest() == Position().hexdigest()
    assert calls_in([]) == []


@given(st.lists(st.integers(0, 5), max_size=8), st.integers(0, 8), st.integers(0, 10))
@settings(deadline=None)
def test_what_comes_after_is_the_rest_across_setting_and_file(
    numbers: list[int], cut: int, first: int
) -> None:
    url = "memory://call_list/rest.csv"
    rows = "".join("{uuid},{year},{month}\n".format(**entry(i)) for i in numbers[cut:])
    fsspec.filesystem("memory").pipe(url, f"uuid,year,month\n{rows}".encode())
    calls = [entry(i) for i in numbers[:cut]]
    assert calls_in(calls, url, first) == [call(i) for i in numbers[first:]]
    all_done = beginning([entry(i) for i in numbers[:first]])
    survey = CallList(calls, url, BUDAPEST).survey(all_done._replace(calls=first))
    assert survey.total == len(numbers)
    assert (survey.done is None) == (first > len(numbers))
    if survey.done is not None:
        assert survey.done.calls == first
        # Where a call stands, in the setting or in the file, is no matter.
        assert survey.done.hexdigest() == digest_of([entry(i) for i in numbers], first)


@given(st.lists(st.integers(0, 2), max_size=6), st.lists(st.integers(0, 2), max_size=6), st.data())
@settings(max_examples=150, deadline=None)
def test_digests_are_equal_if_and_only_if_the_first_calls_are(
    one: list[int], other: list[int], data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, min(len(one), len(other))))
    digests = [digest_of([entry(i) for i in numbers], first) for numbers in (one, other)]
    assert (digests[0] == digests[1]) == (one[:first] == other[:first])


def test_the_digest_covers_year_and_month() -> None:
    entries = [entry(1), {**entry(1), "year": "2016"}, {**entry(1), "month": "03"}]
    assert len({digest_of([one]) for one in entries}) == 3


def test_the_digest_does_not_depend_on_how_a_call_is_written(tmp_path: Path) -> None:
    forms: list[Any] = [
        VERSION_1,
        VERSION_1.upper(),
        {"uuid": f" {VERSION_1}\n"},
        {"uuid": VERSION_1, "year": "2015", "month": "08"},
        {"uuid": VERSION_1, "year": 2015, "month": 8},
        {"month": "8", "uuid": VERSION_1.upper(), "year": "2015", "source": PHONE},
        {"uuid": VERSION_1, "year": "", "month": None},
    ]
    digests = {digest_of([form]) for form in forms}
    for name, text in {
        "calls.txt": f"\n{VERSION_1.upper()}\n",
        "calls.csv": f"month;uuid;year\n8;{VERSION_1};2015\n",
        "calls.jsonl": f'{{"uuid": "{VERSION_1}"}}\n',
    }.items():
        (tmp_path / name).write_text(text)
        digests.add(digest_of([], 1, str(tmp_path / name)))
    assert len(digests) == 1


def test_a_digest_grows_as_the_list_is_worked_through() -> None:
    entries = [entry(i) for i in range(5)]
    digest = Position()
    for number in range(6):
        assert digest.calls == number
        assert digest.hexdigest() == digest_of(entries, number)
        digest.add(call(number))
    assert len(digest.hexdigest()) == 64


def test_a_list_shorter_than_what_is_done_has_no_digest() -> None:
    survey = CallList([entry(0)], None, BUDAPEST).survey(beginning([entry(0), entry(1)]))
    assert survey.total == 1
    assert survey.done is None


def test_each_problem_is_named_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(f"year,uuid,month\n2015,{VERSION_4},01\n\n2015,{PHONE},01\n,{VERSION_4},\n")
    problems = problems_in(
        [entry(0), PHONE, {"uuid": VERSION_4, "year": PHONE, "month": 1}], str(file)
    )
    places = [problem.split(": ")[:2] for problem in problems]
    assert [": ".join(place) for place in places[:2]] == [
        "calls[1]: malformed uuid",
        f"calls[2]: call {VERSION_4}",
    ]
    assert [": ".join(place) for place in places[2:]] == [
        "calls_file: list.csv line 4",
        "calls_file: list.csv line 5",
    ]
    assert VERSION_4 in problems[3]


def test_a_broken_line_is_a_problem_among_others(tmp_path: Path) -> None:
    file = tmp_path / "list.jsonl"
    file.write_text(f'{{"uuid": "{VERSION_1}"}}\n{{"source": "{PHONE}\n{{"uuid": null}}\n')
    assert [problem[:29] for problem in problems_in([], str(file))] == [
        f"calls_file: list.jsonl line {line}" for line in (2, 3)
    ]


def test_a_file_that_cannot_be_read_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(CallListError, match=r"calls_file: none\.csv ") as caught:
        CallList([entry(0)], str(tmp_path / "none.csv"), BUDAPEST).survey(Beginning())
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("number", [1, 19, 20])
def test_all_problems_are_named_as_long_as_they_can_be_read(number: int) -> None:
    problems = problems_in([PHONE, entry(0)] * number)
    assert [p for p in problems if p.startswith("calls[")] == [
        f"calls[{i}]: malformed uuid" for i in range(0, 2 * number, 2)
    ]


def test_of_many_problems_the_first_are_named_with_their_places(tmp_path: Path) -> None:
    file = tmp_path / "phones.txt"
    file.write_text(f"{PHONE}\n" * 10_000)
    problems = problems_in([PHONE] * 5, str(file))
    assert len(problems) == 21
    assert problems[20] == "and 9,985 more rows of the list"
    assert problems[4].startswith("calls[4]: ")
    assert problems[5].startswith("calls_file: phones.txt line 1: ")
    assert problems[19].startswith("calls_file: phones.txt line 15: ")


def test_a_file_that_has_become_unusable_is_told_where_it_is_read_again(tmp_path: Path) -> None:
    file = file_of(tmp_path / "calls.csv", [entry(0), entry(1)])
    calls = CallList([], file, BUDAPEST)
    assert calls.survey(Beginning()).total == 2
    (tmp_path / "calls.csv").write_text("no header\n")
    with pytest.raises(CallListError, match=r"calls\.csv cannot be read"):
        list(calls.after(0))
    (tmp_path / "calls.csv").unlink()
    with pytest.raises(CallListError, match=r"calls\.csv"):
        list(calls.after(0))


def test_the_calls_come_while_the_file_is_being_read(tmp_path: Path) -> None:
    file = file_of(tmp_path / "calls.csv", [entry(i) for i in range(3000)])
    tested = CallList([], file, BUDAPEST)
    assert tested.survey(Beginning()).total == 3000
    calls = (listed.call for listed in tested.after(10))
    assert list(islice(calls, 3)) == [call(i) for i in (10, 11, 12)]
    # What is appended now is left for the next run, which says what is wrong with it.
    with (tmp_path / "calls.csv").open("a") as end:
        end.write(f"{PHONE}\n{call(3000).uuid},2015,01\n")
    assert list(calls) == [call(i) for i in range(13, 3000)]


def test_a_list_can_be_read_more_than_once() -> None:
    numbers = list(range(50))
    random.Random(0).shuffle(numbers)  # noqa: S311 - no secret
    calls = CallList([entry(i) for i in numbers], None, BUDAPEST)
    done = beginning([entry(i) for i in numbers[:7]])
    digests = [
        survey.done and survey.done.hexdigest() for survey in map(calls.survey, (done, done))
    ]
    assert digests[0] == digests[1] == digest_of([entry(i) for i in numbers[:7]])
    rest = [[listed.call for listed in calls.after(7)] for _ in range(2)]
    assert rest == [[call(i) for i in numbers[7:]]] * 2
