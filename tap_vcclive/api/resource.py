"""One resource of VCC Live that is asked for, over all its tries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Resource:
    """One resource that is asked for, over all its tries.

    Attributes:
        path: Its path below the address of the API.
        admit: Called with the weight of each answer before it is parsed.
        was_too_large: Whether there has been an answer that was too large.
    """

    def __init__(self, path: str, admit: Callable[[int], None] | None) -> None:
        """Ask for it for the first time."""
        self.path = path
        self.admit = admit
        self.was_too_large = False
