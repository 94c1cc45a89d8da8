"""What loggers may say, in a process of the tap: its own, libraries', warnings, errors."""

from __future__ import annotations

import ast
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import singer_sdk
import urllib3
import yaml

from tap_vcclive import logs
from tests.runs import config_for
from tests.servers import server
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from tests.runs import Runner

NUMBER = "36301234567"
URL = f"https://user:SIGMARK@host/list.txt?X-Amz-Signature=SIGMARK&source={NUMBER}"


def record(message: object, *args: object, **more: object) -> logging.LogRecord:
    """Return a record of a library."""
    attributes = {"name": "library", "levelno": logging.DEBUG, "pathname": "/lib/library.py"}
    return logging.makeLogRecord({**attributes, "msg": message, "args": args, **more})


@pytest.mark.parametrize(
    ("message", "args"),
    [
        ("%s", (URL,)),
        (URL, ()),
        ("%d calls", (NUMBER,)),
        ({"source": NUMBER}, ()),
        ("Filter result for '%s' in '{self.name}' stream: %s", ("source", NUMBER)),
        ("Found '%s' filter rule: %s", ("cdr", f"source != '{NUMBER}'")),
    ],
    ids=str,
)
def test_of_a_library_nothing_is_said_but_that_it_warns(
    message: object, args: tuple[object, ...]
) -> None:
    assert not logs.make_clean(record(message, *args))
    assert not logs.make_clean(record(message, *args, levelno=logging.INFO))
    warning = record(message, *args, levelno=logging.WARNING, filename="library.py", lineno=7)
    assert logs.make_clean(warning)
    assert warning.getMessage() == "(not shown, as it can hold anything: library.py:7)"


def test_lines_that_are_known_are_said_with_their_names() -> None:
    known = record("Skipping deselected stream '%s'.", "cdr", levelno=logging.INFO)
    assert logs.make_clean(known)
    assert known.getMessage() == "Skipping deselected stream 'cdr'."


def test_the_known_lines_are_those_of_the_sdk_and_of_urllib3() -> None:
    # In whatever module: releases of the SDK move them about.
    packages = [*singer_sdk.__path__, *urllib3.__path__]
    files = (file for package in packages for file in Path(package).rglob("*.py"))
    said = {text for file in files for text in texts_in(file)}
    assert set() == logs.CLEAN - said


def texts_in(file: Path) -> set[str]:
    """Return the texts in a module of a library."""
    nodes = ast.walk(ast.parse(file.read_text()))
    return {
        node.value for node in nodes if isinstance(node, ast.Constant) if type(node.value) is str
    }


def test_what_a_library_adds_to_a_line_is_not_said() -> None:
    known = record("METRIC: %s", "x", schema=NUMBER, stream_name="cdr", stack_info=NUMBER)
    assert logs.make_clean(known)
    assert NUMBER not in str(vars(known))
    assert vars(known)["stream_name"] == "cdr"


def test_the_key_of_the_newest_run_is_kept_whatever_others_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: dict[str, None] = {}
    monkeypatch.setattr(logs, "_secrets", kept)
    for run in range(30):
        seeds = {str(number): f"seed-{run}-{number}" for number in range(50)}
        logs.keep_secret({"api_key": f"key-of-run-{run}", "stream_map_config": seeds})
    ours = record("key-of-run-29 and seed-29-49", pathname=logs.__file__)
    assert logs.make_clean(ours)
    assert ours.getMessage() == "… and …"
    assert len(kept) < 30


def test_the_key_and_the_seed_are_hidden_in_our_own_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_secrets", {})
    config = {
        "api_key": "kéy-of-acme\udc80",
        "stream_map_config": {
            "hash_seed": "seedseed",
            "n": 5,
            "by": [{"cdr": "seed-of-cdr"}, 8**9],
        },
    }
    logs.keep_secret(config)
    logs.keep_secret({"api_key": 5, "stream_map_config": "x"})
    logs.keep_secret({"api_key": "short"})
    said = ("KÉY-OF-ACME\udc80", "seedseed", "seed-of-cdr", 8**9)
    ours = record("key %s, seeds %s, %s, %s, short", *said, pathname=logs.__file__)
    assert logs.make_clean(ours)
    assert ours.getMessage() == "key …, seeds …, …, …, short"
    url = record("%s", f"see {URL}", pathname=logs.__file__)
    assert logs.make_clean(url)
    assert url.getMessage() == "see https://host/list.txt"


