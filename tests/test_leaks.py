"""What looks for leaks finds them, in every form and in every output that it is shown."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests import leaks
from tests.runs import Runner, config_for
from vcclive_sandbox.server import Options, serving

SMALL = Options(days=1, calls_per_day=20)
KEY = leaks.KEYS[0]
pytest_plugins = ["pytester"]


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"https://acme:{KEY}@host/",
        base64.b64encode(KEY.encode()).decode(),
        *(base64.b64encode(f"{'a' * n}:{KEY}".encode()).decode() for n in range(1, 6)),
        base64.b64encode(f"acme:{KEY}".encode()).decode().upper(),
        quote(base64.b64encode(f"a:{KEY}".encode()).decode(), safe=""),
        quote(leaks.KEYS[1]),
        quote(leaks.KEYS[1]).lower(),
        json.dumps(leaks.KEYS[1]),
        json.dumps(json.dumps(leaks.KEYS[1])),
        leaks.KEYS[1].encode().decode("latin-1"),
        json.dumps(leaks.KEYS[1].encode().decode("latin-1")),
        leaks.KEYS[1].upper(),
        "call of 36013555539 failed",
        "source=+36 1 355 5539,",
        '{"destination": "3600100003"}',
        "of nagy.peter",
        "Nagy Péter",
        json.dumps("Nagy Péter"),
        quote_plus("Nagy Péter"),
        "NAGY PÉTER".encode().decode("latin-1"),
        "note: Nem kér több hívást!",
        "to anna+b@example.com",
    ],
)
def test_each_form_of_a_secret_is_found(text: str) -> None:
    with pytest.raises(leaks.LeakError):
        leaks.check(f"before {text} after")


@pytest.mark.parametrize(
    "text",
    [
        "95bd5f46-44e0-11e5-a6da-360010000312",
        "sha256 3600100003ab3600100003",
        "0.3600100003 seconds",
        "2036-01-01T00:00:00.360010000+00:00",
        "the sandbox of a customer",
    ],
)
def test_what_is_none_is_not(text: str) -> None:
    leaks.check(f"before {text} after")


# Python runs this before the tap: a tap that has a mistake in the place where it would matter.
LEAKING = """
import atexit, base64, json, sys
from tap_vcclive.values.record import Values
make = Values.record

def record(self, fields, instant):
    made = make(self, fields, instant)
    {leak}
    return made

Values.record = record
"""


@pytest.mark.parametrize(
    "leak",
    [
        "print(fields['destination'], file=sys.stderr)",
        "print('sandbox-key', file=sys.stderr)",
        "print(base64.b64encode(b'sandbox:sandbox-key').decode(), file=sys.stderr)",
        "print(json.dumps({'type': 'STATE', 'value': fields['source']}))",
        "print(made['userfullname'] or 'Nagy Péter', file=sys.stderr)",
    ],
)
def test_a_tap_that_leaks_is_found_out(run_tap: Runner, tmp_path: Path, leak: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(LEAKING.replace("{leak}", leak))
    with serving(SMALL) as sandbox, pytest.raises(leaks.LeakError):
        run_tap(config_for(sandbox), environment={"PYTHONPATH": str(tmp_path)})


def test_what_a_server_of_a_test_has_sent_is_looked_for() -> None:
    body = json.dumps({"userfullname": "Vak Béla", "disposition_comment": "an own note"})
    leaks.check("Vak Béla has an own note")
    leaks.note_sent(body.encode())
    for text in ("vak béla", "an own note"):
        with pytest.raises(leaks.LeakError):
            leaks.check(text)
    leaks._PERSONAL.difference_update({"Vak Béla", "an own note"})  # noqa: SLF001 - for the other tests


def test_the_tap_as_it_is_does_not_leak(run_tap: Runner) -> None:
    with serving(SMALL) as sandbox:
        run = run_tap(config_for(sandbox))
    assert "DEBUG" in run.log
    assert len(run.records) == 20


def test_a_test_that_logs_a_secret_fails(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    pytester.makeconftest("from tests.conftest import pytest_runtest_makereport")
    pytester.makepyfile(
        """
        import logging, pytest
        from tests import leaks

        @pytest.mark.parametrize("text", [leaks.KEYS[0], "nothing"], ids=["a secret", "nothing"])
        def test_it(text):
            logging.getLogger("any").warning("%s", text)
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "--show-capture=no")
    result.assert_outcomes(passed=1, failed=1)
