"""Files that a run is given and cannot use: a line for each, no traceback, no request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.runs import config_for
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.runs import Runner

NOT_OBJECTS = [b"", b"{", b"[]", b"7", b"null", b"[" * 10**5, b"\xff\xfe\x00", b'{"a": 1} {']
NO_CATALOGS = [
    *NOT_OBJECTS,
    b'{"streams": 5}',
    b'{"streams": [{"stream": "cdr"}]}',
    b'{"streams": [{"tap_stream_id": "cdr", "schema": []}]}',
]


@pytest.mark.parametrize(
    ("option", "content"),
    [
        *(("--config", content) for content in NOT_OBJECTS),
        *(("--state", content) for content in NOT_OBJECTS),
        *(("--catalog", content) for content in NO_CATALOGS),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_file_that_is_of_no_use_is_refused_with_a_line(
    run_tap: Runner, tmp_path: Path, option: str, content: bytes
) -> None:
    (tmp_path / "odd").write_bytes(content)
    with serving(Options(days=1, calls_per_day=3)) as sandbox:
        run = run_tap(config_for(sandbox), None, option, str(tmp_path / "odd"))
        assert sandbox.requests == []
    assert run.status == 1
    assert run.messages == []
    (error,) = run.errors
    assert error.startswith(f"The {option.removeprefix('--')} ")
    assert "cannot be used: it must be" in error or "it is not UTF-8" in error
    assert "Traceback" not in run.log


def test_each_file_of_settings_that_cannot_be_read_is_named(
    run_tap: Runner, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    run = run_tap({}, None, "--config", "no-such-file", "--config", str(tmp_path / "folder"))
    assert run.status == 1
    assert [error.partition(": ")[2] for error in run.errors] == [
        "No such file or directory",
        "Is a directory",
    ]
