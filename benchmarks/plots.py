"""Draws the two plots of the README, both axes logarithmic; in the environment of the group bench.

`python -m benchmarks.plots FOLDER < curves.json`
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    Curves = Mapping[str, list[tuple[float, float]]]

_SIZE: Final = (7.0, 4.0)
_STYLES: Final = ("o-", "s--", "^:")
_MARKS: Final = tuple(digit * 10.0**power for power in range(-3, 4) for digit in (1, 2, 5))
_TIMES: Final = "\N{MULTIPLICATION SIGN}"


# What stands across and up, of each plot.
_AXES: Final = {
    "cost-per-call": ("calls in the run", "milliseconds a call"),
    "time-against-concurrency": ("requests in flight", "seconds"),
}


def main(folder: str) -> None:
    """Draw the plots whose curves come in as JSON, by their names, into a folder."""
    for name, curves in json.load(sys.stdin).items():
        _draw(Path(folder, f"{name}.svg"), curves, *_AXES[name])


def _draw(path: Path, curves: Curves, across: str, up: str) -> None:
    # Text stays text, and the same figures give the same file.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": path.stem}):
        figure = Figure(figsize=_SIZE, layout="constrained")
        axes = figure.subplots()
        for style, (name, points) in zip(_STYLES, curves.items(), strict=False):
            axes.plot(*zip(*points, strict=True), style, label=name.replace(" x ", f" {_TIMES} "))
        axes.set_xscale("log")
        axes.set_yscale("log")
        ticks = sorted({x for points in curves.values() for x, _ in points})
        axes.set_xticks(ticks, [f"{x:,.0f}" for x in ticks])
        axes.set_xticks([], minor=True)
        ups = [y for points in curves.values() for _, y in points]
        marks = [mark for mark in _MARKS if min(ups) / 2 <= mark <= max(ups) * 2]
        axes.set_yticks(marks, [f"{mark:g}" for mark in marks])
        axes.set_yticks([], minor=True)
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.grid(visible=True, alpha=0.3)
        axes.legend()
        figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
