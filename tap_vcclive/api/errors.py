"""What can go wrong between the tap and VCC Live, each with the one line that a user reads.

No message holds the API key, a phone number or a part of an answer but VCC Live's own sentence.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

_PLAIN_ABSENCES: Final = frozenset(
    {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND, HTTPStatus.GONE},
)


class VCCLiveError(Exception):
    """VCC Live did not give the answer; unless a stream knows better, the run ends."""


class RefusedError(VCCLiveError):
    """401: the key opens nothing, and asking again will not help.

    Attributes:
        says: VCC Live's own sentence, or None.
    """

    def __init__(self, status: int, resource: str, *, says: str | None = None) -> None:
        """Name the causes that the documentation knows, and what VCC Live says."""
        super().__init__(
            f"VCC Live refuses {resource} ({said(str(status), says)}): the API key is wrong, this "
            "machine's address is not registered with the key, or the key may not read this "
            "resource"
        )
        self.says = says


class ForbiddenError(VCCLiveError):
    """403: the key does not open this resource; it may open others.

    Attributes:
        says: VCC Live's own sentence, or None.
    """

    def __init__(self, resource: str, *, says: str | None = None) -> None:
        """Name the causes that the documentation knows, and what VCC Live says."""
        super().__init__(
            f"VCC Live refuses {resource} ({said('403', says)}): the API key may not read this "
            "resource, or this machine's address is not registered with the key"
        )
        self.says = says


class WrongServerError(VCCLiveError):
    """Not the server asked for: its certificate fails, or none can, or it points to another one."""


class UnreachableError(VCCLiveError):
    """There is no way to VCC Live, and none will be until somebody changes something.

    Where VCC Live has been reached before in the same run, it is a passing fault all the same.

    Attributes:
        fault: What is wrong, as a part of a line.
    """

    def __init__(self, fault: str) -> None:
        """Take a part of the line."""
        super().__init__(f"VCC Live is not reached: {fault}")
        self.fault = fault


class NoAnswerError(VCCLiveError):
    """VCC Live has nothing under this resource: 404, an empty body, or errors and no response.

    Attributes:
        status: The HTTP status; None when errors with a good status say it.
        says: What the errors say, or None when there are none.
        how: In which way it was said: "404", "410", "204", "an empty body" or "errors".
    """

    def __init__(
        self, resource: str, *, status: int | None = None, says: str | None = None
    ) -> None:
        """Name the resource, and the status or what VCC Live says."""
        if status in _PLAIN_ABSENCES:
            self.how, why = str(int(status)), said(f"status {status:d}", says)
        elif says is not None:
            self.how, why = "errors", says
        else:
            self.how = why = "an empty body"
        super().__init__(f"VCC Live has nothing under {resource}: {why}")
        self.status = status
        self.says = says


class OddAnswerError(VCCLiveError):
    """An answer that the contract does not know and that asking again will not mend.

    Attributes:
        status: The HTTP status, or None when it is not what is odd.
        says: VCC Live's own sentence, or None.
    """

    def __init__(self, message: str, *, status: int | None = None, says: str | None = None) -> None:
        """Take the whole line."""
        super().__init__(message)
        self.status = status
        self.says = says


class NoRowsError(OddAnswerError):
    """A page of the log without rows, where its total says that there are some."""


class TooLargeError(OddAnswerError):
    """An answer that would take too much memory, twice."""


class PassingFaultError(VCCLiveError):
    """A fault that may have passed at the next try: 429, 5xx, timeout, broken answer.

    Attributes:
        is_answer: Whether there was an answer, so that the fault may lie in what was asked for.
    """

    def __init__(self, message: str, *, is_answer: bool = False) -> None:
        """Take a part of the line."""
        super().__init__(message)
        self.is_answer = is_answer


class ClosedConnectionError(PassingFaultError):
    """A server closed a connection that it had kept, just as a request left on it."""


class TriesExhaustedError(VCCLiveError):
    """Every try of one request met a passing fault.

    Attributes:
        is_answer: Whether the last of them had an answer, though no useful one.
    """

    def __init__(self, message: str, *, is_answer: bool = False) -> None:
        """Take the whole line."""
        super().__init__(message)
        self.is_answer = is_answer


class ServerFailsError(VCCLiveError):
    """Nothing that was asked for, one after the other, had an answer.

    Attributes:
        fault: What was wrong with the first of them.
        way_out: How to do without what has no answer, where that is not to leave the stream out.
    """

    def __init__(self, fault: VCCLiveError, in_a_row: int) -> None:
        """Say what was wrong with the first of them, and how many there are."""
        others = {1: "", 2: "; nor the one asked for next"}.get(
            in_a_row, f"; nor any of the {in_a_row - 1} asked for next"
        )
        super().__init__(f"{fault}{others}")
        self.fault = fault
        self.way_out: str | None = None


class NoUsefulAnswerError(ServerFailsError):
    """The server answers, but nothing of what was asked for, one after the other."""


def said(status: str, says: str | None) -> str:
    """Return a status with VCC Live's own sentence behind it, if it has one.

    The sentence goes on: it loses its full stop.
    """
    return f"{status}, {says.removesuffix('.')}" if says else status


def bare(error: VCCLiveError) -> VCCLiveError:
    """Return an error without what led to it.

    Errors are kept for a while, and while the next try is waited for: with their tracebacks the
    whole answer would be.
    """
    error.__context__ = None
    return error.with_traceback(None)
