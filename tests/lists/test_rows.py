"""Which answers are lists: nothing but a list says that there are no rows."""

from __future__ import annotations

import pytest

from tap_vcclive.api.errors import OddAnswerError
from tap_vcclive.lists.rows import rows_in


@pytest.mark.parametrize(
    ("response", "rows"),
    [
        ([], []),
        ([{"a": 1}, None], [{"a": 1}, None]),
        ({"rows": [{"a": 1}]}, [{"a": 1}]),
        ({"rows": {"0": 1, "1": 2}, "totalCount": 2}, [1, 2]),
        ({"0": {"a": 1}, "1": {"a": 2}}, [{"a": 1}, {"a": 2}]),
    ],
)
def test_lists_come_in_several_forms(response: object, rows: list[object]) -> None:
    assert rows_in(response, "/users") == rows


@pytest.mark.parametrize("response", [None, {}, "", "x", 0, False, {"rows": None}, {"a": []}])
def test_nothing_else_is_a_list(response: object) -> None:
    with pytest.raises(OddAnswerError, match="/users: the answer is no list"):
        rows_in(response, "/users")
