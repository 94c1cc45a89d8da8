"""Writes the results as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.contenders.contender import Contender
    from benchmarks.results import Section


def markdown(
    machine: Sequence[str],
    contenders: Sequence[Contender],
    of_log: Sequence[Contender],
    sections: Sequence[Section],
) -> str:
    """Return the results as a document.

    Args:
        machine: What they were measured on, a line each.
        contenders: Who fetched calls one by one.
        of_log: Who read the call log.
        sections: The results.
    """
    figures = [figure for section in sections for figure in section.figures]
    parts = [
        (
            "# What tap-vcclive costs\n\nWritten by `make bench`; every figure in the "
            "documentation is one of these."
        ),
        "\n".join(f"- {line}" for line in machine),
        "## Targets",
        _table(
            ("", "target", "figure", "verdict"),
            [(f.what, f.target, f.figure, "met" if f.met else "**missed**") for f in figures],
        ),
        (
            "## Contenders\n\nAll read the same list of calls (`uuid,year,month`) and ask the same "
            "server, one process each; what they write goes to nowhere (dlt: to its files)."
        ),
        _settings(contenders),
        "Those that read the call log are given the days; what they write goes to files.",
        _settings(of_log),
    ]
    for section in sections:
        parts.append(f"## {section.title}\n\n{section.text}")
        if section.rows:
            parts.append(_table(section.header, section.rows))
    return "\n\n".join(parts) + "\n"


def _settings(contenders: Sequence[Contender]) -> str:
    return _table(("", "settings"), [(c.name, c.settings) for c in contenders])


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
