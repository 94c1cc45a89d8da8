"""Files that a run is given and cannot use: a line for each, no traceback, no request."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tap_vcclive.settings.inputs import UnusableInputError, config_in
from tests.runs import config_for
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.runs import Runner

# json reads it; the SDK, which copies it by recursion, does not.
DEEP = b'{"bookmarks": {"other": {"x": ' + b"[" * 500 + b"]" * 500 + b"}}}"
NOT_OBJECTS = [b"", b"{", b"[]", b"7", b"null", b"[" * 10**5, DEEP, b"\xff\xfe\x00", b'{"a": 1} {']
INSTEAD_OF_A_PATH = '{"customer": "acme", "api_key": "s3cr3tKEY"}'
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
    configs = [
        "no-such-file",
        str(tmp_path / "folder"),
        "/a/My config.json",
        INSTEAD_OF_A_PATH,
        "\0",
    ]
    options = [option for config in configs for option in ("--config", config)]
    with pytest.raises(UnusableInputError) as raised:
        config_in(configs)
    lines = [
        "The config given as number 1 cannot be read: No such file or directory",
        "The config given as number 2 cannot be read: Is a directory",
        "The config My config.json cannot be read: No such file or directory",
        "The config given as number 4 cannot be read: No such file or directory",
        "The config given as number 5 cannot be read: this is no path",
    ]
    assert raised.value.errors == lines
    run = run_tap.run(run_tap.command(*options[:-2]))
    assert run.status == 1
    assert run.errors == lines[:-1]
    assert "s3cr3tKEY" not in run.log


def test_a_key_from_the_environment_that_is_no_text_ends_before_the_first_request(
    run_tap: Runner,
) -> None:
    with serving(Options(days=1, calls_per_day=3)) as sandbox:
        config = config_for(sandbox)
        del config["api_key"]
        environment = {"TAP_VCCLIVE_API_KEY": os.fsdecode(b"s3cr3t\xff-of-acme")}
        run = run_tap(config, None, "--config=ENV", environment=environment)
        assert sandbox.requests == []
    assert (run.status, run.errors) == (1, ["api_key: must be UTF-8 text"])
