"""What VCC Live sends: the envelope in every variant, readable errors, and `Retry-After`."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tap_vcclive.api.answers import LONGEST_PAUSE_SECONDS, response_in, retry_after_seconds
from tap_vcclive.api.errors import NoAnswerError, OddAnswerError, PassingFaultError, VCCLiveError
from tests.soak import FACTOR
from tests.values.answers import Cdr, body_of, cdrs, sent_object

RESOURCE = "/cdr/2015/08/95bd5f46-44e0-11e5-a6da-6547f8762750"
CDR = {"uuid": "95bd5f46-44e0-11e5-a6da-6547f8762750", "source": "36013555539", "userid": 6}
AT = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)


def answer(response: object, errors: object) -> bytes:
    """Return the body of an answer."""
    return json.dumps({"response": response, "errors": errors}).encode()


def said(errors: object, response: object = None) -> str:
    """Return the message of an answer with errors, which is one short line."""
    with pytest.raises((NoAnswerError, OddAnswerError)) as caught:
        response_in(answer(response, errors), RESOURCE)
    message = str(caught.value)
    assert RESOURCE in message
    assert len(message) < len(RESOURCE) + 300
    assert message.isprintable()
    return message.replace(RESOURCE, "")


@pytest.mark.parametrize("errors", [[], None, {}, "", False, 0])
@pytest.mark.parametrize("response", [CDR, [CDR], [], {}, None, "text", 0])
def test_without_errors_the_response_is_the_answer(response: object, errors: object) -> None:
    assert response_in(answer(response, errors), RESOURCE) == response


def test_the_errors_may_be_left_out() -> None:
    assert response_in(json.dumps({"response": CDR}).encode(), RESOURCE) == CDR


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_any_encoding_of_json_is_read(encoding: str) -> None:
    body = '{"response": {"userfullname": "Árvíztűrő"}, "errors": []}'.encode(encoding)
    assert response_in(body, RESOURCE) == {"userfullname": "Árvíztűrő"}


@pytest.mark.parametrize(
    "errors",
    [["no such call"], "no such call", {"message": "no such call"}, [{"error": "no such call"}]],
    ids=str,
)
@pytest.mark.parametrize("response", [None, [], {}, ""])
def test_errors_on_an_empty_answer_are_no_answer(response: object, errors: object) -> None:
    with pytest.raises(NoAnswerError) as caught:
        response_in(answer(response, errors), RESOURCE)
    assert caught.value.says == "no such call"
    assert RESOURCE in str(caught.value)


def test_errors_without_a_response_are_no_answer() -> None:
    with pytest.raises(NoAnswerError, match="no such call"):
        response_in(b'{"errors": ["no such call"]}', RESOURCE)


@pytest.mark.parametrize("errors", [["half of it"], "half of it", {"message": "half of it"}])
def test_errors_beside_an_answer_are_odd_and_the_answer_is_not_repeated(errors: object) -> None:
    message = said(errors, CDR)
    assert "half of it" in message
    assert "36013555539" not in message
    with pytest.raises(OddAnswerError):
        response_in(answer(CDR, errors), RESOURCE)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"<html><body>Bad Gateway</body></html>",
        b'{"response": {"uuid": "95bd',
        b'{"response": {}} trailing',
        b"\xff\xfe\xff\x00\xd8",
        b'{"response": \xff}',
        b"null",
        b"[]",
        b"5",
        b'"response"',
        b"{}",
        b'{"errors": []}',
        b'{"error": "x"}',
        b'[{"response": {}, "errors": []}]',
        b"[" * 100_000,
        b'{"response": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"response": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_json_or_no_envelope_may_pass(body: bytes) -> None:
    with pytest.raises(PassingFaultError) as caught:
        response_in(body, RESOURCE)
    assert "95bd" not in str(caught.value)
    assert "Gateway" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_fractions_are_kept_as_they_were_sent() -> None:
    body = b'{"response": {"a": 1.10, "b": 0.1000000000000000055511151231257827, "c": 7}}'
    response = response_in(body, RESOURCE)
    assert {name: str(value) for name, value in response.items()} == {
        "a": "1.10",
        "b": "0.1000000000000000055511151231257827",
        "c": "7",
    }
    assert isinstance(response["a"], Decimal)
    assert type(response["c"]) is int


def test_numbers_that_json_does_not_know_are_text() -> None:
    body = b'{"response": {"a": NaN, "b": Infinity, "c": -Infinity}, "errors": []}'
    assert response_in(body, RESOURCE) == {"a": "NaN", "b": "Infinity", "c": "-Infinity"}


@pytest.mark.parametrize("sign", ["", "-"])
def test_an_integer_of_thousands_of_digits_is_kept(sign: str) -> None:
    digits = sign + "7" * 5000
    response = response_in(f'{{"response": {{"a": {digits}, "b": 5}}}}'.encode(), RESOURCE)
    assert str(response["a"]) == digits
    assert response["b"] == 5


@pytest.mark.parametrize("number", ["1e400", "1E-400", f"1e{'9' * 30}", f"-1.5e-{'9' * 30}"])
@pytest.mark.parametrize("errors", [False, True])
def test_a_number_of_any_size_is_an_answer(number: str, errors: bool) -> None:  # noqa: FBT001
    body = f'{{"response": {{"a": {number}}}}}'
    if errors:
        body = f'{{"response": null, "errors": [{number}]}}'
        with pytest.raises(NoAnswerError):
            response_in(body.encode(), RESOURCE)
    else:
        assert "a" in response_in(body.encode(), RESOURCE)


@pytest.mark.parametrize(
    "number",
    [
        "36301234567",
        "+36301234567",
        "0036301234567",
        "06301234567",
        "+36 30 123 4567",
        "+36 (30) 123-4567",
        "(06-30) 123-45-67",
        "06/30/123.45.67",
        "06-30 / 123 - 4567",
        "3 6 3 0 1 2 3 4 5 6 7",
        "+36\u00a030\u00a0123\u00a04567",
        "+36\u201130\u2011123\u20114567",
        "36\u201330\u2013123\u20134567",
        "36,30,123,45,67",
        "36_30_123_45_67",
        "٣٦٣٠١٢٣٤٥٦٧",
    ],
)
def test_no_message_holds_a_phone_number_however_it_is_grouped(number: str) -> None:
    for form in ("{}", "no call of {}.", "from {} to {}", "tel:{};", "x{}y"):
        text = form.format(number, number)
        for errors in (text, [text], {"message": text}, [{"source": text}], [[text]]):
            assert len(re.sub(r"\D+", "", said(errors))) < 5


def test_a_phone_number_at_the_end_of_what_is_read_is_masked() -> None:
    for length in range(180, 205):
        assert not re.search(r"\d{5}", said("x" * length + "36301234567"))


def test_words_and_short_numbers_are_left_in_a_message() -> None:
    assert "Code 404: call not found (try 3)" in said("Code 404: call not found (try 3)")


def test_a_long_message_is_cut_and_one_of_several_lines_is_one() -> None:
    assert len(said("word " * 10_000)) < 300
    assert "first second third" in said("first\nsecond\tthird\x1b[31m\x00")


@pytest.mark.parametrize(
    "errors", [[None], [0], [[]], [{}], [1.5], 7, True, [True], {"a": 1}], ids=str
)
def test_errors_of_any_kind_have_a_message(errors: object) -> None:
    assert said(errors)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["message", "error", "code", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values, json_values)
@settings(max_examples=150 * FACTOR, deadline=None)
def test_any_envelope_is_an_answer_or_a_known_error(response: object, errors: object) -> None:
    try:
        response_in(answer(response, errors), RESOURCE)
    except VCCLiveError as error:
        message = str(error).replace(RESOURCE, "")
    else:
        assert not errors
        return
    assert errors
    assert message.isprintable()
    assert not re.search(r"\d{6}", message)


@given(st.binary(max_size=100) | st.text(alphabet='{}[]":,response19eE+-. nul\\', max_size=40))
@settings(max_examples=100 * FACTOR, deadline=None)
def test_any_body_is_an_answer_or_a_known_error(body: bytes | str) -> None:
    data = body if isinstance(body, bytes) else f'{{"response": {body}}}'.encode()
    try:
        response_in(data, RESOURCE)
    except VCCLiveError as error:
        message = str(error)
    else:
        return
    assert message.isprintable()


BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""With it before an answer, only the standard library reads it."""


