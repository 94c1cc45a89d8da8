"""What the contenders that are made with dlt share: its settings, and its extraction to files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import dlt

if TYPE_CHECKING:
    from benchmarks.contenders.work import Work


def extract(source: Any, work: Work) -> None:  # noqa: ANN401 - dlt is not there when types are checked
    """Extract a source to dlt's own files, in threads, as many as requests may be in flight."""
    os.environ["EXTRACT__WORKERS"] = str(work.concurrency)
    # As many again may wait for a thread, or the threads would wait for the next item.
    os.environ["EXTRACT__MAX_PARALLEL_ITEMS"] = str(2 * work.concurrency)
    # The others do not compress either.
    os.environ["DATA_WRITER__DISABLE_COMPRESSION"] = "true"
    pipeline = dlt.pipeline(
        "benchmark", pipelines_dir=str(work.folder), destination="filesystem", dataset_name="calls"
    )
    pipeline.extract(source)
