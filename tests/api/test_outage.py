"""A server that fails is told from what fails by itself: by asking for something else."""

from __future__ import annotations

import pytest

from tap_vcclive.api.errors import (
    ForbiddenError,
    NoAnswerError,
    NoUsefulAnswerError,
    OddAnswerError,
    RefusedError,
    ServerFailsError,
    TriesExhaustedError,
    VCCLiveError,
    WrongServerError,
)
from tap_vcclive.api.outage import Outage, Sign, sign_of_life

SILENT = TriesExhaustedError("no answer of /x")
ODD = OddAnswerError("/x: status 400", status=400)
FORBIDDEN = ForbiddenError("/x")


class Answers:
    """What resources answer."""

    def __init__(self, **answers: object) -> None:
        """Keep them by name; all others are silent."""
        self.answers = answers
        self.asked: list[str] = []

    def get(self, resource: str) -> object:
        """Answer."""
        self.asked.append(resource)
        answer = self.answers.get(resource, SILENT)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.mark.parametrize(
    ("answer", "sign"),
    [
        ({"rows": []}, Sign.USEFUL),
        (None, Sign.USEFUL),
        ([], Sign.USEFUL),
        (NoAnswerError("/x", status=404), Sign.USEFUL),
        (NoAnswerError("/x", status=204), Sign.USEFUL),
        (NoAnswerError("/x", says="no licence"), Sign.REFUSAL),
        (ODD, Sign.REFUSAL),
        (FORBIDDEN, Sign.REFUSAL),
        (SILENT, Sign.SILENCE),
        (TriesExhaustedError("status 500", is_answer=True), Sign.SILENCE),
    ],
    ids=repr,
)
def test_what_an_answer_shows_of_a_server(answer: object, sign: Sign) -> None:
    assert sign_of_life(["a"], Answers(a=answer).get) is sign
    # The best of several counts, wherever it stands.
    assert sign_of_life(["a", "b"], Answers(a=answer, b=SILENT).get) is sign
    assert sign_of_life(["b", "a"], Answers(a=answer, b=SILENT).get) is sign
    assert sign_of_life(["b", "a"], Answers(a=answer, b=5).get) is Sign.USEFUL


def test_no_more_than_three_different_resources_are_asked_for_and_none_after_a_good_one() -> None:
    answers = Answers()
    assert sign_of_life(["a", "a", "b", "a", "c", "d"], answers.get) is Sign.SILENCE
    assert answers.asked == ["a", "b", "c"]
    answers = Answers(b=5)
    assert sign_of_life(["a", "b", "c"], answers.get) is Sign.USEFUL
    assert answers.asked == ["a", "b"]
    assert sign_of_life([], answers.get) is Sign.UNKNOWN


@pytest.mark.parametrize("error", [RefusedError(401, "/x"), WrongServerError("x")], ids=repr)
def test_what_ends_everything_ends_a_look_as_well(error: VCCLiveError) -> None:
    with pytest.raises(type(error)):
        sign_of_life(["a", "b"], Answers(a=error, b=5).get)


class Looking:
    """An outage whose look shows one sign after the other, the last for good."""

    def __init__(self, *signs: Sign) -> None:
        """Keep the signs."""
        self.signs = list(signs)
        self.looks = 0
        self.settled: list[int] = []
        self.failed_so_far = 0
        self.outage = Outage(self._look)

    def _look(self) -> Sign:
        sign = self.signs[min(self.looks, len(self.signs) - 1)]
        self.looks += 1
        return sign

    def fail(self, times: int, fault: VCCLiveError = SILENT) -> None:
        """Note so many failures, one after the other."""
        for _ in range(times):
            number = self.failed_so_far
            self.failed_so_far += 1
            self.outage.failed(fault, lambda number=number: self.settled.append(number))  # type: ignore[misc]


@pytest.mark.parametrize("first", [0, 1, 10])
def test_ten_in_a_row_without_an_answer_are_no_reason_to_look_and_one_more_is(first: int) -> None:
    looking = Looking(Sign.SILENCE)
    looking.fail(first)
    looking.outage.answered()
    assert looking.settled == list(range(first))
    looking.fail(10)
    assert (looking.looks, looking.settled) == (0, list(range(first)))
    with pytest.raises(ServerFailsError, match="nor any of the 10 asked for next") as caught:
        looking.fail(1)
    assert str(caught.value).startswith(str(SILENT))
    # What failed while nothing was answered is no attempt.
    assert (looking.looks, looking.settled) == (1, list(range(first)))


def test_what_fails_by_itself_is_settled_however_much_of_it_there_is() -> None:
    looking = Looking(Sign.USEFUL)
    looking.fail(1000)
    looking.outage.end()
    assert looking.settled == list(range(1000))
    assert looking.looks == 1000 // 11