def read(body: bytes) -> str:
    """Return all about what is read of a body: its values, their types and their order."""
    try:
        return repr(response_in(body, RESOURCE))
    except VCCLiveError as error:
        return repr(error)


def changed(body: bytes, place: float, piece: bytes) -> bytes:
    """Return a body with some bytes in place of others."""
    begin = int(place * len(body))
    return body[:begin] + piece + body[begin + len(piece) :]


@given(cdrs, st.sampled_from(["plain", "ascii", "php"]))
@settings(max_examples=150 * FACTOR, deadline=None)
def test_both_parsers_read_an_answer_alike(cdr: Cdr, style: str) -> None:
    body = body_of(sent_object(cdr, style))
    assert read(body) == read(BYTE_ORDER_MARK + body)


pieces = st.binary(min_size=1, max_size=3) | st.sampled_from(
    [
        b"\\",
        b'"',
        b"\\u",
        b"\\ud8",
        b"\xed\xa0\x80",
        b"\0",
        b"\n",
        b"e",
        b"-",
        b"0",
        b",",
        b"}",
        b"]",
    ]
)


@given(cdrs, st.floats(0, 1), pieces)
@settings(max_examples=150 * FACTOR, deadline=None)
def test_both_parsers_refuse_alike(cdr: Cdr, place: float, piece: bytes) -> None:
    body = changed(body_of(sent_object(cdr, "ascii")), place, piece)
    # A zero byte near the beginning is taken for another encoding, and by one of them only.
    assume(b"\0" not in body[:4])
    assert read(body) == read(BYTE_ORDER_MARK + body)


