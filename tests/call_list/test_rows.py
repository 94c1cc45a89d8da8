"""Rows as spreadsheets and pandas write them."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.call_list.lists import V1, V4, read

CALLS = [f"2026/11/{V4}", f"2015/08/{V1}"]


@pytest.mark.parametrize(
    "text",
    [
        f"uuid,year,month\n{V4},2026.0,11.0\n{V1},nan,nan\n",
        f"uuid,year,month\n{V4},2026,11\n{V1},NaN,None\n",
        f'"uuid","year","month"\n"{V4}","2026","11"\n"{V1}","",""\n',
        f"sep=;\nuuid;year;month\n{V4};2026;11\n{V1};;\n",
        f'"sep=|"\r\nuuid|year|month\r\n{V4}|2026|11\r\n{V1}||\r\n',
        f"sep=\t\nmonth\tuuid\tyear\n11\t{V4}\t2026\n\t{V1}\t\n",
        f'"a, b; c","uuid","year","month"\n"x",{V4},2026,11\n"y, z",{V1},,\n',
        f'uuid;"one, two, three, four";year;month\n{V4};"a;b";2026;11\n{V1};;;\n',
        f'"note\nof the agent",uuid,year,month\n"a\n\nb",{V4},2026,11\n,{V1},,\n',
        f'"note\r\n""x"", y",UUID, Year , MONTH \r\n,{V4},2026,11\r\n,{V1},,\r\n',
        f"uuid,year,month\n{{{V4.upper()}}},2026,11\nurn:uuid:{V1},null,null\n",
        f"uuid,year,month\n {V4.replace('-', '')} , 2026 , 11 \n{V1}\n",
        f'uuid,year,month,note\n{V4},2026,11,5" pipe\n{V1},,,\n',
    ],
)
def test_rows_are_read_as_programs_write_them(text: str) -> None:
    for end in ("\n", "\r\n", "\r"):
        resources, reading = read(text.replace("\r\n", "\n").replace("\n", end))
        assert resources == CALLS
        assert (reading.problems, reading.last_line) == ([], None)


def test_lines_of_txt_can_be_quoted() -> None:
    resources, reading = read(f'"{V1}"\n\'{V1.upper()}\'\n "{V1}" \n"{V1}\n', "calls.txt")
    assert resources == [CALLS[1]] * 3
    assert reading.problems == ["calls_file: calls.txt line 4: malformed uuid"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@given(
    cells=st.lists(
        st.tuples(st.text(st.sampled_from('a,;"\n\r\tő ')), st.booleans()), min_size=1, max_size=6
    ),
    delimiter=st.sampled_from(",;\t"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
@settings(max_examples=60, deadline=None)
def test_whatever_stands_in_other_columns_the_calls_are_read(
    end: str, cells: list[tuple[str, bool]], delimiter: str, quoting: int
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]  # one of its constants
    # A writer leaves line ends unquoted that are not its own.
    notes = [re.sub("[\r\n]", end, cell) for cell, _ in cells]
    writer.writerow([notes[0], "uuid", "year", "month", "note"])
    for note, (_, is_first) in zip(notes, cells, strict=True):
        writer.writerow([note, *([V4, "2026", "11"] if is_first else [V1, "", ""]), note])
    resources, reading = read(text.getvalue())
    assert resources == [CALLS[not is_first] for _, is_first in cells]
    assert reading.problems == []
