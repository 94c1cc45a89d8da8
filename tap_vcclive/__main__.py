"""`python -m tap_vcclive`: the same as the command `tap-vcclive`."""

from __future__ import annotations

from tap_vcclive.tap import TapVCCLive

TapVCCLive.cli()
