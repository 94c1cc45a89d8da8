"""What the tests of the log share."""

from __future__ import annotations

import pytest

from tap_vcclive import clock


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait between two askings for what may be nothing."""
    monkeypatch.setattr(clock, "pause", lambda _: None)
