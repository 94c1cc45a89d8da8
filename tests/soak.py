"""How much longer than usual the tests look: the factor of `make soak`."""

from __future__ import annotations

import os
from typing import Final

FACTOR: Final = int(os.environ.get("VCCLIVE_SOAK", "1"))
