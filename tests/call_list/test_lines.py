"""Lines as programs write them, and those that have no end: in bounded memory and time."""

from __future__ import annotations

import gzip
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from tap_vcclive.call_list import lines
from tap_vcclive.call_list.files import SUFFIXES, UnreadableFileError, entries_of
from tap_vcclive.call_list.lines import MOST_CHARACTERS
from tests.call_list.lists import PHONE, V1, V4, put, read

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = {
    ".csv": f"note,uuid,year,month\nKőváriné,{V4},2026,11\nx,{V1},,\n",
    ".jsonl": f'{{"uuid": "{V4}", "year": 2026, "month": 11, "x": "Kőváriné"}}\n'
    f'{{"uuid": "{V1}"}}\n',
}
CALLS = [f"2026/11/{V4}", f"2015/08/{V1}"]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1250", "iso8859-2", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("suffix", TEXTS)
def test_a_code_page_is_no_hindrance_and_utf_16_is_known_by_its_mark(
    suffix: str, encoding: str, *, packed: bool
) -> None:
    is_bare = encoding in {"utf-16-le", "utf-16-be"}
    data = (("\ufeff" if is_bare else "") + TEXTS[suffix]).encode(encoding)
    resources, reading = read(
        gzip.compress(data) if packed else data, f"calls{suffix}" + ".gz" * packed
    )
    assert resources == CALLS
    assert (reading.bad_rows, reading.last_line) == (0, None)


def test_a_byte_of_a_code_page_in_a_uuid_is_a_bad_row() -> None:
    resources, reading = read(f"{V1}\n".encode() + b"\xf5" + f"{V1}\n{V1}\n".encode(), "calls.txt")
    assert len(resources) == 2
    assert reading.problems == ["calls_file: calls.txt line 2: malformed uuid"]


@pytest.mark.parametrize(
    ("suffix", "begin", "end"),
    [
        (".txt", "", ""),
        (".csv", f"{V1},,,", ""),
        (".csv", f'{V1},,,"', '"'),
        (".jsonl", f'{{"uuid": "{V1}", "x": "', '"}'),
    ],
)
def test_a_line_can_have_a_megabyte_and_a_longer_one_is_a_bad_row(
    suffix: str, begin: str, end: str
) -> None:
    head = "uuid,year,month,note\n" if suffix == ".csv" else ""
    good = f'{{"uuid": "{V1}"}}' if suffix == ".jsonl" else V1
    room = MOST_CHARACTERS - len(begin + end) - 1

    def text(length: int) -> str:
        long = begin + "a" * length + end
        return f"{head}{good}\n{long}\n{good}\n"

    longest, reading = read(text(room), f"calls{suffix}")
    assert len(longest) == 2 + (suffix != ".txt")
    assert reading.bad_rows == (suffix == ".txt")
    for length in (room + 1, 2 * MOST_CHARACTERS, 5 * MOST_CHARACTERS + 7):
        resources, reading = read(text(length), f"calls{suffix}")
        assert len(resources) == 2
        (problem,) = reading.problems
        assert problem.endswith(f"line {3 if head else 2}: longer than a megabyte")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_line_without_end_ends_reading_in_bounded_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, suffix: str
) -> None:
    """An archive of a few kilobytes that would unpack into memory, and a device."""
    monkeypatch.setattr(lines, "_MOST_PASSED_OVER", 8 * MOST_CHARACTERS)
    first = TEXTS[".csv"] if suffix == ".csv" else f"{V1}\n"
    archive = tmp_path / f"calls{suffix}.gz"
    archive.write_bytes(gzip.compress(first.encode() + b"a" * 40_000_000))
    device = tmp_path / f"zero{suffix}"
    device.symlink_to("/dev/zero")
    for url in (str(archive), str(device)):
        tracemalloc.start()
        try:
            with pytest.raises(UnreadableFileError, match="a line has no end"):
                list(entries_of(url))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 30_000_000


def test_the_rows_before_a_fault_of_an_archive_come_out() -> None:
    packed = gzip.compress("".join(f"{V1}{i:06d}\n" for i in range(20_000)).encode())
    entries = entries_of(put(packed[:-200], "calls.txt.gz"))
    seen: list[object] = []
    with pytest.raises(UnreadableFileError, match=r"after line \d+: it is cut short"):
        seen.extend(entry for _, entry in entries)
    assert len(seen) > 19_000
    assert PHONE not in seen
