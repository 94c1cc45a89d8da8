"""Any order of runs, interruptions, late calls, faults and edits, on the runs without a network.

hypothesis looks for an order that loses a call, or that leads to a state which is not true.
"""

from __future__ import annotations

import json
import logging
import sys
from contextlib import closing
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tap_vcclive.api.errors import VCCLiveError
from tap_vcclive.call_log.run import CallLogRun
from tap_vcclive.cdr.run import CallsRun
from tests.call_log.logs import settings as settings_of_tap
from tests.interruptions.centre import (
    CALLS,
    FIRST_DAY,
    LAST_DAY,
    Centre,
    day_of,
    entry_of,
    logged,
    start_of,
    uuid_of,
)
from tests.interruptions.edits import Entries, edited
from tests.interruptions.targets import Stored
from tests.interruptions.truth import Known, untruths
from tests.runs import aged
from tests.soak import FACTOR

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from random import Random

    from tap_vcclive.api.client import Client
    from tap_vcclive.settings.typed import Settings

SOAKING: Final = settings(max_examples=100 * FACTOR, stateful_step_count=15, deadline=None)
SILENT: Final = logging.getLogger("silent")
SILENT.setLevel(logging.CRITICAL + 1)
# So far apart that whatever has failed is due again.
BETWEEN_RUNS: Final = timedelta(hours=2)
# Few enough to be reached, in a list; a day of the log that is given up would be lost rightly.
MOST_ATTEMPTS: Final = 3
LEAST_TIME: Final = timedelta(hours=24)
UNREACHED_ATTEMPTS: Final = 1000
# The second for what the first has left pending or open; the third has nothing left to find.
WHOLE_RUNS: Final = 3

some_calls = st.sets(st.integers(0, CALLS - 1), max_size=8)
some_days = st.sets(st.integers(0, 4).map(lambda n: FIRST_DAY + timedelta(days=n)), max_size=2)


