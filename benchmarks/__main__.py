"""Runs all measurements and writes the results next to this file: `python -m benchmarks`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import machine, processes, report
from benchmarks.bench import Bench
from benchmarks.contenders.contender import BENCH_PYTHON
from benchmarks.contenders.log_registry import LOG_CONTENDERS
from benchmarks.contenders.registry import CONTENDERS
from benchmarks.measurements import (
    call_log,
    ceiling,
    concurrency,
    growth,
    latency,
    politeness,
    records,
    restart,
    startup,
    throughput,
)
from benchmarks.sizes import Sizes

if TYPE_CHECKING:
    from benchmarks.results import Section

_HERE: Final = Path(__file__).parent
_MEASUREMENTS: Final = (
    ceiling,
    latency,
    throughput,
    growth,
    restart,
    records,
    call_log,
    concurrency,
    startup,
    politeness,
)


def _measure(bench: Bench) -> dict[str, Section]:
    sections = {}
    for measurement in _MEASUREMENTS:
        name = measurement.__name__.rpartition(".")[2]
        begun = time.monotonic()
        sections[name] = section = measurement.measure(bench)
        sys.stderr.write(f"{name}: {time.monotonic() - begun:.0f} seconds\n")
        for figure in section.figures:
            verdict = "met" if figure.met else "MISSED"
            sys.stderr.write(f"  {figure.what}: {figure.figure} ({figure.target}) {verdict}\n")
    return sections


def main() -> None:
    """Measure everything; needs every contender to be installed."""
    if not all(contender.is_installed for contender in (*CONTENDERS, *LOG_CONTENDERS)):
        sys.exit("not every contender is installed: run `make bench`")
    load = machine.load()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, processes.serving() as server:
        sections = _measure(Bench(server, Path(folder), Sizes()))
    about = [
        *machine.description(),
        f"Duration: {time.monotonic() - begun:.0f} seconds",
        f"Processes that were busy on the machine in the minute before: {load:.1f}",
    ]
    text = report.markdown(about, CONTENDERS, LOG_CONTENDERS, [*sections.values()])
    (_HERE / "RESULTS.md").write_text(text)
    curves = {
        "cost-per-call": sections["growth"].curves,
        "time-against-concurrency": sections["concurrency"].curves,
    }
    subprocess.run(  # noqa: S603 - our own module, no shell
        [BENCH_PYTHON, "-m", "benchmarks.plots", str(_HERE)],
        cwd=_HERE.parent,
        input=json.dumps(curves),
        text=True,
        check=True,
    )


if __name__ == "__main__":
    main()
