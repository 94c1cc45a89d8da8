"""Which fault a request meets: by chance, or as planned for its path."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vcclive_sandbox.dice import dice
from vcclive_sandbox.fault_names import ALWAYS

if TYPE_CHECKING:
    from vcclive_sandbox.options import Options


class Fault(NamedTuple):
    """A fault that a request meets.

    Attributes:
        name: Its name.
        stays: Whether it was planned to stay, whatever number of requests come.
    """

    name: str
    stays: bool = False


class FaultPlan:
    """Which fault each request meets."""

    def __init__(self, options: Options) -> None:
        """Prepare to draw by the rates, and to follow the forced faults."""
        self._names = list(options.faults.rates)
        self._rates = list(options.faults.rates.values())
        self._draws = dice(options.seed, "faults")
        self._forced = {end: list(names) for end, names in options.force.items()}

    def next(self, path: str, query: str) -> Fault | None:
        """Return the fault that this request meets, if any."""
        for end, names in self._forced.items():
            if names and _is_meant(end, path, query):
                if names[0].endswith(ALWAYS):
                    return Fault(names[0].removesuffix(ALWAYS), stays=True)
                return Fault(names.pop(0))
        if not self._names:
            return None
        draw = self._draws.random()
        for name, rate in zip(self._names, self._rates, strict=True):
            if draw < rate:
                return Fault(name)
            draw -= rate
        return None


def _is_meant(end: str, path: str, query: str) -> bool:
    """Return whether a path ends so, and the query has all the options that stand behind it."""
    end_of_path, _, options = end.partition("?")
    return path.endswith(end_of_path) and (
        not options or set(options.split("&")) <= set(query.split("&"))
    )
