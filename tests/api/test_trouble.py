"""What keeps a request from its answer is named: who, and why; never a password."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tap_vcclive.api.errors import (
    TriesExhaustedError,
    UnreachableError,
    VCCLiveError,
    WrongServerError,
)
from tests.api.clients import GOOD, PASSWORD, client_of, line_of
from tests.servers import server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers import Server

HOST = "vcc.example"


def resolves_to(monkeypatch: pytest.MonkeyPatch, *answers: int | None) -> list[str]:
    """Let name servers fail with these errors, one after the other, or with None name this machine.

    Returns:
        The names that are asked for.
    """
    asked: list[str] = []
    real, left = socket.getaddrinfo, list(answers)

    def getaddrinfo(host: str, *args: object, **more: object) -> object:
        asked.append(host)
        error = left.pop(0) if len(left) > 1 else left[0]
        if error is not None:
            raise socket.gaierror(error, "what the system says")
        return real("127.0.0.1", *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@contextlib.contextmanager
def talking(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run a server that does something to each connection; give its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection, contextlib.suppress(OSError):
                        connection.recv(65536)
                        talk(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def saying(text: bytes) -> Callable[[socket.socket], None]:
    """Return what a server does that says something, whatever it is asked."""
    return lambda connection: connection.sendall(text)


def reset(connection: socket.socket) -> None:
    """Reset the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    ("talk", "says"),
    [
        (lambda _: None, "the connection to 127.0.0.1 was closed without an answer"),
        (reset, "the connection to 127.0.0.1 was reset"),
        (lambda _: time.sleep(1.5), "no whole answer in 1 seconds from 127.0.0.1"),
        (
            saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
            "the answer of 127.0.0.1 broke off",
        ),
        (saying(b"SSH-2.0-OpenSSH_9\r\n"), "127.0.0.1 answers with what is no HTTP"),
        (
            saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
            "the answer of 127.0.0.1 cannot be unpacked",
        ),
    ],
)
def test_each_way_to_fail_has_words_of_its_own(
    talk: Callable[[socket.socket], None], says: str
) -> None:
    with talking(talk) as port, pytest.raises(TriesExhaustedError) as raised:
        client_of(f"http://127.0.0.1:{port}/v2", request_timeout_seconds=1).get("/x")
    assert str(raised.value) == f"VCC Live does not answer /x: {says}, after 1 try"


def test_a_server_without_tls_is_told_from_one_that_breaks() -> None:
    says = "127.0.0.1 does not speak TLS as it should: WRONG_VERSION_NUMBER"
    with (
        talking(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port,
        pytest.raises(TriesExhaustedError, match=says),
    ):
        client_of(f"https://127.0.0.1:{port}/v2").get("/x")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (TimeoutError("timed out"), f"no connection to {HOST} in 2 seconds"),
        (OSError(113, "x"), f"{HOST} is not reached: No route to host"),
        (OSError(101, "x"), f"{HOST} is not reached: Network is unreachable"),
        (socket.gaierror(socket.EAI_AGAIN, "x"), f"the name of {HOST} does not resolve for now"),
        (socket.gaierror(socket.EAI_FAIL, "x"), f"the name of {HOST} does not resolve for now"),
    ],
)
def test_what_keeps_a_connection_from_being_made_may_pass(
    monkeypatch: pytest.MonkeyPatch, error: OSError, says: str
) -> None:
    tries = []

    def connect(*_: object, **__: object) -> None:
        tries.append(1)
        raise error

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    with pytest.raises(TriesExhaustedError, match=f"{says}, after 2 tries"):
        client_of(f"https://{HOST}/v2", max_tries=2).get("/x")
    assert len(tries) == 2


def test_a_name_that_there_is_not_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolves_to(monkeypatch, socket.EAI_NONAME)
    with pytest.raises(UnreachableError) as raised:
        client_of(f"https://{HOST}/v2", max_tries=6).get("/x")
    assert line_of(raised.value) == (
        f"VCC Live is not reached: the name of {HOST} does not resolve; "
        "are customer and api_url right?"
    )
    assert asked == [HOST]


