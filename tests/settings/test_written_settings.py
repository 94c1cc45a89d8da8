"""Settings of the environment and of files, as people have them: empty, padded, marked."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.catalogs import CALLS, selecting
from tests.runs import config_for
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from tests.runs import Runner

EXAMPLE = Path(__file__).parents[2] / ".env.example"
FEW = Options(days=1, calls_per_day=3)
MARK = "\ufeff"


def test_the_example_works_with_every_comment_sign_taken_away(run_tap: Runner) -> None:
    example = re.sub(r"(?m)^#(?=[A-Z_]+=)", "", EXAMPLE.read_text())
    assert len(re.findall("(?m)^TAP_VCCLIVE_", example)) > 20
    run_tap.path(".env").write_text(example)
    with serving(FEW) as sandbox:
        config = config_for(sandbox, start_date=FEW.first_day.isoformat())
        given = {f"TAP_VCCLIVE_{name.upper()}": str(value) for name, value in config.items()}
        run = run_tap.run(run_tap.command("--config=ENV"), given)
    assert (run.status, len(run.records)) == (0, 3)
    missing = run_tap.run(run_tap.command("--config=ENV"))
    assert missing.status == 1
    assert sorted(missing.errors) == [
        "api_key: must be set",
        "customer: must be set",
    ]


def test_white_space_is_no_part_of_a_value_and_an_empty_one_sets_nothing(run_tap: Runner) -> None:
    with serving(FEW) as sandbox:
        day = FEW.first_day.isoformat()
        config = config_for(sandbox, start_date="2000-01-01", project_ids=[99], timezone=None)
        given = {
            "TAP_VCCLIVE_CUSTOMER": f" {sandbox.customer}\n",
            "TAP_VCCLIVE_API_KEY": f"{sandbox.api_key}\r\n",
            "TAP_VCCLIVE_API_URL": f"{sandbox.api_url} ",
            "TAP_VCCLIVE_START_DATE": f"{day}\n",
            "TAP_VCCLIVE_END_DATE": "",
            "TAP_VCCLIVE_TIMEZONE": " Europe/Budapest ",
            "TAP_VCCLIVE_PROJECT_IDS": "1, 2\n",
            "TAP_VCCLIVE_MAX_TRIES": " 2 ",
            "TAP_VCCLIVE_CALLS_FROM_LOG": " false ",
            "TAP_VCCLIVE_RETRY_MINUTES": "",
            "TAP_VCCLIVE_STREAM_MAPS": "",
        }
        files = [run_tap.file("config.json", config), run_tap.file("c.json", selecting(CALLS))]
        command = run_tap.command("--config", files[0], "--config=ENV", "--catalog", files[1])
        run = run_tap.run(command, given)
    assert run.status == 0
    assert run.log_bookmark["project_ids"] == [1, 2]
    assert run.log_bookmark["first_day"] == day


def test_files_with_a_byte_order_mark_are_read(run_tap: Runner) -> None:
    with serving(FEW) as sandbox:
        config = config_for(sandbox)
        state = run_tap(config).state
        files = {
            "config": json.dumps(config),
            "state": json.dumps(state),
            "catalog": json.dumps(selecting(CALLS)),
        }
        arguments = []
        for name, text in files.items():
            run_tap.path(name).write_text(MARK + text, encoding="utf-8")
            arguments += [f"--{name}", name]
        again = run_tap.run(run_tap.command(*arguments))
        assert len(sandbox.requests) == 3  # those of the first run
    assert (again.status, again.errors) == (0, [])


def test_a_start_date_in_the_future_is_a_warning(run_tap: Runner) -> None:
    with serving(FEW) as sandbox:
        run = run_tap(config_for(sandbox, start_date="9999-12-31", end_date="9999-12-31"))
        assert sandbox.requests == []
    assert run.status == 0
    (line,) = [line for line in run.log.splitlines() if "| WARNING " in line]
    assert "start_date 9999-12-31 lies in the future" in line
