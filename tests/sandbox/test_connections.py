"""Faults of the connection, and https: what a client meets, and for how long."""

from __future__ import annotations

import gc
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests

from tests.sandbox.clients import PATIENCE, asking, eventually, get, received
from vcclive_sandbox import certificates
from vcclive_sandbox.port import Port
from vcclive_sandbox.server import Faults, Options, RunningSandbox, serving

if TYPE_CHECKING:
    from pathlib import Path

SMALL = Options(days=1, calls_per_day=5)


def forced(name: str, options: Options = SMALL, faults: Faults | None = None) -> Options:
    """Return options in which the first call meets a fault."""
    with serving(SMALL) as sandbox:
        uuid = sandbox.calls[0].uuid
    return replace(options, force={uuid: [name]}, faults=faults or Faults())


def until_served(sandbox: RunningSandbox) -> requests.Response:
    """Ask for the second call until there is an answer."""
    answers = []

    def is_served() -> bool:
        with suppress(requests.ConnectionError):
            answers.append(get(sandbox, 1))
        return bool(answers)

    assert eventually(is_served)
    return answers[0]


def is_refused(sandbox: RunningSandbox) -> bool:
    """Return whether the port refuses a connection."""
    address = urlsplit(sandbox.api_url)
    try:
        socket.create_connection((address.hostname, address.port), timeout=PATIENCE).close()
    except ConnectionRefusedError:
        return True
    return False


def test_an_answer_that_stalls_is_half_there_and_then_the_connection_breaks() -> None:
    with serving(forced("stall", faults=Faults(slow_seconds=0.3))) as sandbox:
        begin = time.monotonic()
        data = received(sandbox, 0)
        assert time.monotonic() - begin >= 0.3
        assert get(sandbox, 0).status_code == 200
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert f"content-length: {2 * len(body)}"[:-1].encode() in head
    assert len(body) > 100


def test_a_client_that_goes_away_ends_a_stalled_answer() -> None:
    with serving(forced("stall", faults=Faults(slow_seconds=600))) as sandbox:
        with asking(sandbox, 0) as connection:
            assert connection.recv(100)
            assert sandbox.in_flight == 1
        assert eventually(lambda: sandbox.in_flight == 0)


def test_the_port_refuses_for_a_time_and_then_serves_again() -> None:
    with (
        serving(forced("refuse", faults=Faults(outage_seconds=0.5))) as sandbox,
        asking(sandbox, 1) as bystander,
    ):
        assert bystander.recv(100)
        begin = time.monotonic()
        with pytest.raises(requests.ConnectionError):
            get(sandbox, 0)
        while bystander.recv(65536):  # to its end: the server is gone, for all of its clients
            pass
        assert until_served(sandbox).status_code == 200
        assert time.monotonic() - begin >= 0.5
        assert get(sandbox, 0).status_code == 200


def test_the_port_refuses_for_good_when_planned_to_stay() -> None:
    with serving(forced("refuse*", faults=Faults(outage_seconds=0.01))) as sandbox:
        with pytest.raises(requests.ConnectionError):
            get(sandbox, 0)
        time.sleep(0.3)
        assert is_refused(sandbox)


def test_connections_that_arrive_as_an_outage_begins_are_closed(tmp_path: Path) -> None:
    """One that the sandbox forgets to close is a ResourceWarning, which fails the test."""
    done = threading.Event()

    def keep_connecting() -> None:
        while not done.is_set():
            with suppress(OSError), socket.create_connection(at, timeout=PATIENCE) as connection:
                connection.settimeout(0.001)
                connection.recv(1)

    for ca_file in (None, str(tmp_path / "ca.pem")):
        outages = Faults({"refuse": 1}, outage_seconds=0.002)
        options = replace(SMALL, ca_file=ca_file, faults=outages)
        with serving(options) as sandbox, ThreadPoolExecutor(8) as pool:
            address = urlsplit(sandbox.api_url)
            at = (address.hostname, address.port)
            done.clear()
            for _ in range(8):
                pool.submit(keep_connecting)
            for _ in range(30):
                with suppress(requests.ConnectionError):
                    get(sandbox, 0)
            done.set()
        gc.collect()


def test_nobody_else_gets_a_port_that_refuses() -> None:
    port = Port("127.0.0.1", 0)
    port.refuse()
    with socket.socket() as other:
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port.number))
        port.close()
        other.bind(("127.0.0.1", port.number))


def test_https_is_trusted_with_the_ca_of_the_sandbox_only(tmp_path: Path) -> None:
    ca_file = str(tmp_path / "ca.pem")
    with serving(replace(SMALL, ca_file=ca_file)) as sandbox:
        assert sandbox.api_url.startswith("https://127.0.0.1:")
        assert sandbox.ca_file == ca_file
        assert get(sandbox, 0).json()["response"]["uuid"] == sandbox.calls[0].uuid
        with pytest.raises(requests.exceptions.SSLError, match="verify failed"):
            requests.get(sandbox.api_url, timeout=PATIENCE)


@pytest.mark.parametrize("fault", ["drop", "half", "stall", "refuse"])
def test_connections_break_with_https_as_without(tmp_path: Path, fault: str) -> None:
    https = replace(SMALL, ca_file=str(tmp_path / "ca.pem"))
    with serving(forced(fault, https, Faults(slow_seconds=0.1, outage_seconds=0.1))) as sandbox:
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            get(sandbox, 0)
        assert until_served(sandbox).status_code == 200


def test_another_certificate_is_shown_for_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(certificates, "monotonic", lambda: now)
    https = replace(SMALL, ca_file=str(tmp_path / "ca.pem"))
    with serving(forced("certificate", https, Faults(outage_seconds=20))) as sandbox:
        assert get(sandbox, 1).status_code == 200
        with pytest.raises(requests.ConnectionError):
            get(sandbox, 0)
        now = 119.0
        for _ in range(2):
            with pytest.raises(requests.exceptions.SSLError, match="verify failed"):
                get(sandbox, 1)
        now = 120.0
        assert get(sandbox, 1).status_code == 200


def test_another_certificate_that_is_planned_to_stay_is_shown_from_the_start(
    tmp_path: Path,
) -> None:
    https = replace(SMALL, ca_file=str(tmp_path / "ca.pem"))
    with serving(forced("certificate*", https)) as sandbox:
        for position in (1, 0):
            with pytest.raises(requests.exceptions.SSLError, match="verify failed"):
                get(sandbox, position)
        assert sandbox.requests == []


def test_a_redirect_from_https_leads_to_https(tmp_path: Path) -> None:
    https = replace(SMALL, ca_file=str(tmp_path / "ca.pem"))
    with serving(forced("redirect", https)) as sandbox:
        assert get(sandbox, 0).headers["Location"].startswith("https://127.0.0.2:")
