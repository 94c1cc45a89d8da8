"""Brings every document up to date, and names those that were not."""

from __future__ import annotations

import sys

from tools.docs.documents import outdated

if __name__ == "__main__":
    for path, text in outdated().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"Written: {path.name}\n")