def test_a_name_that_was_there_before_may_be_there_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(lambda _: (200, {"Connection": "close"}, GOOD)) as running:
        resolves_to(monkeypatch, None, socket.EAI_NONAME, None, socket.EAI_NONAME)
        client = client_of(running.url, max_tries=2)
        assert [client.get("/x"), client.get("/y")] == [{"uuid": "x"}] * 2
        with pytest.raises(TriesExhaustedError, match=r"does not resolve; .* after 2 tries"):
            client.get("/z")
        other = client_of(running.url)
        with pytest.raises(UnreachableError):
            other.get("/x")


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (407, UnreachableError, "refuses (407): HTTPS_PROXY needs its right user and password"),
        (403, UnreachableError, f"refuses to connect to {HOST} (status 403)"),
        (404, UnreachableError, f"refuses to connect to {HOST} (status 404)"),
        (429, TriesExhaustedError, f"has no connection to {HOST} (status 429), after 2 tries"),
        (502, TriesExhaustedError, f"has no connection to {HOST} (status 502), after 2 tries"),
    ],
)
def test_a_proxy_that_refuses_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, status: int, error: type[VCCLiveError], says: str
) -> None:
    with proxied(monkeypatch, status) as proxy, pytest.raises(error) as raised:
        client_of(f"https://{HOST}/v2", max_tries=2).get("/x?secret")
    assert f"the proxy 127.0.0.1:{proxy.server_port} {says}" in str(raised.value)
    assert PASSWORD not in str(raised.value)
    assert len(proxy.seen) == (1 if error is UnreachableError else 2)
    assert {method for method, _, _ in proxy.seen} == {"CONNECT"}


@contextlib.contextmanager
def proxied(monkeypatch: pytest.MonkeyPatch, status: int) -> Iterator[Server]:
    """Run a proxy that answers with a status, and let the environment name it."""
    with server(lambda _: (status, {}, b"")) as proxy:
        name_proxy(monkeypatch, f"127.0.0.1:{proxy.server_port}")
        yield proxy


def name_proxy(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Let the environment name a proxy."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PASSWORD}@{address}")


def test_a_proxy_that_is_not_there_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    name_proxy(monkeypatch, "127.0.0.1:1")
    with pytest.raises(UnreachableError) as raised:
        client_of(f"https://{HOST}/v2", max_tries=6).get("/x")
    assert line_of(raised.value).endswith(
        ": the proxy 127.0.0.1:1 refuses connections; is HTTPS_PROXY right?"
    )
    name_proxy(monkeypatch, "proxy.example:3128")
    resolves_to(monkeypatch, socket.EAI_NONAME)
    with pytest.raises(UnreachableError) as raised:
        client_of(f"https://{HOST}/v2", max_tries=6).get("/x")
    assert line_of(raised.value).endswith(
        ": the name of the proxy proxy.example:3128 does not resolve; is HTTPS_PROXY right?"
    )


def test_a_proxy_that_breaks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with talking(lambda _: None) as port:
        name_proxy(monkeypatch, f"127.0.0.1:{port}")
        with pytest.raises(TriesExhaustedError) as raised:
            client_of(f"https://{HOST}/v2").get("/x")
    says = f"{HOST} by way of the proxy 127.0.0.1:{port} was closed without an answer"
    assert says in str(raised.value)
    assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize(
    "address",
    [
        *("http://[", "odd://x", "socks5://127.0.0.1:1", "http://", "http://u:p@"),
        *(f"http://u:{PASSWORD}@a b:80", f"http://u:{PASSWORD}@127.0.0.1:99999"),
    ],
)
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_that_is_no_address_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, address: str, variable: str
) -> None:
    monkeypatch.setenv(variable, address)
    with pytest.raises(WrongServerError) as raised:
        client_of(f"https://{HOST}/v2", max_tries=6).get("/x")
    assert line_of(raised.value) == (
        "VCC Live is not reached: the proxy that the environment names as "
        f"{variable} cannot be used"
    )


def test_the_connections_of_a_client_can_be_closed() -> None:
    with server(lambda _: (200, {}, GOOD)) as running:
        client = client_of(running.url)
        client.get("/x")
        client.close()
        with pytest.raises(VCCLiveError, match="Nothing is asked for any more"):
            client.get("/x")
    assert len(running.seen) == 1
