"""Telling a server that fails from what fails by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tap_vcclive.api.errors import (
    ForbiddenError,
    NoAnswerError,
    NothingOfUseError,
    OddAnswerError,
    ServerFailsError,
    TriesExhaustedError,
)
from tap_vcclive.api.outage import Outage, Sign, sign_of_life

if TYPE_CHECKING:
    from tap_vcclive.api.errors import VCCLiveError

SILENT = TriesExhaustedError("silent")
REFUSED = ForbiddenError("/cdr/x")


class Settled:
    """An outage whose looks have a sign of the test's choice, and what was settled."""

    def __init__(self, sign: Sign) -> None:
        """Begin with nothing asked for."""
        self.number = self.looks = 0
        self._sign = sign
        self.outage = Outage(self._look)

    def _look(self) -> Sign:
        self.looks += 1
        return self._sign

    def fail(self, fault: VCCLiveError, times: int = 1) -> None:
        """Have something fail so many times."""
        for _ in range(times):
            self.outage.failed(fault, self._settle)

    def _settle(self) -> None:
        self.number += 1


def test_what_fails_before_or_after_an_answer_is_settled_without_a_look() -> None:
    one = Settled(Sign.SILENCE)
    one.fail(SILENT, 10)
    one.fail(REFUSED)
    assert one.number == 0
    one.outage.answered()
    assert one.number == 11
    one.fail(REFUSED)
    assert one.number == 12
    one.fail(SILENT)
    one.outage.end()
    assert (one.number, one.looks) == (13, 0)


@pytest.mark.parametrize("sign", [Sign.USEFUL, Sign.REFUSAL, Sign.SILENCE, Sign.UNKNOWN])
def test_eleven_without_an_answer_are_a_reason_to_look(sign: Sign) -> None:
    one = Settled(sign)
    one.fail(SILENT, 10)
    assert one.looks == 0
    if sign in {Sign.SILENCE, Sign.UNKNOWN}:
        with pytest.raises(ServerFailsError, match="silent; nor any of the 10") as caught:
            one.fail(SILENT)
        assert not isinstance(caught.value, NothingOfUseError)
        return
    one.fail(SILENT)
    assert one.looks == 1
    assert one.number == (11 if sign is Sign.USEFUL else 0)
    one.outage.answered()
    assert one.number == 11


@pytest.mark.parametrize("sign", [Sign.REFUSAL, Sign.SILENCE, Sign.UNKNOWN])
def test_a_hundred_that_are_refused_from_the_start_end_the_stream(sign: Sign) -> None:
    one = Settled(sign)
    one.fail(REFUSED, 99)
    assert one.looks == 0
    with pytest.raises(NothingOfUseError, match="nor any of the 99 asked for next"):
        one.fail(REFUSED)


@pytest.mark.parametrize(
    ("fault", "sign", "error"),
    [
        (SILENT, Sign.SILENCE, ServerFailsError),
        (SILENT, Sign.REFUSAL, NothingOfUseError),
        (SILENT, Sign.UNKNOWN, NothingOfUseError),
        # It has answered: with a refusal, but it has.
        (REFUSED, Sign.SILENCE, NothingOfUseError),
        (OddAnswerError("odd"), Sign.SILENCE, NothingOfUseError),
    ],
)
def test_a_run_that_had_nothing_of_use_ends_with_an_error(
    fault: VCCLiveError, sign: Sign, error: type[ServerFailsError]
) -> None:
    one = Settled(sign)
    one.fail(fault)
    with pytest.raises(ServerFailsError) as caught:
        one.outage.end()
    assert type(caught.value) is error
    assert one.number == 0


def test_a_run_that_had_nothing_of_use_ends_well_when_others_are_answered() -> None:
    one = Settled(Sign.USEFUL)
    one.fail(SILENT)
    one.outage.end()
    assert one.number == 1


@pytest.mark.parametrize(
    ("answers", "sign"),
    [
        ([], Sign.UNKNOWN),
        ([SILENT, SILENT], Sign.SILENCE),
        ([SILENT, REFUSED], Sign.REFUSAL),
        ([OddAnswerError("odd")], Sign.REFUSAL),
        ([NoAnswerError("x", says="no")], Sign.REFUSAL),
        ([NoAnswerError("x", status=404)], Sign.USEFUL),
        ([SILENT, REFUSED, None], Sign.USEFUL),
        ([SILENT, SILENT, SILENT, None], Sign.SILENCE),  # no more than three are asked for
    ],
)
def test_the_best_answer_is_the_sign_of_life(
    answers: list[VCCLiveError | None], sign: Sign
) -> None:
    def get(resource: str) -> object:
        if answer := answers[int(resource)]:
            raise answer
        return {}

    assert sign_of_life(map(str, range(len(answers))), get) is sign