def test_a_server_that_fails_behind_what_fails_by_itself_ends_the_run() -> None:
    looking = Looking(Sign.USEFUL, Sign.SILENCE)
    looking.fail(11)
    assert looking.settled == list(range(11))
    with pytest.raises(ServerFailsError):
        looking.fail(11)
    assert looking.settled == list(range(11))


def test_what_failed_before_an_answer_has_failed_by_itself() -> None:
    looking = Looking(Sign.SILENCE)
    for times in (3, 10, 7, 10):
        looking.fail(times)
        looking.outage.answered()
        assert looking.settled == list(range(looking.failed_so_far))
    looking.outage.end()
    assert looking.looks == 0


@pytest.mark.parametrize("fault", [ODD, FORBIDDEN], ids=repr)
def test_refusals_beside_answers_are_settled_at_once(fault: VCCLiveError) -> None:
    looking = Looking(Sign.SILENCE)
    looking.outage.answered()
    looking.fail(500, fault)
    assert (looking.looks, looking.settled) == (0, list(range(500)))


@pytest.mark.parametrize("fault", [ODD, FORBIDDEN], ids=repr)
@pytest.mark.parametrize("sign", [Sign.SILENCE, Sign.REFUSAL])
def test_where_there_are_only_refusals_a_hundred_are_enough(
    fault: VCCLiveError, sign: Sign
) -> None:
    looking = Looking(sign)
    looking.fail(99, fault)
    assert looking.looks == 0
    with pytest.raises(ServerFailsError, match="nor any of the 99 asked for next") as caught:
        looking.fail(1, fault)
    assert isinstance(caught.value, NoUsefulAnswerError)  # it has answered
    assert looking.settled == []


def test_a_hundred_refusals_are_none_of_the_server_where_something_is_of_use() -> None:
    looking = Looking(Sign.USEFUL)
    looking.fail(1000, ODD)
    assert (looking.looks, looking.settled) == (1, list(range(1000)))


def test_a_server_that_refuses_is_not_one_that_is_down() -> None:
    """With refusals only a run goes on for longer than with silence."""
    looking = Looking(Sign.REFUSAL)
    looking.fail(99)
    assert looking.looks == 9
    with pytest.raises(NoUsefulAnswerError):
        looking.fail(1)


def test_refusals_end_a_row_of_silence() -> None:
    looking = Looking(Sign.SILENCE)
    for _ in range(4):
        looking.fail(10)
        looking.fail(1, ODD)
    assert looking.looks == 0


@pytest.mark.parametrize(
    ("sign", "error"), [(Sign.SILENCE, ServerFailsError), (Sign.REFUSAL, NoUsefulAnswerError)]
)
def test_a_run_without_one_answer_of_use_ends_with_an_error(
    sign: Sign, error: type[VCCLiveError]
) -> None:
    looking = Looking(sign)
    looking.fail(1)
    with pytest.raises(error) as caught:
        looking.outage.end()
    assert type(caught.value) is error
    assert str(caught.value) == str(SILENT)
    assert looking.settled == []


def test_a_run_of_one_failure_ends_well_where_the_server_is_well() -> None:
    looking = Looking(Sign.USEFUL)
    looking.fail(1)
    looking.outage.end()
    assert looking.settled == [0]


def test_a_run_that_had_answers_ends_well_whatever_failed_last() -> None:
    looking = Looking(Sign.SILENCE)
    looking.outage.answered()
    looking.fail(10)
    looking.outage.end()
    assert (looking.looks, looking.settled) == (0, list(range(10)))


def test_a_run_that_asked_for_nothing_looks_for_nothing() -> None:
    looking = Looking(Sign.SILENCE)
    looking.outage.end()
    assert looking.looks == 0


@pytest.mark.parametrize(
    ("fault", "sign", "error"),
    [
        (SILENT, Sign.SILENCE, ServerFailsError),
        (SILENT, Sign.REFUSAL, NoUsefulAnswerError),
        (SILENT, Sign.UNKNOWN, NoUsefulAnswerError),
        # It has answered: with a refusal, but it has.
        (FORBIDDEN, Sign.SILENCE, NoUsefulAnswerError),
        (ODD, Sign.SILENCE, NoUsefulAnswerError),
    ],
)
def test_a_run_that_had_nothing_of_use_ends_with_an_error(
    fault: VCCLiveError, sign: Sign, error: type[ServerFailsError]
) -> None:
    looking = Looking(sign)
    looking.fail(1, fault)
    with pytest.raises(ServerFailsError) as caught:
        looking.outage.end()
    assert type(caught.value) is error
    assert looking.settled == []
