"""What happens on a connection: kept ones that the server closes, and what precedes an answer."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from typing import TYPE_CHECKING, Self

import pytest
import trustme

from tap_vcclive.api.errors import NoAnswerError, OddAnswerError, TriesExhaustedError
from tests.api.clients import GOOD, client_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Step = Callable[[socket.socket], None]

STATUS = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(GOOD)


def answer(connection: socket.socket) -> None:
    """Answer, and keep the connection."""
    connection.sendall(STATUS + GOOD)


def close(connection: socket.socket) -> None:
    """Close the connection."""
    connection.shutdown(socket.SHUT_RDWR)


def reset(connection: socket.socket) -> None:
    """Reset the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


CLOSED = r"the connection to 127\.0\.0\.1 was (reset|closed without an answer), after 1 try"


def begin(connection: socket.socket) -> None:
    """Send the first byte of an answer."""
    connection.sendall(b"H")


def inform(connection: socket.socket) -> None:
    """Send what informs of an answer that does not come."""
    connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def refuse_at_length(connection: socket.socket) -> None:
    """Send more of a refusal than is read; the rest only when the client does something."""
    head = b"HTTP/1.1 404 Not Found\r\nContent-Length: 99999\r\n\r\n"
    connection.sendall(head + b" " * (64 * 1024 + 1))
    wait(connection)
    connection.sendall(b" " * 1000)


def wait(connection: socket.socket) -> None:
    """Send nothing until the client has gone."""
    connection.recv(1)


class Script:
    """A server whose connections do one step for each request, and are closed after the last."""

    def __init__(self, *connections: list[Step], context: ssl.SSLContext | None = None) -> None:
        """Listen."""
        self._connections = connections
        self._context = context
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(0.05)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self.requests: list[int] = []
        """The number of the connection of each request."""

    @property
    def url(self) -> str:
        """Where it is."""
        scheme = "https" if self._context else "http"
        return f"{scheme}://127.0.0.1:{self._listening.getsockname()[1]}/v2"

    def _serve(self) -> None:
        number = 0
        while not self._is_over.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self._listening.accept()
                steps = self._connections[number] if number < len(self._connections) else []
                with contextlib.suppress(OSError):
                    self._talk(connection, number, steps)
                number += 1

    def _talk(self, connection: socket.socket, number: int, steps: list[Step]) -> None:
        connection.settimeout(5)
        if self._context:
            connection = self._context.wrap_socket(connection, server_side=True)
        with connection:
            for step in steps:
                request = b""
                while not request.endswith(b"\r\n\r\n"):
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    request += piece
                self.requests.append(number)
                step(connection)

    def __enter__(self) -> Self:
        """Serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._is_over.set()
        self._thread.join()
        self._listening.close()


@pytest.mark.parametrize("end", [close, reset])
def test_a_request_on_a_kept_connection_that_closes_is_sent_again(end: Step) -> None:
    with Script([answer, end], [answer, answer, end], [answer]) as script:
        client = client_of(script.url)
        for _ in range(4):
            assert client.get("/x") == {"uuid": "x"}
    assert script.requests == [0, 0, 1, 1, 1, 2]
    assert (client.asked, client.tries, client.unanswered) == (4, 4, 0)


@pytest.mark.parametrize("end", [close, reset])
def test_so_is_one_on_a_connection_with_tls(
    end: Step, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "certificate.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "certificate.pem"))
    with Script([answer, end], [answer], context=context) as script:
        client = client_of(script.url)
        assert [client.get("/x"), client.get("/x")] == [{"uuid": "x"}] * 2
    assert script.requests == [0, 0, 1]
    assert client.tries == 2


@pytest.mark.parametrize("end", [close, reset])
def test_a_request_on_a_new_connection_that_closes_is_a_try(end: Step) -> None:
    with Script([end], [end]) as script:
        client = client_of(script.url)
        with pytest.raises(
            TriesExhaustedError,
            match=CLOSED,
        ):
            client.get("/x")
    assert script.requests == [0]


def test_a_request_is_sent_again_once() -> None:
    with Script([answer, close], [close], [answer]) as script:
        client = client_of(script.url)
        client.get("/x")
        with pytest.raises(
            TriesExhaustedError,
            match=CLOSED,
        ):
            client.get("/x")
    assert script.requests == [0, 0, 1]


@pytest.mark.parametrize(
    ("end", "fault"),
    [
        (begin, "127.0.0.1 answers with what is no HTTP"),
        (inform, "closed without an answer"),
        (wait, "no whole answer in 1 seconds from 127.0.0.1"),
    ],
)
def test_an_answer_that_has_begun_or_does_not_come_in_time_is_a_try(end: Step, fault: str) -> None:
    with Script([answer, end], [answer]) as script:
        client = client_of(script.url, request_timeout_seconds=1)
        client.get("/x")
        with pytest.raises(TriesExhaustedError, match=f"{fault}, after 1 try"):
            client.get("/x")
        assert script.requests == [0, 0]
        assert client.get("/x") == {"uuid": "x"}


def test_a_connection_on_which_an_answer_is_left_is_not_kept() -> None:
    with Script([refuse_at_length], [answer]) as script:
        client = client_of(script.url)
        with pytest.raises(NoAnswerError, match="status 404"):
            client.get("/x")
        assert client.get("/x") == {"uuid": "x"}
    assert script.requests == [0, 1]


def informed(connection: socket.socket) -> None:
    """Answer after what informs of the answer."""
    connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nContent-Length: 9\r\n\r\n")
    connection.sendall(b"HTTP/1.1 102 Processing\r\nConnection: close\r\n\r\n")
    connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 199 Whatever\r\n\r\n")
    answer(connection)


def test_what_informs_of_an_answer_is_passed_over_and_the_connection_kept() -> None:
    with Script([informed, informed]) as script:
        client = client_of(script.url)
        assert [client.get("/x"), client.get("/x")] == [{"uuid": "x"}] * 2
    assert script.requests == [0, 0]
    assert client.tries == 2


def test_another_protocol_is_an_odd_answer() -> None:
    def changed(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n")

    with Script([changed]) as script, pytest.raises(OddAnswerError, match="status 101"):
        client_of(script.url).get("/x")


@pytest.fixture(autouse=True)
def _in_bounded_time() -> Iterator[None]:
    """Let no socket of these tests wait for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(10)
    yield
    socket.setdefaulttimeout(before)
