"""What becomes of a list of calls from one run to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

Entries = list[dict[str, str]]

_EDITS: Final = ["leave", "append", "replace", "remove", "reorder", "duplicate"]


def edited(calls: Entries, others: Entries, draws: Random) -> Entries:
    """Return a list of calls as it may be before the next run.

    Args:
        calls: The list as it is.
        others: Calls that are not in it yet.
        draws: Decides.
    """
    few = draws.randint(1, 30)
    match draws.choice(_EDITS):
        case "append":
            return calls + others[:few]
        case "replace":
            return others[:few] + calls[few:]
        case "remove":
            return [call for call in calls if draws.random() > 0.05]
        case "reorder":
            return draws.sample(calls, len(calls))
        case "duplicate":
            return calls[:few] + calls + calls[-few:]
        case _:
            return calls