class Interruptions(RuleBasedStateMachine):
    """What happens to runs, whatever they read.

    A kill is a run that goes no further: the state is one of those that have been saved.

    Attributes:
        stream: The stream that the runs are of.
        centre: What answers them.
        stored: The STATE that the next run begins with.
        known: What a STATE can speak of.
        lookback: The setting `lookback_days`.
        from_log: Whether the calls of the log are read.
    """

    stream: str
    lookback = 0
    from_log = True

    def __init__(self) -> None:
        """Begin without a state."""
        super().__init__()
        self.centre = Centre()
        self.stored = Stored({}, {})
        self.known = Known()
        self.known.add_late(*map(logged, range(CALLS)))
        self._arrived: list[Stored] = []

    @initialize(late=some_calls, lookback=st.integers(0, 2))
    def some_calls_are_late(self, late: set[int], lookback: int) -> None:
        """Let some calls be registered later, or never."""
        self.centre.registered -= late
        self.lookback = lookback
        self.known.add_logged(map(logged, self.centre.registered))

    @rule(calls=some_calls)
    def calls_register(self, calls: set[int]) -> None:
        """Let calls register, as far as the look-back reaches if the log is read."""
        in_time = {call for call in calls if not self.from_log or self._is_in_time(day_of(call))}
        self.centre.registered |= in_time

    def _is_in_time(self, day: date) -> bool:
        log = self._log()
        is_new = log.get("last_day") is None
        if is_new or day.isoformat() in {one["day"] for one in log["open_days"]}:
            return True
        spans = [log, *log["earlier"]]
        is_read = any(s["first_day"] <= day.isoformat() <= s["last_day"] for s in spans)
        last = date.fromisoformat(log["last_day"])
        return not is_read or day >= last - timedelta(days=self.lookback)

    def _log(self) -> dict[str, Any]:
        """Return what the stored state says of the log."""
        bookmark: dict[str, Any] = self.stored.state.get("bookmarks", {}).get(self.stream, {})
        return bookmark

    @rule(calls=some_calls, days=some_days)
    def requests_fail(self, calls: set[int], days: set[date]) -> None:
        """Let some requests have no answer from now on, and others have one again."""
        self.centre.failing, self.centre.failing_days = calls, days

    @rule()
    def the_server_is_down(self) -> None:
        """Let nothing have an answer."""
        self.centre.is_down = True

    @rule()
    def the_server_recovers(self) -> None:
        """Let everything have an answer."""
        self.centre.recover()

    @rule(moves=st.integers(0, 4))
    def rows_move(self, moves: int) -> None:
        """Let the rows of the log move while it is read."""
        self.centre.moves = moves

    @rule(calls=some_calls)
    def the_last_day_grows(self, calls: set[int]) -> None:
        """Let calls of the last day register while it is read."""
        self.centre.growing = {call for call in calls if day_of(call) == LAST_DAY}

    @rule(
        stop_after=st.integers(0, 70),
        save_every=st.integers(1, 30),
        is_kill=st.booleans(),
        back=st.integers(0, 2),
    )
    def a_run_is_interrupted(
        self, stop_after: int, save_every: int, back: int, *, is_kill: bool
    ) -> None:
        """Run, and end after so many records: by force, or told to; store one of the states."""
        self._run(stop_after, save_every, is_kill=is_kill)
        self.stored = self._arrived[-1 - min(back, len(self._arrived) - 1)]

    @rule(days=st.integers(1, 9))
    def days_pass(self, days: int) -> None:
        """Let time pass until the next run; what has failed until then is given up."""
        self._let_pass(timedelta(days=days))

    @rule()
    def whole_runs_leave_nothing_out(self) -> None:
        """Run to the end with all in order; what is registered and wanted is there then."""
        self.centre.recover()
        self.centre.growing = set()
        for _ in range(WHOLE_RUNS):
            self._run()
            self.stored = self._arrived[-1]
        written = {uuid for _, uuid in self.stored.written}
        registered = set(map(uuid_of, self.centre.registered))
        assert (self._wanted() & registered) - written - self._given_up() == set()
        bookmark = self.stored.state["bookmarks"][self.stream]
        assert registered.isdisjoint(entry["uuid"] for entry in bookmark.get("pending", []))

    def teardown(self) -> None:
        """End as every history has to end."""
        self.whole_runs_leave_nothing_out()

    @invariant()
    def the_state_is_small(self) -> None:
        """Check that the state is no larger than what is open needs."""
        state = json.dumps(self.stored.state)
        assert len(state) < 1500 + 220 * state.count('"attempts"') + 60 * len(self._given_up())

    def _let_pass(self, time: timedelta) -> None:
        self.centre.time += time
        self.stored = self.stored._replace(state=aged(self.stored.state, time))

    def _run(
        self, stop_after: int | None = None, save_every: int = 20, *, is_kill: bool = False
    ) -> None:
        """Run from the stored state; keep the states that arrive, and check each of them."""
        self._let_pass(BETWEEN_RUNS)
        self._arrived = [self.stored]
        written = dict(self.stored.written)
        self.centre.begin()
        state = json.loads(json.dumps(self.stored.state.get("bookmarks", {}).get(self.stream, {})))
        run = self._new_run()
        run.begin(state)

        def save() -> None:
            run.save(state)
            value = json.loads(json.dumps({"bookmarks": {self.stream: state}}))
            assert untruths(value, written, self.known) == []
            self._arrived.append(Stored(value, dict(written)))

        try:
            with closing(self._records(run, save, save_every)) as records:
                for number, uuid in enumerate(records):
                    if number == stop_after:
                        if is_kill:
                            return
                        run.stop()
                    if uuid is not None:
                        written[self.stream, uuid] = start_of(int(uuid[:8], 16))
        except VCCLiveError:
            pass  # as a stream does: with a last state
        save()

    def _settings(self, **more: Any) -> Settings:  # noqa: ANN401 - any setting
        return settings_of_tap(
            "http://127.0.0.1:1/v2",
            start_date=FIRST_DAY.isoformat(),
            end_date=LAST_DAY.isoformat(),
            retry_minutes=0,
            lookback_days=self.lookback,
            max_concurrency=2,
            **more,
        )

    def _new_run(self) -> CallsRun | CallLogRun:
        """Return a run that has not begun."""
        raise NotImplementedError

    def _records(
        self,
        run: Any,  # noqa: ANN401 - CallsRun or CallLogRun
        save: Callable[[], None],
        save_every: int,
    ) -> Generator[str | None, None, None]:
        """Yield the uuid of each record of a run, as a stream writes them, or None without one."""
        raise NotImplementedError

    def _wanted(self) -> set[str]:
        """Return the uuids of the calls that the settings ask for."""
        return set(map(uuid_of, range(CALLS)))

    def _given_up(self) -> set[str]:
        """Return the uuids of the calls that have rightly been given up."""
        return set()


