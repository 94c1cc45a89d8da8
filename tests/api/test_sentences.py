"""What VCC Live itself says is wrong: any form of `errors`, in one short line without numbers."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_vcclive.api.answers import response_in
from tap_vcclive.api.errors import (
    ForbiddenError,
    NoAnswerError,
    OddAnswerError,
    RefusedError,
    TriesExhaustedError,
    VCCLiveError,
)
from tap_vcclive.api.sentences import NO_MESSAGE, NOT_SHOWN, sentence_in, sentence_of
from tests.api.clients import client_of
from tests.servers import server
from tests.soak import FACTOR

DOCUMENTED = {"errorcode": 417, "index": 1, "errormessage": "error.missing_arguments"}
SENTENCE = "417: error.missing_arguments"


@pytest.mark.parametrize(
    ("errors", "sentence"),
    [
        ([DOCUMENTED], SENTENCE),
        (DOCUMENTED, SENTENCE),
        ([[DOCUMENTED]], SENTENCE),
        ({"0": DOCUMENTED, "1": DOCUMENTED}, SENTENCE),
        ({"error": DOCUMENTED}, SENTENCE),
        ([{"ErrorCode": "417", "errorMessage": "error.missing_arguments"}], SENTENCE),
        ([{"ERROR_CODE": 417, "error-message": "error.missing_arguments"}], SENTENCE),
        (["", " ", {}, None, DOCUMENTED, "another"], SENTENCE),
        ([{"errorcode": 9}, DOCUMENTED], SENTENCE),
        ([{"errormessage": "", "Text": "no such call"}], "no such call"),
        ([{"Message": ["no such call"]}], "no such call"),
        ({"code": 404, "message": "no such call"}, "404: no such call"),
        ({"code": "error.gone", "message": ""}, "error.gone"),
        ({"error": 417}, "417"),
        ({"error": True, "message": "no such call"}, "no such call"),
        ("no such call", "no such call"),
        (417, "417"),
        ([1.5], "1.5"),
        ([{"index": 3, "source": "Smith"}], NO_MESSAGE),
        (True, NO_MESSAGE),
        ([True], NO_MESSAGE),
        ([""], NO_MESSAGE),
        ([" \n"], NO_MESSAGE),
        (" ", NO_MESSAGE),
        ([None], NO_MESSAGE),
        ([{}], NO_MESSAGE),
        ([{"message": ""}], NO_MESSAGE),
        ([{"errorcode": "", "errormessage": None}], NO_MESSAGE),
    ],
    ids=repr,
)
@pytest.mark.parametrize("response", [None, {"uuid": "x"}], ids=repr)
def test_errors_of_any_form_are_an_error_with_a_sentence(
    errors: object, sentence: str, response: object
) -> None:
    body = json.dumps({"response": response, "errors": errors}).encode()
    with pytest.raises((NoAnswerError, OddAnswerError)) as raised:
        response_in(body, "/x")
    assert isinstance(raised.value, OddAnswerError if response else NoAnswerError)
    assert raised.value.says == sentence
    assert str(raised.value).endswith(f": {sentence}")


members = st.sampled_from(
    ["errorcode", "ERRORMESSAGE", "error_message", "Message", "error", "code", "text", "0", "note"]
)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(members, inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
@settings(max_examples=200 * FACTOR, deadline=None)
def test_whatever_errors_are_they_are_one_short_line(errors: object) -> None:
    body = json.dumps({"response": None, "errors": errors}).encode()
    if not errors:
        assert response_in(body, "/x") is None
        return
    with pytest.raises(NoAnswerError) as raised:
        response_in(body, "/x")
    says = raised.value.says
    assert raised.value.how == "errors"
    assert says
    assert says.isprintable()
    assert len(says) <= 200
    assert not re.search(r"\d{5}", says)


def lists_without_sentences(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return lists, and objects of members that nothing is shown of."""
    return st.lists(inner) | st.dictionaries(st.sampled_from(["source", "index", "data"]), inner)


@given(
    st.recursive(
        st.fixed_dictionaries({"source": st.just("Smith"), "note": st.just("Smith")}),
        lists_without_sentences,
        max_leaves=6,
    )
)
@settings(max_examples=100 * FACTOR, deadline=None)
def test_of_an_object_only_code_and_message_are_shown(errors: object) -> None:
    assert sentence_of(errors) == NO_MESSAGE