# As the command does; some loggers are there before, most are made later.
PROCESS = """
import gc, logging, sys, threading, warnings
early = logging.getLogger("early")
from tap_vcclive import logs
logs.install()
logging.captureWarnings(True)
logging.basicConfig(level=0)
SECRET = sys.argv[1]

class Child(logging.getLoggerClass()):
    pass

def fail(*_):
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        raise ValueError(SECRET) from error

early.debug(SECRET)
early.error(SECRET)
logging.warning(SECRET)
logging.getLogger("fsspec.http").info("Retrieve file size for %s", SECRET)
logging.getLogger("odd " + SECRET).error("%d", SECRET, extra={"more": SECRET})
logging.setLoggerClass(Child)
logging.getLogger("botocore").critical(SECRET)
try:
    fail()
except ValueError:
    logging.getLogger("urllib3.connection").warning("x %s", SECRET, exc_info=True)
    logging.getLogger("aiohttp").exception(SECRET)
warnings.warn(SECRET)
thread = threading.Thread(target=fail, name=SECRET)
thread.start()
thread.join()

class Odd:
    __del__ = fail

Odd()
gc.collect()
logging.getLogger("tap-vcclive").error("the end of %s lines", 9)
fail()
"""


def test_no_logger_no_warning_and_no_error_says_what_it_was_given(tmp_path: Path) -> None:
    # Not with -c: the lines of such a program are no library's.
    (tmp_path / "program.py").write_text(PROCESS)
    done = subprocess.run(
        [sys.executable, tmp_path / "program.py", NUMBER],
        env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert NUMBER not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    not_shown = "(not shown, as it can hold anything: program.py:"
    assert done.stderr.count(not_shown) == 7
    raised = "ValueError in program.fail:"
    assert done.stderr.count(raised) == 5
    assert done.stderr.count("A mistake of the tap's own; please report this line: " + raised) == 3
    assert "UserWarning at program.py:" in done.stderr


LOG_CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"structured": {"()": "singer_sdk.logging.StructuredFormatter"}},
    "handlers": {
        "own": {"class": "logging.FileHandler", "formatter": "structured", "level": 0},
        "console": {"class": "logging.StreamHandler", "formatter": "structured", "level": 0},
    },
    "root": {"level": "DEBUG", "handlers": ["own"]},
    "loggers": {
        name: {"level": "DEBUG", "handlers": ["console"], "propagate": True}
        for name in ("urllib3.connection", "urllib3.connectionpool", "singer_sdk.mapper")
    },
}


@pytest.fixture
def log_config(tmp_path: Path) -> Path:
    """Return the file of a configuration that sets all levels back; the log is beside it."""
    LOG_CONFIG["handlers"]["own"]["filename"] = str(tmp_path / "own.log")
    file = tmp_path / "log.yaml"
    file.write_text(yaml.safe_dump(LOG_CONFIG))
    return file


def test_a_redirect_and_headers_stay_out_of_a_log_whatever_its_configuration(
    run_tap: Runner, log_config: Path
) -> None:
    rows = [{"uuid": "95bd5f46-44e0-11e5-a6da-6547f8762750", "source": NUMBER}]
    body = json.dumps({"response": {"rows": rows, "totalCount": 1}, "errors": []}).encode()

    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        if "moved" not in path:
            return 302, {"Location": f"/v2/moved/{NUMBER}?note=NOTEMARKER&source={NUMBER}"}, b""
        return 200, {f"Bad header {NUMBER}": "NOTEMARKER"}, body

    with server(answer) as running:
        config = {
            "customer": "acme", "api_key": "s3cret-ключ", "api_url": running.url,
            "start_date": "2015-08-17", "end_date": "2015-08-17",
            "stream_maps": {"cdr_log": {"__filter__": "source", "source": None}},
        }  # fmt: skip
        run = run_tap(config, environment={"SINGER_SDK_LOG_CONFIG": str(log_config)})
        assert "moved" in running.seen[1][1]
    assert (run.status, len(run.records)) == (0, 1)
    own = log_config.with_name("own.log").read_text()
    for log in (own, run.log):
        assert NUMBER not in log
        assert "NOTEMARKER" not in log
        assert "moved" not in log
        assert "(not shown, as it can hold anything: connection.py:" in log
    lines = [json.loads(line) for line in own.splitlines()]
    messages = [line["message"] for line in lines]
    assert "GET /cdrs/2015/08/17?start=0&num=500: status 200" in messages
    assert [line["metric_info"] for line in lines if line["message"] == "METRIC"]


def test_a_filter_on_a_value_does_not_log_the_value(run_tap: Runner) -> None:
    with serving(Options(days=1, calls_per_day=3)) as sandbox:
        maps = {"cdr": {"__filter__": "source or destination != '36301234567'"}}
        run = run_tap(config_for(sandbox, stream_maps=maps))
    assert len(run.records) == 3
    assert "36301234567" not in run.log
    assert "ilter" not in run.log
