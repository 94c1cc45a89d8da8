"""tap-vcclive: call detail records of VCC Live as Singer messages."""

from __future__ import annotations

__version__ = "0.1.0"