@given(
    st.integers(0, 9999),
    st.lists(st.sampled_from(["no", "call", "error.missing_uuid", "is", "valid"]), min_size=1),
)
@settings(max_examples=50 * FACTOR, deadline=None)
def test_a_code_stands_before_its_message(code: int, words: list[str]) -> None:
    message = " ".join(words)
    entry = {"errorcode": code, "errormessage": message}
    assert sentence_of([entry]) == f"{code}: {message}"[:200].strip()


def test_the_key_is_in_no_part_of_a_sentence() -> None:
    entry = {"code": "no-valid", "message": "No valid key no-valid! Try another."}
    assert sentence_of([entry], ["valid"]) == "No … key …! Try another."


def test_lists_of_any_depth_and_length_are_looked_at_for_a_moment_only() -> None:
    deep: Any = "deep"
    for _ in range(500):
        deep = [deep]
    assert sentence_of(deep) == NO_MESSAGE
    wide: Any = ""
    for _ in range(8):
        wide = [wide] * 1000
    assert sentence_of(wide) == NO_MESSAGE


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (json.dumps({"response": None, "errors": [DOCUMENTED]}).encode(), SENTENCE),
        (json.dumps({"errors": [""]}).encode(), NO_MESSAGE),
        (b'{"error": "Forbidden", "message": "no licence"}', "no licence"),
        (b'{"response": {"uuid": "x"}, "errors": []}', None),
        (b'{"errors": [{"message": "no call of f\xf6l\xf6tt"}]}', "no call of …"),
        (b'{"errors": [{"message": "f\xf6l\xf6tt"}]}', NOT_SHOWN),
        (b"<html>no licence</html>", None),
        (b"no licence", None),
        (b"[1]", None),
        (b"", None),
        (None, None),
    ],
    ids=repr,
)
def test_a_body_beside_another_status_has_a_sentence_or_none(
    body: bytes | None, sentence: str | None
) -> None:
    assert sentence_in(body) == sentence


@pytest.mark.parametrize(
    ("status", "error", "text"),
    [
        (400, OddAnswerError, "status 400"),
        (401, RefusedError, "401"),
        (403, ForbiddenError, "403"),
        (404, NoAnswerError, "status 404"),
        (409, OddAnswerError, "status 409"),
        (410, NoAnswerError, "status 410"),
        (429, TriesExhaustedError, "status 429"),
        (500, TriesExhaustedError, "status 500"),
    ],
)
def test_the_sentence_is_told_whatever_the_status(
    status: int, error: type[VCCLiveError], text: str
) -> None:
    body = json.dumps({"response": None, "errors": [DOCUMENTED]}).encode()
    with server(lambda _: (status, {"Retry-After": "0"}, body)) as running:
        with pytest.raises(error) as raised:
            client_of(running.url).get("/x")
        assert f"{text}, {SENTENCE}" in str(raised.value)
        if not isinstance(raised.value, TriesExhaustedError):
            assert raised.value.__dict__["says"] == SENTENCE
        running.answer = lambda _: (status, {"Retry-After": "0"}, b"<p>no</p>")
        with pytest.raises(error) as raised:
            client_of(running.url).get("/x")
        assert SENTENCE not in str(raised.value)
        assert raised.value.__dict__.get("says") is None


@pytest.mark.parametrize(
    ("status", "body", "how"),
    [
        (204, b"", "204"),
        (404, b"", "404"),
        (404, b'{"errors": ["no"]}', "404"),
        (410, b"", "410"),
        (200, b"", "an empty body"),
        (200, b" \r\n", "an empty body"),
        (203, b"", "an empty body"),
        (200, b'{"errors": [""]}', "errors"),
    ],
)
def test_an_absence_says_in_which_way_it_was_put(status: int, body: bytes, how: str) -> None:
    with server(lambda _: (status, {}, body)) as running, pytest.raises(NoAnswerError) as raised:
        client_of(running.url).get("/x")
    assert raised.value.how == how
    assert raised.value.status == (None if how == "errors" else status)


def test_a_sentence_goes_on_without_its_full_stop() -> None:
    body = b'{"errors": ["Something went wrong."]}'
    with (
        server(lambda _: (500, {}, body)) as running,
        pytest.raises(TriesExhaustedError, match="status 500, Something went wrong, after 1 try"),
    ):
        client_of(running.url).get("/x")