def http_date(seconds: float) -> str:
    """Return a date so many seconds from the answer's."""
    return format_datetime(AT + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0), ("5", 5), (" 7 ", 7), ("007", 7), ("899", 899), ("900", 900), ("901", 900)],
)
def test_retry_after_in_seconds(value: str, seconds: int) -> None:
    assert retry_after_seconds(value, None) == seconds
    assert retry_after_seconds(value, http_date(0)) == seconds


@pytest.mark.parametrize("value", ["99999", "9" * 10, "9" * 400])
def test_a_pause_of_any_length_is_cut(value: str) -> None:
    assert retry_after_seconds(value, None) == LONGEST_PAUSE_SECONDS


@pytest.mark.parametrize(
    ("seconds", "expected"), [(30, 30), (0, 0), (-30, 0), (86_400 * 400, LONGEST_PAUSE_SECONDS)]
)
def test_retry_after_as_a_date_counts_from_the_answers_own(seconds: int, expected: int) -> None:
    assert retry_after_seconds(http_date(seconds), http_date(0)) == expected


@pytest.mark.parametrize("date", [None, "", "garbage"])
def test_retry_after_as_a_date_counts_from_now_where_the_answer_has_none(date: str | None) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=400), usegmt=True)
    seconds = retry_after_seconds(soon, date)
    assert seconds is not None
    assert 300 < seconds <= 400


def test_other_forms_of_dates_are_read() -> None:
    assert retry_after_seconds("Sunday, 22-Nov-26 17:01:00 GMT", http_date(0)) == 60
    assert retry_after_seconds("Sun, 22 Nov 2026 18:01:00 +0100", http_date(0)) == 60
    assert retry_after_seconds("Sun, 22 Nov 2026 17:01:00 -0000", http_date(0)) == 60


@pytest.mark.parametrize(
    "value", [None, "", "soon", "-5", "1e3", "\u0665", "Mon, 31 Feb 2026 17:00:00 GMT", "5;5", "\0"]
)
def test_a_retry_after_that_says_nothing_asks_for_nothing(value: str | None) -> None:
    assert retry_after_seconds(value, http_date(0)) is None


dates = st.from_regex(
    r"((Sun|Mon), )?[0-9]{1,3}[ -](Nov|Feb|Xyz)[ -][0-9]{1,5} [0-9]{2}:[0-9]{2}(:[0-9]{2})? "
    r"(GMT|[+-][0-9]{4}|EST|)",
    fullmatch=True,
)


@given(st.text(max_size=20) | dates, st.none() | st.text(max_size=20) | dates)
@settings(max_examples=150 * FACTOR, deadline=None)
def test_any_retry_after_is_a_bounded_pause_or_none(value: str, date: str | None) -> None:
    seconds = retry_after_seconds(value, date)
    assert seconds is None or 0 <= seconds <= LONGEST_PAUSE_SECONDS
