"""The calls with names: one query over the tables of calls, agents, projects and dispositions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from demo.checks import check
from demo.narration import command, result, step, table

if TYPE_CHECKING:
    from demo.pipeline import Pipeline

_JOINED: Final = """
FROM vcclive_sandbox.cdr AS calls
JOIN vcclive_sandbox.projects AS projects USING (projectid)
JOIN vcclive_sandbox.users AS users USING (userid)
JOIN vcclive_sandbox.dispositions AS dispositions USING (projectid, dispositionid)
"""
_QUERY: Final = f"""
SELECT projects.name AS project, users.name AS agent, dispositions.label AS disposition,
       count(*) AS calls, sum(calls.talktime)::bigint AS seconds
{_JOINED.strip()}
GROUP BY 1, 2, 3 ORDER BY calls DESC, seconds DESC LIMIT 5
"""
_COMPARED: Final = f"""
SELECT count(*), count(*) FILTER (WHERE (projects.name, users.name, dispositions.label)
       IS DISTINCT FROM (projectname, userfullname, disposition_label))
{_JOINED.strip()}
"""  # noqa: S608 - put together of what stands in this module


def show(pipeline: Pipeline) -> None:
    """Show which agents have talked how long about what, and check that every name is right."""
    step("Who, where, and with which result: the names were loaded beside the calls")
    command("psql <<'END'")
    for line in _QUERY.strip().splitlines():
        result(line)
    result("END")
    rows = pipeline.database.rows(_QUERY)
    table(("project", "agent", "disposition", "calls", "seconds"), rows)
    ((joined, wrong),) = pipeline.database.rows(_COMPARED)
    ((calls,),) = pipeline.database.rows(
        "SELECT count(*) FROM vcclive_sandbox.cdr WHERE userid <> -1"
    )
    check(joined == calls, f"{joined} of {calls} calls with an agent have all their names")
    check(wrong == 0, f"{wrong} calls have other names than VCC Live says")
    result(f"All {calls} calls that had an agent have found their names.")
