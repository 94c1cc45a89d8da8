"""What the tap owes at the end of a history, and what of it lacks.

A call is owed
- by date, when its day lies within the `start_date` and `end_date` of the last nights, or counted
  as read in the state that they began with (for their projects), as what has been read once is
  looked back to; and when it is of their `project_ids`. All calls are registered within 100
  minutes, so that every look-back, of 0 days as well, reaches them: the last day read is always
  read again. Days that only an earlier `start_date` asked for and that were never read are not
  owed: nobody asks for them any more.
- by a list, when it stands in the list of the last nights, or was pending or missing in any state
  on the way to the last one: it was taken on then.

A call that is owed must have been written. Instead it may
- stand in the state as given up, by its uuid or its day, when a run that ended with status 1 (or
  was killed) has left that in the state: told; but no day that is the last `start_date`, which
  brings it back;
- be one that the server never answers (`Plan.for_good`): then it, or its day, may stand in the
  state as open or pending as well, told likewise, or not be reached yet (the list's position or
  the days read do not speak of it) while the last run ended with status 1;
- be of a day (and project) of which VCC Live has said three times alike within one run that it has
  nothing there, before any call of it was written (or when the state was of other projects, so that
  it is read anew): that is believed. Or of a log without totals of
  which it has said so twice, or twice answered errors or 400, where it may as well have ended.

Nothing may be given up less than a day (a call) or seven days (a day) after it was first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.nights.centre import PAGE
from tests.nights.history import History, Stored
from tests.nights.weather import HARMLESS, CallFault, DayFault
from tests.nights.world import CALLS, CallOfCentre, calls_of, number_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.nights.plans import Plan
    from tests.nights.streams import Stream
    from tests.nights.weather import Fault


def lacking(plan: Plan, stream: Stream) -> list[str]:
    """Live through a history; return what it has lost, a line each."""
    history = History(plan, stream)
    history.nights()
    before = history.stored
    history.last_nights()
    owed = [call for call in CALLS if _is_owed(call, plan, stream, before, history.stored)]
    lost = [f"{name} is given up too early" for name in sorted(map(str, history.too_early))]
    for call in owed:
        if call.uuid not in history.stored.written and not _is_believed(call, history):
            why = _unexcused(call, plan, stream, history)
            if why:
                lost.append(f"call {call.number} of {call.day}, project {call.project}: {why}")
    return lost


def _is_owed(call: CallOfCentre, plan: Plan, stream: Stream, before: Stored, after: Stored) -> bool:
    if stream.scope.has_list and (
        call.number in plan.last_list or call.uuid in before.ever_named | after.ever_named
    ):
        return True
    if not stream.scope.has_days:
        return False
    last, number = plan.last, number_of(call.day)
    if last.projects is not None and call.project not in last.projects:
        return False
    if last.end is not None and number > last.end:
        return False
    is_read = stream.covers(before.bookmark, last.projects)
    return number >= last.start or (is_read and call.day in stream.days_in(before.bookmark))


def _is_believed(call: CallOfCentre, history: History) -> bool:
    return any((call.day, of) in history.believed for of in (None, call.project))


def _unexcused(call: CallOfCentre, plan: Plan, stream: Stream, history: History) -> str | None:
    """Return why a call that is owed and was not written is lost, or None when it is not."""
    state = history.stored
    names = {call.uuid, call.day}
    given_up, left = names & state.named.given_up, names & state.named.left
    if _never_answers(call, plan, stream):
        is_reached = call.day in stream.days_in(state.bookmark) or stream.scope.has_list
        if (given_up | left) & state.told or (not is_reached and history.is_told):
            return None
        return "never answered, and " + ("not told" if given_up | left else "not named")
    if not given_up:
        return "still not read" if left else "neither written nor named"
    if stream.scope.has_days and number_of(call.day) == plan.last.start and call.day in given_up:
        return "given up, and not read although start_date names its day"
    return None if given_up & state.told else "given up, and no run ended with status 1"


def _never_answers(call: CallOfCentre, plan: Plan, stream: Stream) -> bool:
    """Return whether the server never answers for a call, or perhaps never does."""
    return any(_hides(fault, call, plan, stream) for fault in plan.for_good)


def _hides(fault: Fault, call: CallOfCentre, plan: Plan, stream: Stream) -> bool:
    if fault.how in HARMLESS:
        return False
    if isinstance(fault, CallFault):
        return stream.scope.has_calls and call.number in fault.calls
    if not stream.scope.has_days or number_of(call.day) not in fault.days:
        return False
    # What is asked for together with the call.
    project = None if plan.last.projects is None else call.project
    if fault.project is not None and fault.project != project:
        return False
    return fault.row is None or _shares_a_page(call, fault, calls_of(call.day, project))


def _shares_a_page(call: CallOfCentre, fault: DayFault, rows: Iterable[CallOfCentre]) -> bool:
    """Return whether a call can stand on a page with the one whose pages fail.

    Of a day whose first page fails, nothing can be known.
    """
    numbers = [row.number for row in rows]
    if fault.row not in numbers:
        return False
    place, faulty = numbers.index(call.number), numbers.index(fault.row)
    return faulty < PAGE or abs(place - faulty) < PAGE
