"""Settings in the environment and in `.env`: whose file is read, and what is taken from it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tap_vcclive.settings.config import normalize
from tap_vcclive.settings.environment import settings_in_environment
from tap_vcclive.settings.inputs import UnusableInputError
from tap_vcclive.tap import TapVCCLive
from tests.runs import Runner, config_for
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vcclive_sandbox.server import RunningSandbox

PREFIX = "TAP_VCCLIVE_"
NOBODY = 65534
IS_ROOT = os.geteuid() == 0


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder, below another, without settings in the environment."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    return folder


def settings() -> dict[str, Any]:
    """Return the settings that the tap reads here, each in the type that it has."""
    TapVCCLive.append_builtin_config(TapVCCLive.config_jsonschema)
    schema = TapVCCLive.config_jsonschema
    config: dict[str, Any] = {
        **settings_in_environment(schema["properties"], PREFIX, TapVCCLive.logger)
    }
    normalize(config, schema)
    return config


def write(file: Path, **variables: str) -> Path:
    """Write a file of variables that nobody else can write to."""
    file.write_text("".join(f"{name}='{value}'\n" for name, value in variables.items()))
    file.chmod(0o644)
    return file


def variables_of(config: dict[str, Any]) -> dict[str, str]:
    """Return settings as variables."""
    return {
        f"{PREFIX}{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in config.items()
    }


def elsewhere(sandbox: RunningSandbox) -> dict[str, str]:
    """Return what somebody writes who would like to be sent the key."""
    return {f"{PREFIX}API_URL": sandbox.api_url, "REQUESTS_CA_BUNDLE": "/x", "HTTPS_PROXY": "/x"}


def test_a_file_above_the_working_folder_takes_the_key_nowhere(folder: Path) -> None:
    options = Options(days=1, calls_per_day=3)
    with serving(options) as sandbox, serving(options) as other:
        write(folder.parent / ".env", **elsewhere(other))
        run_tap = Runner(folder)
        run = run_tap.run(run_tap.command("--config=ENV"), variables_of(config_for(sandbox)))
        calls = [one for one in sandbox.requests if one.path.startswith("/cdr/")]
        assert (len(calls), len(other.requests)) == (3, 0)
    assert len(run.records) == 3
    assert ".env" not in run.log


def test_a_file_that_others_can_write_to_ends_a_run_before_any_request(folder: Path) -> None:
    with serving(Options(days=1, calls_per_day=3)) as sandbox, serving(Options()) as other:
        write(folder / ".env", **elsewhere(other)).chmod(0o666)
        run_tap = Runner(folder)
        for option in ((), ("--test",)):
            run = run_tap.run(
                run_tap.command("--config=ENV", *option), variables_of(config_for(sandbox))
            )
            assert run.status == 1
            assert "Traceback" not in run.log
            assert "others can write to it; `chmod go-w` takes that from them" in run.errors[0]
        assert (sandbox.requests, other.requests) == ([], [])


def test_nothing_but_settings_of_the_tap_is_taken_and_nothing_is_set(folder: Path) -> None:
    others = {"HTTPS_PROXY": "http://x", "REQUESTS_CA_BUNDLE": "x", "TARGET_POSTGRES_HOST": "x"}
    own = {f"{PREFIX}CUSTOMER": "acme", f"{PREFIX}LOGLEVEL": "DEBUG", f"{PREFIX}_SELECT": "[]"}
    write(folder / ".env", **others, **own)
    before = dict(os.environ)
    assert settings() == {"customer": "acme"}
    assert dict(os.environ) == before


def test_the_environment_is_stronger_than_the_file_unless_it_is_empty(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / ".env", **variables_of({"customer": "a", "max_tries": 3, "user_agent": ""}))
    monkeypatch.setenv(f"{PREFIX}CUSTOMER", "b")
    monkeypatch.setenv(f"{PREFIX}MAX_TRIES", "")
    assert settings() == {"customer": "b", "max_tries": 3}


def test_each_text_is_taken_for_what_its_setting_is(folder: Path) -> None:
    config = {
        "customer": "7",
        "calls": [{"uuid": "x"}],
        "calls_from_log": True,
        "flattening_enabled": False,
        "max_tries": 3,
        "project_ids": [1, 2],
        "stream_maps": {"cdr": {"a": "b"}},
    }
    (folder / ".env").write_text(
        "\ufeff" + "".join(f"{k}='{v}'\n" for k, v in variables_of(config).items())
    )
    (folder / ".env").chmod(0o600)
    assert settings() == config
    write(folder / ".env", **{f"{PREFIX}PROJECT_IDS": "1,2", f"{PREFIX}CALLS_FROM_LOG": "NO"})
    assert settings() == {"project_ids": [1, 2], "calls_from_log": False}


def test_a_value_of_another_type_is_left_for_the_check_of_all_settings(folder: Path) -> None:
    bad = {"calls_from_log": "maybe", "max_tries": "many", "stream_maps": "{", "calls": "{"}
    write(folder / ".env", **variables_of(bad))
    assert settings() == bad


def by_another_user(file: Path) -> None:
    """Give a file to another user."""
    os.chown(file, NOBODY, NOBODY)


def linked_by_another_user(file: Path) -> None:
    """Put another user's link in the place of a file."""
    file.symlink_to(file.rename(file.with_name("own")))
    os.chown(file, NOBODY, NOBODY, follow_symlinks=False)


needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can give a file to another user")


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda file: file.chmod(0o660), "others can write to it"),
        (lambda file: file.chmod(0o602), "others can write to it"),
        (lambda file: file.write_bytes(b"A=\xff"), "it is not UTF-8 text"),
        pytest.param(by_another_user, "it belongs to another user", marks=needs_root),
        pytest.param(linked_by_another_user, "it belongs to another user", marks=needs_root),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(
    folder: Path, spoil: Callable[[Path], object], problem: str
) -> None:
    spoil(write(folder / ".env", **{f"{PREFIX}CUSTOMER": "acme"}))
    with pytest.raises(UnusableInputError) as refused:
        settings()
    (line,) = refused.value.errors
    assert line.startswith(f"{folder / '.env'} ")
    assert problem in line


def test_a_link_of_ones_own_and_a_folder_do_no_harm(folder: Path) -> None:
    write(folder / "own", **{f"{PREFIX}CUSTOMER": "acme"})
    (folder / ".env").symlink_to(folder / "own")
    assert settings() == {"customer": "acme"}
    (folder / ".env").unlink()
    (folder / ".env").mkdir()  # an environment of Python's can have this name
    assert settings() == {}


def test_a_misspelt_variable_is_named_and_its_value_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write(folder / ".env", TAP_VCCLIVE_STREAM_MAP="NOTEMARKER", OTHER_SECRET="x")  # noqa: S106
    for name in ("CALL", "_SELECT", "LOGLEVEL", "TIMEZONE", "P36301234567"):
        monkeypatch.setenv(f"{PREFIX}{name}", "NOTEMARKER")
    settings()
    warnings = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert warnings == [
        f"Not settings of the tap, in {folder / '.env'}: stream_map",
        "Not settings of the tap, in the environment: call, 1 odd name",
    ]
    assert "NOTEMARKER" not in caplog.text
