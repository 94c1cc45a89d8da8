"""What keeps one stream from being read keeps no other from it, but for what holds for all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from tests.runs import Run, Runner, entries, log_config_for
from vcclive_sandbox.server import Options, serving

if TYPE_CHECKING:
    from collections.abc import Mapping

CENTRE: Final = Options(first_day=date(2024, 3, 4), days=3, calls_per_day=15)
LISTED: Final = 12
ALL: Final = 45
REFUSED: Final = "403, This key may not read this resource"
DOWN: Final = "status 500, Internal error"
PAGES: Final = {f"/cdrs/2024/03/{day:02}": ["500*"] for day in (4, 5, 6)}


class Case(NamedTuple):
    """What is wrong, and what comes of it.

    Attributes:
        cdr: How many calls `cdr` loads.
        cdr_log: How many calls `cdr_log` loads.
        errors: Parts of the lines that are errors, in order.
        forbidden: What the key does not open.
        force: What always fails; of every call where it is `CALLS`.
        settings: Settings besides.
    """

    cdr: int
    cdr_log: int
    errors: tuple[tuple[str, ...], ...]
    forbidden: str | None = None
    force: Mapping[str, list[str]] = {}
    settings: Mapping[str, Any] = {}


CALLS: Final = {"calls": ["500*"]}
FROM_LOG: Final = {"calls_from_log": True}
WITHOUT_CDR: Final = "deselect the stream: select_filter: ['!cdr'] in Meltano"
WITHOUT_LOG: Final = "deselect the stream: select_filter: ['!cdr_log'] in Meltano"
NO_CALL: Final = ("does not answer /cdr/", DOWN)
NO_PAGE: Final = ("does not answer /cdrs/", DOWN)

CASES: Final = {
    "calls are refused": Case(0, ALL, (("/cdr/", REFUSED, WITHOUT_CDR),), forbidden="/cdr/"),
    "the log is refused": Case(LISTED, 0, (("/cdrs/", REFUSED, WITHOUT_LOG),), forbidden="/cdrs/"),
    "all is refused": Case(
        0, 0, (("/cdr/", REFUSED, WITHOUT_CDR), ("/cdrs/", REFUSED, WITHOUT_LOG)), forbidden="/cdr"
    ),
    "calls fail": Case(0, ALL, (NO_CALL,), force=CALLS),
    "the log fails": Case(LISTED, 0, (NO_PAGE,), force=PAGES),
    "all fails": Case(0, 0, (NO_CALL, (*NO_PAGE, "after 1 try")), force={"": ["500*"]}),
    "nothing listens": Case(
        0, 0, (("/cdr/",), ("/cdrs/", "after 1 try")), settings={"api_url": "http://127.0.0.1:1/v2"}
    ),
    "the key opens nothing": Case(0, 0, (("401",),), settings={"api_key": "wrong"}),
    "calls of list and log are refused": Case(
        0, ALL, (("/cdr/", REFUSED, WITHOUT_CDR),), forbidden="/cdr/", settings=FROM_LOG
    ),
    "the log of both is refused": Case(
        LISTED,
        0,
        (("/cdrs/", REFUSED, "set calls_from_log to false"), ("/cdrs/", REFUSED, WITHOUT_LOG)),
        forbidden="/cdrs/",
        settings=FROM_LOG,
    ),
    "calls of list and log fail": Case(0, ALL, (NO_CALL,), force=CALLS, settings=FROM_LOG),
    "the log of both fails": Case(LISTED, 0, (NO_PAGE, NO_PAGE), force=PAGES, settings=FROM_LOG),
}


def of(run: Run, stream: str) -> int:
    """Return how many records of a stream there are."""
    return sum(m["type"] == "RECORD" and m["stream"] == stream for m in run.messages)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_stream_that_ends_with_an_error_keeps_no_other_from_running(
    run_tap: Runner, case: Case
) -> None:
    with serving(CENTRE) as sandbox:
        calls = {call.uuid: ["500*"] for call in sandbox.calls}
    force = calls if case.force is CALLS else case.force
    with serving(replace(CENTRE, forbidden=case.forbidden, force=force)) as sandbox:
        config = log_config_for(sandbox, calls=entries(sandbox)[:LISTED], max_tries=2)
        run = run_tap({**config, **case.settings})
    assert run.status == 1
    assert (of(run, "cdr"), of(run, "cdr_log")) == (case.cdr, case.cdr_log)
    assert len(run.errors) == len(case.errors)
    for line, parts in zip(run.errors, case.errors, strict=True):
        assert all(part in line for part in parts)
    # What has been had stands in the state, and what has not does not.
    if case.cdr:
        assert run.bookmark["position"]["calls"] == LISTED
    if case.cdr_log:
        assert run.log_bookmark["last_day"] == "2024-03-06"


def test_calls_that_have_failed_are_asked_for_again_though_the_log_is_refused(
    run_tap: Runner,
) -> None:
    """They come last, behind the calls of the log."""
    with serving(CENTRE) as sandbox:
        bad = [call.uuid for call in sandbox.calls][3]
    with serving(replace(CENTRE, force={bad: ["500*"]})) as sandbox:
        listed = entries(sandbox)[:LISTED]
        first = run_tap(log_config_for(sandbox, calls=listed, max_tries=1))
    with serving(replace(CENTRE, forbidden="/cdrs/")) as sandbox:
        config = log_config_for(sandbox, calls=listed, calls_from_log=True)
        second = run_tap(config, first.state)
    assert second.uuids == [bad]
    assert second.bookmark["pending"] == []
    assert [REFUSED in line for line in second.errors] == [True, True]