class OneByOne(Interruptions):
    """Calls of a list, or of a list and the log, fetched one by one."""

    stream = "cdr"

    def __init__(self) -> None:
        """Begin with an empty list."""
        super().__init__()
        self.list: Entries = []

    @initialize(from_log=st.booleans(), calls=st.integers(0, 40))
    def there_is_a_list(self, calls: int, *, from_log: bool) -> None:
        """Begin with a list."""
        self.from_log = from_log
        self.list = list(map(entry_of, range(calls)))
        self.known.add_list(self.list)

    @rule(draws=st.randoms(use_true_random=False))
    def the_list_is_edited(self, draws: Random) -> None:
        """Append to the list, replace its beginning, and so on."""
        others = [entry for entry in map(entry_of, range(CALLS)) if entry not in self.list]
        self.list = edited(self.list, others, draws)
        self.known.add_list(self.list)

    @rule(calls=st.lists(st.integers(0, CALLS - 1), max_size=20))
    def the_list_is_replaced(self, calls: list[int]) -> None:
        """Have another list."""
        self.list = list(map(entry_of, calls))
        self.known.add_list(self.list)

    @override
    def _log(self) -> dict[str, Any]:
        log: dict[str, Any] = super()._log().get("log", {})
        return log

    @override
    def _new_run(self) -> CallsRun:
        attempts = UNREACHED_ATTEMPTS if self.from_log else MOST_ATTEMPTS
        settings = self._settings(
            calls=self.list, calls_from_log=self.from_log, max_attempts=attempts
        )
        return CallsRun(settings, cast("Client", self.centre), SILENT)

    @override
    def _records(
        self, run: CallsRun, save: Callable[[], None], save_every: int
    ) -> Generator[str | None, None, None]:
        with closing(run.answers(None)) as answers:
            for number, (_, answer) in enumerate(answers):
                if number and number % save_every == 0:
                    save()
                yield answer.uuid

    @override
    def _wanted(self) -> set[str]:
        return super()._wanted() if self.from_log else {entry["uuid"] for entry in self.list}

    @override
    def _given_up(self) -> set[str]:
        missing = set(super()._log().get("missing", []))
        centre = self.centre
        assert all(centre.unanswered[uuid] >= MOST_ATTEMPTS for uuid in missing)
        assert all(centre.time - centre.asked_first[uuid] >= LEAST_TIME for uuid in missing)
        return missing


class ByTheDay(Interruptions):
    """Days of the log."""

    stream = "cdr_log"

    @override
    def _new_run(self) -> CallLogRun:
        settings = self._settings(max_attempts=UNREACHED_ATTEMPTS)
        return CallLogRun(settings, cast("Client", self.centre), SILENT)

    @override
    def _records(
        self, run: CallLogRun, save: Callable[[], None], save_every: int
    ) -> Generator[str | None, None, None]:
        with closing(run.days()) as days:
            for number, day in enumerate(days):
                if number and number % (save_every % 3 + 1) == 0:
                    save()
                yield from (row[0] for row in day.rows() if isinstance(row, tuple))


TestOneByOne = OneByOne.TestCase
TestOneByOne.settings = SOAKING
TestByTheDay = ByTheDay.TestCase
TestByTheDay.settings = SOAKING
