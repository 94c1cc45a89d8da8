"""One GET to VCC Live, seen from the server: what is sent, and what each answer means."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import socket
import ssl
import threading
import time
from traceback import walk_tb
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
import trustme

from tap_vcclive.api.client import Client
from tap_vcclive.api.errors import (
    ForbiddenError,
    NoAnswerError,
    OddAnswerError,
    RefusedError,
    TriesExhaustedError,
    VCCLiveError,
    WrongServerError,
)
from tests.api.clients import GOOD, LOGGER, settings
from tests.servers import NOW, server
from vcclive_sandbox.server import Faults, Options, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def test_a_request_is_a_get_with_the_key_in_the_header_and_nothing_in_the_url() -> None:
    with server(lambda _: (200, {}, GOOD)) as running:
        assert Client(settings(running.url), LOGGER).get("/cdr/2026/01/x") == {"uuid": "x"}
    ((method, path, headers),) = running.seen
    assert (method, path) == ("GET", "/v2/cdr/2026/01/x")
    credentials = base64.b64encode("acme:s3cret-ключ".encode()).decode()
    assert headers["Authorization"] == f"Basic {credentials}"
    assert headers["User-Agent"] == "tap-vcclive/test"
    assert headers["Accept"] == "application/json"


def test_a_netrc_and_a_proxy_of_the_environment_do_not_see_the_key_in_clear(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with server(lambda _: (200, {}, GOOD)) as running, server(lambda _: (200, {}, GOOD)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        Client(settings(running.url), LOGGER).get("/x")
        assert proxy.seen == []
    assert base64.b64encode(b"acme:")[:6].decode() in running.seen[0][2]["Authorization"]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (204, NoAnswerError),
        (400, OddAnswerError),
        (401, RefusedError),
        (403, ForbiddenError),
        (404, NoAnswerError),
        (405, OddAnswerError),
        (408, TriesExhaustedError),
        (410, NoAnswerError),
        (425, TriesExhaustedError),
        (429, TriesExhaustedError),
        (500, TriesExhaustedError),
        (502, TriesExhaustedError),
        (503, TriesExhaustedError),
        (504, TriesExhaustedError),
    ],
)
def test_each_status_has_its_meaning(status: int, error: type[VCCLiveError]) -> None:
    body = b"" if status == 204 else b"36301234567 s3cret"
    with (
        server(lambda _: (status, {}, body)) as running,
        pytest.raises(error) as raised,
    ):
        Client(settings(running.url), LOGGER).get("/cdr/2026/01/x")
    assert "/cdr/2026/01/x" in str(raised.value)
    assert "36301234567" not in str(raised.value)


@pytest.mark.parametrize(
    "fault", ["429", "500", "502", "503", "drop", "half", "json", "html", "bare", "slow"]
)
def test_a_passing_fault_is_tried_again(fault: str) -> None:
    with serving(Options(days=1, calls_per_day=5)) as sandbox:
        call = next(iter(sandbox.calls))
    options = Options(
        days=1,
        calls_per_day=5,
        force={call.uuid: [fault, fault]},
        faults=Faults(retry_after_seconds=0, slow_seconds=10),
    )
    with serving(options) as sandbox:
        client = Client(
            settings(
                sandbox.api_url,
                customer=sandbox.customer,
                api_key=sandbox.api_key,
                max_tries=3,
                request_timeout_seconds=1,
            ),
            LOGGER,
        )
        cdr = client.get(f"/cdr/{call.year}/{call.month}/{call.uuid}")
    assert cdr["uuid"] == call.uuid
    assert (client.asked, client.tries, client.answered) == (1, 3, 1)


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_holds_back_the_requests_of_all_workers(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(
        "tap_vcclive.api.pace.Pace.pause", lambda _, seconds: pauses.append(seconds)
    )
    value = {"seconds": "7", "date": NOW.replace("07:28:00", "07:28:07")}[form]
    headers = {"Retry-After": value}
    with server(lambda _: (429, headers, b"")) as running, pytest.raises(TriesExhaustedError):
        Client(settings(running.url), LOGGER).get("/x")
    assert pauses == [7.0]


def test_a_redirect_to_another_server_is_refused_and_the_key_not_sent_there() -> None:
    with server(lambda _: (200, {}, GOOD)) as other:
        location = {"Location": other.url + "/x"}
        with (
            server(lambda _: (302, location, b"")) as running,
            pytest.raises(WrongServerError, match="another server"),
        ):
            Client(settings(running.url, max_tries=3), LOGGER).get("/x")
    assert other.seen == []
    assert len(running.seen) == 1


def test_a_redirect_on_the_same_server_is_followed_and_a_circle_is_not() -> None:
    def moved(path: str) -> tuple[int, dict[str, str], bytes]:
        if path == "/v2/circle":
            return 301, {"Location": "/v2/circle"}, b""
        return (200, {}, GOOD) if path == "/v2/new" else (308, {"Location": "new"}, b"")

    with server(moved) as running:
        client = Client(settings(running.url), LOGGER)
        assert client.get("/old") == {"uuid": "x"}
        with pytest.raises(OddAnswerError, match="in a circle"):
            client.get("/circle")
    assert len(running.seen) < 10


def test_a_certificate_that_does_not_verify_ends_the_run_before_anything_is_sent(
    certificate: ssl.SSLContext,
) -> None:
    with server(lambda _: (200, {}, GOOD), certificate) as running:
        url = running.url.replace("http://", "https://")
        with pytest.raises(WrongServerError, match=r"certificate of 127\.0\.0\.1 does not verify"):
            Client(settings(url, max_tries=3), LOGGER).get("/x")
    assert running.seen == []


def test_a_certificate_that_the_environment_trusts_is_accepted(
    certificate: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "certificate.pem"))
    with server(lambda _: (200, {}, GOOD), certificate) as running:
        url = running.url.replace("http://", "https://")
        assert Client(settings(url), LOGGER).get("/x") == {"uuid": "x"}


def test_a_server_that_is_not_there_is_a_passing_fault() -> None:
    with server(lambda _: (200, {}, GOOD)) as gone:
        url = gone.url
    with pytest.raises(TriesExhaustedError, match=r"connection to 127\.0\.0\.1 was refused"):
        Client(settings(url, max_tries=2), LOGGER).get("/x")


def test_a_server_that_answers_nothing_gets_fewer_tries() -> None:
    with server(lambda _: (500, {}, b"")) as running:
        client = Client(settings(running.url, max_tries=2), LOGGER)
        for tries in (2, 2, 2, 1, 1):
            with pytest.raises(TriesExhaustedError, match=f"after {tries} tr"):
                client.get("/x")
        running.answer = lambda _: (404, {}, b"")
        with pytest.raises(NoAnswerError):
            client.get("/x")
        running.answer = lambda _: (500, {}, b"")
        with pytest.raises(TriesExhaustedError, match="after 2 tries"):
            client.get("/x")
    assert (client.asked, client.tries, client.answered) == (7, 11, 1)


def test_a_client_that_is_closed_asks_for_nothing_any_more_not_even_again() -> None:
    with server(lambda _: (500, {}, b"")) as running:
        client = Client(settings(running.url, max_tries=6), LOGGER)

        def answer(_: str) -> tuple[int, dict[str, str], bytes]:
            client.close()
            return 500, {}, b""

        running.answer = answer
        for _ in range(2):
            with pytest.raises(VCCLiveError, match="Nothing is asked for any more"):
                client.get("/x")
        assert len(running.seen) == 1


@pytest.mark.parametrize("status", [200, 203, 206])
def test_a_whole_answer_is_read_whatever_a_proxy_calls_it(status: int) -> None:
    with server(lambda _: (status, {}, GOOD)) as running:
        assert Client(settings(running.url), LOGGER).get("/x") == {"uuid": "x"}


@pytest.mark.parametrize("body", [b"", GOOD[:-1], GOOD[1:]])
def test_a_part_of_an_answer_is_asked_for_again(body: bytes) -> None:
    answers = [(206, body), (206, GOOD)]

    def answer(_: str) -> tuple[int, dict[str, str], bytes]:
        status, piece = answers.pop(0)
        return status, {}, piece

    with server(answer) as running:
        client = Client(settings(running.url, max_tries=2), LOGGER)
        assert client.get("/x") == {"uuid": "x"}
    assert client.tries == 2


@pytest.mark.parametrize(
    ("status", "is_answer"),
    [
        (200, True),
        (204, True),
        (400, True),
        (403, True),
        (404, True),
        (401, False),
        (408, False),
        (429, False),
        (500, False),
    ],
)
def test_what_says_something_of_the_resource_is_an_answer(
    status: int,
    is_answer: bool,  # noqa: FBT001
) -> None:
    with server(lambda _: (500, {}, b"")) as running:
        client = Client(settings(running.url), LOGGER)
        for unanswered in (1, 2):
            with pytest.raises(TriesExhaustedError):
                client.get("/x")
            assert client.unanswered == unanswered
        running.answer = lambda _: (status, {"Retry-After": "0"}, GOOD)
        with contextlib.suppress(VCCLiveError):
            client.get("/x")
    assert client.answered == is_answer
    assert (client.unanswered == 0) == is_answer


def test_an_empty_body_is_no_answer() -> None:
    with server(lambda _: (200, {}, b"")) as running, pytest.raises(NoAnswerError):
        Client(settings(running.url, max_tries=3), LOGGER).get("/x")
    assert len(running.seen) == 1


def test_what_vcc_live_says_is_told_without_the_key_and_without_phone_numbers() -> None:
    key = "s3cret-ключ"
    says = f"key {key} or {quote(key, safe='')} of +36 30 123 4567 unknown"
    body = json.dumps({"response": None, "errors": [says]}).encode()
    with server(lambda _: (200, {}, body)) as running, pytest.raises(NoAnswerError) as raised:
        Client(settings(running.url), LOGGER).get("/x")
    assert raised.value.says == "key … or … of … unknown"


@pytest.mark.parametrize("location", ["http://[bad/", "//", "http://127.0.0.1:99999/", "\\x"])
def test_a_redirect_to_what_is_no_address_is_refused(location: str) -> None:
    with (
        server(lambda _: (302, {"Location": location}, b"")) as running,
        pytest.raises((WrongServerError, OddAnswerError)),
    ):
        Client(settings(running.url), LOGGER).get("/x")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("REQUESTS_CA_BUNDLE", "/no/such/file"),
        ("HTTPS_PROXY", "http://["),
        ("HTTPS_PROXY", "odd://x"),
    ],
)
def test_an_environment_that_cannot_be_used_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(WrongServerError, match="the environment names"):
        Client(settings("https://127.0.0.1:1/v2"), LOGGER).get("/x")


STATUS = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        pytest.param(b"", b"H", id="status"),
        pytest.param(STATUS, b"X", id="one header"),
        pytest.param(STATUS, b"X: y\r\n", id="headers"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="continue"),
        pytest.param(STATUS + b"Content-Length: 1000\r\n\r\n", b" ", id="body"),
        pytest.param(STATUS + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", id="chunks"),
    ],
)
def test_an_answer_that_drips_is_given_up(begin: bytes, piece: bytes) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(begin)
        while True:
            connection.sendall(piece)
            time.sleep(0.1)

    with (
        talking(drip) as url,
        pytest.raises(TriesExhaustedError, match="no whole answer in 1 seconds"),
    ):
        Client(settings(url, request_timeout_seconds=1), LOGGER).get("/x")


@pytest.mark.parametrize("piece", [b"X: y\r\n", b"X" * 1000], ids=["headers", "one header"])
def test_headers_without_end_are_given_up(piece: bytes) -> None:
    def pour(connection: socket.socket) -> None:
        connection.sendall(STATUS)
        while True:
            connection.sendall(piece)

    with (
        talking(pour) as url,
        pytest.raises(TriesExhaustedError, match="answers with what is no HTTP"),
    ):
        Client(settings(url, request_timeout_seconds=60), LOGGER).get("/x")


def test_headers_that_are_none_are_not_repeated_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    head = b"HTTP/1.1 200 OK\r\nA: b\r\n 36301234567\r\n36301234567\r\n: 36301234567\r\n\r\n"
    with talking(lambda connection: connection.sendall(head + GOOD)) as url:
        assert Client(settings(url), LOGGER).get("/x") == {"uuid": "x"}
    assert "36301234567" not in caplog.text


@contextlib.contextmanager
def talking(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run a server that answers one request by writing to the connection; give its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(65536)
                talk(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/v2"
        finally:
            thread.join()


@pytest.mark.parametrize(
    ("body", "error"),
    [(b"{" + b" " * 99_999, TriesExhaustedError), (b'{"errors":["x"]}', NoAnswerError)],
    ids=["broken", "errors"],
)
def test_an_error_does_not_keep_the_answer_in_memory(body: bytes, error: type[Exception]) -> None:
    with server(lambda _: (200, {}, body)) as running, pytest.raises(error) as raised:
        Client(settings(running.url), LOGGER).get("/x")
    todo: list[BaseException | None] = [raised.value]
    while todo:
        if one := todo.pop():
            todo += [one.__cause__, one.__context__]
            frames = [frame for frame, _ in walk_tb(one.__traceback__)]
            assert not [f for f in frames if "body" in f.f_locals and f.f_globals is not globals()]


def test_the_key_is_not_in_what_python_shows_of_the_settings() -> None:
    assert "s3cret" not in repr(settings("https://example.test"))
    assert settings("https://example.test").zone == ZoneInfo("Europe/Budapest")


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that nobody has signed, in `certificate.pem`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "certificate.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context
