"""What the measurements come to."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """A figure that has a target.

    Attributes:
        what: What was measured.
        target: What it should be, as text.
        figure: What it is, as text.
        met: Whether it is what it should be.
    """

    what: str
    target: str
    figure: str
    met: bool


@dataclass(frozen=True)
class Section:
    """What one measurement comes to.

    Attributes:
        title: What it was about.
        text: How it was measured.
        figures: Its figures that have targets.
        header: Titles of the columns of its table; no table without them.
        rows: The table.
        curves: Lines for plots by name, each a list of points.
    """

    title: str
    text: str
    figures: tuple[Figure, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    curves: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
