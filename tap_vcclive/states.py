"""What the states of all streams share: the error for one that this tap has not written."""

from __future__ import annotations


class BadStateError(ValueError):
    """A state that this tap has not written, or not like this."""

    def __init__(self, stream: str, what: str) -> None:
        """Say whose state it is and what is wrong with it."""
        super().__init__(f"The state of the stream {stream} cannot be used: {what}")
