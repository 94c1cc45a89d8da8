"""The second part: calls named one by one in a list, with late ones that a second run fetches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.checks import check
from demo.narration import command, result, step
from demo.sandbox import sandbox, write_calls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.pipeline import Pipeline

CALLS = ("--days", "3", "--calls-per-day", "200")
LATE = ("--late-rate", "0.05")


def show(pipeline: Pipeline) -> None:
    """Load the calls of a list twice."""
    step("A list of calls, and a stand-in where one in twenty registers late")
    command(" ".join(("vcclive-sandbox serve", *CALLS, *LATE)))
    with sandbox((*CALLS, *LATE)) as api_url:
        result(f"It answers at {api_url}")
        command(" ".join(("vcclive-sandbox calls", *CALLS, "> calls.csv")))
        calls_file = pipeline.folder / "calls.csv"
        calls = write_calls(CALLS, calls_file)
        result(f"{len(calls)} calls, each with its uuid, year and month.")
        settings = {
            "TAP_VCCLIVE_API_URL": api_url,
            "TAP_VCCLIVE_CALLS_FILE": str(calls_file),
        }

        step("The first run: every call that is registered")
        command("unset TAP_VCCLIVE_START_DATE; export TAP_VCCLIVE_CALLS_FILE=calls.csv")
        late = _first_run(pipeline, settings, set(calls))

        step("The second run: the late calls")
        _second_run(pipeline, settings, set(calls), late)


def _first_run(pipeline: Pipeline, settings: Mapping[str, str], calls: set[str]) -> set[str]:
    """Load the calls that are registered, and return the uuids of the others."""
    pipeline.run(settings)
    loaded = {uuid for (uuid,) in pipeline.database.rows("SELECT uuid FROM vcclive_sandbox.cdr")}
    late = calls - loaded
    waiting = pipeline.bookmark("cdr").get("pending", [])
    check(bool(late), "no call registers late, so a second run has nothing to show")
    check(loaded <= calls, "rows arrived that are no calls of the list")
    check({call["uuid"] for call in waiting} == late, "the state waits for other calls")
    result(f"PostgreSQL has {len(loaded)} of {len(calls)} calls:")
    pipeline.show_rows("cdr")
    result(f"The other {len(late)} are not registered yet. They wait in the tap's state.")
    return late


def _second_run(
    pipeline: Pipeline, settings: Mapping[str, str], calls: set[str], late: set[str]
) -> None:
    """Run the same once more: the late calls arrive, and only they are fetched."""
    pipeline.run(settings, "the same command")
    (_, first), (_, second) = pipeline.database.rows(
        "SELECT _sdc_sync_started_at, array_agg(uuid) FROM vcclive_sandbox.cdr "
        "GROUP BY 1 ORDER BY 1"
    )
    check(set(second) == late, "the second run loaded other calls than the late ones")
    check({*first, *second} == calls, "the rows are not the calls of the list")
    check(len(first) + len(second) == len(calls), "a call has more than one row")
    result(f"It fetched the {len(second)} late calls and none of the {len(first)} others.")
    result(f"PostgreSQL has all {len(calls)} calls, each of them once.")
