"""What can go wrong between the tap and VCC Live, each with the one line that a user reads.

No message holds the API key, a phone number or a part of an answer.
"""

from __future__ import annotations


class VCCLiveError(Exception):
    """VCC Live did not give the answer; unless a stream knows better, the run ends."""


class RefusedError(VCCLiveError):
    """401 or 403: the key does not open this resource, and asking again will not help."""

    def __init__(self, status: int, resource: str) -> None:
        """Name the three causes that the documentation knows."""
        super().__init__(
            f"VCC Live refuses {resource} ({status}): the API key is wrong, this machine's "
            "address is not registered with the key, or the key may not read this resource"
        )


class WrongServerError(VCCLiveError):
    """Not the server asked for: its certificate fails, or it points to another one."""


class NoAnswerError(VCCLiveError):
    """VCC Live has nothing under this resource: 404, an empty body, or errors and no response.

    Attributes:
        status: The HTTP status; None when errors say it.
        says: What the errors say, or None.
    """

    def __init__(
        self, resource: str, *, status: int | None = None, says: str | None = None
    ) -> None:
        """Name the resource and the status or what VCC Live says."""
        super().__init__(f"VCC Live has nothing under {resource}: {says or f'status {status}'}")
        self.status = status
        self.says = says


class OddAnswerError(VCCLiveError):
    """An answer that the contract does not know and that asking again will not mend."""


class PassingFaultError(VCCLiveError):
    """A fault that may have passed at the next try: 429, 5xx, timeout, broken answer."""


class TriesExhaustedError(VCCLiveError):
    """Every try of one request met a passing fault."""


class ServerFailsError(VCCLiveError):
    """Nothing that was asked for, one after the other, had an answer."""

    def __init__(self, fault: VCCLiveError, in_a_row: int) -> None:
        """Say what was wrong with the first of them, and how many there are."""
        others = {1: "", 2: "; nor the one asked for next"}.get(
            in_a_row, f"; nor any of the {in_a_row - 1} asked for next"
        )
        super().__init__(f"{fault}{others}")
