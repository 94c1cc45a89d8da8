"""Lists of calls in files: every form, as a stream, and what is said of files that are broken."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

import fsspec
import pytest
from fsspec.spec import AbstractFileSystem
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.call_list.files import (
    SUFFIXES,
    UnreadableFileError,
    entries_of,
    name_of,
    suffix_of,
)
from tap_vcclive.calls.call import BadCallError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

A = "95bd5f46-44e0-11e5-a6da-6547f8762750"
B = "bbf5825e-85de-4ec1-8625-e6eaf5c96b1e"
PHONE = "36301234567"
SECRET = "s3cr3t"  # noqa: S105 - not a real one

TEXTS = {
    ".csv": f"uuid,year,month\n{A},,\n{B},2015,01\n",
    ".jsonl": f'{{"uuid": "{A}"}}\n{{"uuid": "{B}", "year": "2015", "month": "01"}}\n',
    ".ndjson": f'{{"uuid": "{A}"}}\n{{"month": 1, "year": 2015, "uuid": "{B}"}}\n',
    ".txt": f"{A}\n{B}\n",
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], str]:
    """Return a function that writes a file, packed where its name says so."""

    def write_file(name: str, content: str | bytes) -> str:
        data = content.encode() if isinstance(content, str) else content
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.lower().endswith(".gz") else data)
        return str(path)

    return write_file


def uuids_in(url: str) -> list[tuple[int, object]]:
    """Return line and uuid of each entry."""
    return [
        (line, entry.get("uuid") if isinstance(entry, dict) else entry)
        for line, entry in entries_of(url)
    ]


def said_of(url: str) -> str:
    """Return the message of a file that cannot be read, checked to hold no content and no key."""
    with pytest.raises(UnreadableFileError) as caught:
        list(entries_of(url))
    message = str(caught.value)
    assert not [secret for secret in (A, B, PHONE, SECRET) if secret in message]
    assert "\n" not in message
    # A traceback shows what led to an error as well.
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    return message


def test_every_suffix_is_tested() -> None:
    assert set(TEXTS) == set(SUFFIXES)


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "bom"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_each_form_is_read_plain_and_packed(
    write: Callable[[str, str], str], suffix: str, packed: str, end: str, mark: str
) -> None:
    url = write(f"calls{suffix}{packed}", mark + TEXTS[suffix].replace("\n", end))
    first = 2 if suffix == ".csv" else 1
    assert uuids_in(url) == [(first, A), (first + 1, B)]


def test_suffixes_are_recognised_in_any_case(write: Callable[[str, str], str]) -> None:
    assert len(uuids_in(write("CALLS.CSV.GZ", TEXTS[".csv"]))) == 2
    assert len(uuids_in(write("Calls.JsonL", TEXTS[".jsonl"]))) == 2


@pytest.mark.parametrize("blank", ["", "  ", "\t"], ids=["empty", "spaces", "tab"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_blank_lines_are_passed_over_and_counted(
    write: Callable[[str, str], str], suffix: str, blank: str
) -> None:
    lines = TEXTS[suffix].splitlines()
    lines[-1:-1] = [blank, blank]
    url = write(f"calls{suffix}", "\n".join([*lines, blank, ""]))
    first = 2 if suffix == ".csv" else 1
    assert uuids_in(url) == [(first, A), (first + 3, B)]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file_is_an_empty_list(write: Callable[[str, str], str], suffix: str) -> None:
    assert uuids_in(write(f"calls{suffix}", "")) == []


def test_a_csv_file_with_a_header_only_is_an_empty_list(write: Callable[[str, str], str]) -> None:
    assert uuids_in(write("calls.csv", "uuid,year,month\n")) == []


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_columns_may_stand_in_any_order_and_case_and_number(
    write: Callable[[str, str], str], separator: str
) -> None:
    rows = [
        ["Source", " MONTH ", '"UUID"', "note", "Year"],
        [PHONE, "1", f'"{B}"', f'"says ""no""{separator} then hangs up"', "2015"],
    ]
    url = write("calls.csv", "".join(separator.join(row) + "\r\n" for row in rows))
    assert list(entries_of(url)) == [(2, {"uuid": B, "year": "2015", "month": "1"})]


def test_a_csv_row_may_be_short(write: Callable[[str, str], str]) -> None:
    url = write("calls.csv", f"uuid,year,month\n{A}\n{B},2015\n")
    assert list(entries_of(url)) == [(2, {"uuid": A}), (3, {"uuid": B, "year": "2015"})]


def test_a_csv_field_over_several_lines_is_one_field(write: Callable[[str, str], str]) -> None:
    url = write("calls.csv", f'note,uuid\n"a\nb",{A}\nc,{B}\n')
    assert [uuid for _, uuid in uuids_in(url)] == [A, B]
    assert uuids_in(url)[1][0] == 4


@pytest.mark.parametrize("header", ["", f"{A}", "id,year,month", "uuid year", "\nuuid"])
def test_a_csv_file_must_name_the_column_uuid_in_its_first_line(
    write: Callable[[str, str], str], header: str
) -> None:
    assert "uuid" in said_of(write("calls.csv", f"{header}\n{B},2015,01\n"))


def test_a_logged_webhook_is_an_entry(write: Callable[[str, str], str]) -> None:
    webhook = {
        "uuid": A,
        "projectid": 3,
        "create_time": "2015-08-17 15:05:08",
        "timestamp": "2015-08-17T15:05:30+02:00",
        "source": PHONE,
        "direction": "out",
        "disposition": {"id": 3, "label": "árvíztűrő"},
        "next_calldate": None,
    }
    url = write("hooks.jsonl", json.dumps(webhook, ensure_ascii=False) + "\n")
    assert list(entries_of(url)) == [(1, webhook)]


@pytest.mark.parametrize(
    "broken",
    [
        f'{{"uuid": "{A}"',
        f'{{"uuid": "{A}", "source": {PHONE}',
        f'"{A}"',
        f'["{A}"]',
        A,
        "null",
        "5",
        "[" * 100_000,
        f'{{"uuid": "{A}", "year": {"1" * 5000}}}',
        f'{{"uuid": "{A}"}} {{"uuid": "{B}"}}',
    ],
    ids=lambda text: text[:12],
)
def test_a_broken_line_is_told_with_its_number_and_reading_goes_on(
    write: Callable[[str, str], str], broken: str
) -> None:
    url = write("calls.jsonl", f'{{"uuid": "{A}"}}\n\n{broken}\n{{"uuid": "{B}"}}\n')
    first, bad, last = entries_of(url)
    assert (first[0], last[0]) == (1, 4)
    assert (first[1], last[1]) == ({"uuid": A}, {"uuid": B})
    assert bad[0] == 3
    assert isinstance(bad[1], BadCallError)
    assert not [secret for secret in (A, B, PHONE) if secret in str(bad[1])]


@pytest.mark.parametrize("rows", [3, 40_000], ids=["to the end", "beyond a megabyte"])
@pytest.mark.parametrize("behind", ["", '"', ' "x"y'], ids=["open", "closed", "broken"])
def test_a_quote_that_is_never_closed_swallows_no_calls(
    write: Callable[[str, str], str], rows: int, behind: str
) -> None:
    text = f'uuid,source\n{A},{PHONE}\n{A},"{PHONE}\n' + f"{B},{PHONE}\n" * rows + behind
    entries = list(entries_of(write("calls.csv", text)))
    assert [line for line, _ in entries[: rows + 2]] == list(range(2, rows + 4))
    broken = entries[1][1]
    assert isinstance(broken, BadCallError)
    assert "quote" in str(broken)
    assert PHONE not in str(broken)
    assert [e["uuid"] for _, e in entries[2 : rows + 2] if isinstance(e, dict)] == [B] * rows


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    assert "no such file" in said_of(str(tmp_path / "none.csv"))
    assert "folder" in said_of(str(tmp_path / "folder.csv"))
    assert "no such file" in said_of(f"file:///no/{SECRET}/none.jsonl")


def test_a_file_cut_short_is_no_shorter_list(tmp_path: Path) -> None:
    packed = gzip.compress("".join(f"{A}{i:06d}\n" for i in range(20_000)).encode())
    path = tmp_path / "calls.txt.gz"
    path.write_bytes(packed[: len(packed) // 2])
    read = 0
    with pytest.raises(UnreadableFileError, match=r"line \d+.*cut short") as caught:
        for read, _ in entries_of(str(path)):  # noqa: B007 - how far it got
            pass
    assert 0 < read < 20_000
    assert f"line {read}:" in str(caught.value)
    assert A not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"no gzip at all",
        gzip.compress(b"x" * 1000)[:-6] + b"\0" * 6,
        b"\x1f\x8b\x08\0" + b"\xff" * 50,
    ],
    ids=["plain", "checksum", "garbage"],
)
def test_a_broken_archive_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "calls.txt.gz"
    path.write_bytes(content)
    assert said_of(str(path))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("content", [b"", b"\0" * 100, bytes(range(128)), b"," * 200_000])
def test_any_content_is_entries_or_unreadable(
    write: Callable[[str, bytes], str], suffix: str, content: bytes
) -> None:
    url = write(f"calls{suffix}", content)
    try:
        lines = [line for line, _ in entries_of(url)]
    except UnreadableFileError:
        assert "cannot be read" in said_of(url)
    else:
        assert lines == sorted(set(lines))


@given(st.sampled_from(SUFFIXES), st.binary(max_size=200), st.booleans())
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_entries_or_unreadable(suffix: str, content: bytes, behind: bool) -> None:  # noqa: FBT001
    url = f"memory://bytes/calls{suffix}"
    fsspec.filesystem("memory").pipe(url, TEXTS[suffix].encode() * behind + content)
    try:
        lines = [line for line, _ in entries_of(url)]
    except UnreadableFileError:
        return
    assert lines == sorted(set(lines))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_file_is_read_as_a_stream(write: Callable[[str, str], str], suffix: str) -> None:
    head, tail = TEXTS[suffix].split("\n", 1)
    url = write(f"calls{suffix}.gz", f"{head}\n" + tail * 60_000)
    tracemalloc.start()
    try:
        entries = entries_of(url)
        assert next(entries)
        assert sum(1 for _ in islice(entries, 50_000)) == 50_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize("packed", ["", ".gz"])
def test_local_files_are_read_by_url(write: Callable[[str, str], str], packed: str) -> None:
    assert len(uuids_in("file://" + write(f"calls.csv{packed}", TEXTS[".csv"]))) == 2


@pytest.mark.parametrize("url", ["memory://lists/calls.csv", "memory://calls.csv"])
def test_other_file_systems_are_read_by_url(url: str) -> None:
    fsspec.filesystem("memory").pipe(url, TEXTS[".csv"].encode())
    assert suffix_of(url) == ".csv"
    assert [uuid for _, uuid in uuids_in(url)] == [A, B]


@pytest.mark.parametrize("name", ["calls [1].csv", "calls*.csv", "a#b.csv", "a?b.csv", "é.csv"])
def test_a_path_is_taken_as_it_stands(write: Callable[[str, str], str], name: str) -> None:
    assert len(uuids_in(write(name, TEXTS[".csv"]))) == 2


class RefusingFileSystem(AbstractFileSystem):  # type: ignore[misc] # fsspec ships no types
    """A store whose errors repeat what they were called with, as those of HTTP and clouds do."""

    protocol = "refusing"

    def _open(self, path: str, *_: Any, **__: Any) -> NoReturn:  # noqa: ANN401
        raise RuntimeError(f"403, message='Forbidden', url={path}?token={SECRET}")


def test_whatever_a_file_system_raises_is_told_without_its_words() -> None:
    fsspec.register_implementation("refusing", RefusingFileSystem, clobber=True)
    assert said_of(f"refusing://user:{SECRET}@store/lists/calls.csv")


@pytest.mark.parametrize(
    "url", ["unknown-store://bucket/calls.csv", f"http://[{SECRET}/calls.csv", "calls.xlsx", ""]
)
def test_an_address_that_leads_nowhere_is_unreadable(url: str) -> None:
    assert said_of(url)


NOT_SHOWN = "(a name that is not shown)"


@pytest.mark.parametrize(
    ("url", "name", "suffix"),
    [
        ("calls.csv", "calls.csv", ".csv"),
        ("/a/b/Calls.CSV.gz", "Calls.CSV.gz", ".csv"),
        (f"s3://key:{SECRET}@bucket/a/calls.jsonl", "calls.jsonl", ".jsonl"),
        (f"https://u:{SECRET}@host/x/calls.txt.gz?sig={SECRET}#{SECRET}", "calls.txt.gz", ".txt"),
        (f"az://c/list.csv?sig={SECRET}", "list.csv", ".csv"),
        (f"HTTPS://host/list.csv?sig={SECRET}", "list.csv", ".csv"),
        (f"simplecache::https://u:{SECRET}@host/list.csv?sig={SECRET}", "list.csv", ".csv"),
        (f"sftp://user:{SECRET}@host", "host", ""),
        (f"https://host/list.csv?to=s3://{SECRET}.jsonl", "list.csv", ".csv"),
        (f"https:/host/list.csv?sig={SECRET}&name=x.csv", NOT_SHOWN, ".csv"),
        (f"az:c/list.csv?sig={SECRET}.txt.gz", NOT_SHOWN, ".txt"),
        (f"https:\\\\u:{SECRET}@host\\list.csv", NOT_SHOWN, ".csv"),
        (f"data:text/csv;base64,{SECRET}.csv", NOT_SHOWN, ".csv"),
        ("file:///a/calls.v2.ndjson", "calls.v2.ndjson", ".ndjson"),
        ("/a.csv/calls", "calls", ""),
        ("calls.csv.zip", "calls.csv.zip", ".zip"),
        ("calls.gz", "calls.gz", ""),
    ],
)
def test_only_the_last_part_of_a_url_is_named(url: str, name: str, suffix: str) -> None:
    assert name_of(url) == name
    assert suffix_of(url) == suffix
