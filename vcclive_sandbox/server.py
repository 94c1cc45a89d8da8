"""The sandbox on a loopback port: in a thread for tests, in the foreground for the command."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vcclive_sandbox.app import Sandbox, SeenRequest
from vcclive_sandbox.calls import Calls
from vcclive_sandbox.certificates import Certificates
from vcclive_sandbox.listening import Listening
from vcclive_sandbox.options import ALWAYS, Faults, Options, Variants
from vcclive_sandbox.port import Port
from vcclive_sandbox.resources import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Faults", "Options", "RunningSandbox", "Server", "Variants", "serving"]


class Server:
    """A sandbox that listens from the moment it is made.

    Attributes:
        calls: The invented calls.
        sandbox: The application.
        api_url: Where it is, such as `http://127.0.0.1:8765/v2`.
    """

    def __init__(self, options: Options) -> None:
        """Invent the calls and open the port."""
        self.calls = Calls(options)
        self.sandbox = Sandbox(self.calls, options)
        certificates = _certificates(options)
        self._port = Port(options.host, options.port)
        scheme = "https" if certificates else "http"
        host = f"[{options.host}]" if ":" in options.host else options.host
        self.api_url = f"{scheme}://{host}:{self._port.number}{PREFIX}"
        self._uvicorn = Listening(
            self.sandbox, self._port, certificates, options.keep_alive_requests
        )

    def run(self) -> None:
        """Serve until stopped, or until SIGINT or SIGTERM in the main thread."""
        self._uvicorn.run()

    def wait_until_ready(self, seconds: float) -> bool:
        """Return whether it serves within this time."""
        return self._uvicorn.ready.wait(seconds)

    def stop(self) -> None:
        """Ask it to end, from any thread."""
        self._uvicorn.stop()


def _certificates(options: Options) -> Certificates | None:
    """Return what https takes, when the options ask for it."""
    if options.ca_file is None:
        return None
    certificates = Certificates(options.host, Path(options.ca_file))
    if any(f"certificate{ALWAYS}" in names for names in options.force.values()):
        certificates.show_another(None)
    return certificates


@dataclass(frozen=True)
class RunningSandbox:
    """What a test needs to know of a sandbox that runs.

    Attributes:
        api_url: Where it is.
        customer: User of the authentication.
        api_key: Its password.
        calls: The invented calls.
        ca_file: The certificate of the CA that a client has to trust; None for http.
    """

    api_url: str
    customer: str
    api_key: str
    calls: Calls
    ca_file: str | None
    _sandbox: Sandbox

    @property
    def requests(self) -> list[SeenRequest]:
        """The requests that came in so far, in order."""
        return self._sandbox.requests

    @property
    def in_flight(self) -> int:
        """How many requests are being answered now."""
        return self._sandbox.in_flight

    @property
    def max_in_flight(self) -> int:
        """The most requests that were being answered at once."""
        return self._sandbox.max_in_flight


@contextmanager
def serving(options: Options | None = None) -> Iterator[RunningSandbox]:
    """Run a sandbox in a thread, on a free port unless the options name one."""
    options = options or Options()
    server = Server(options)
    thread = threading.Thread(target=server.run, name="vcclive-sandbox", daemon=True)
    thread.start()
    try:
        if not server.wait_until_ready(10):
            raise RuntimeError("the sandbox did not start")
        yield RunningSandbox(
            api_url=server.api_url,
            customer=options.customer,
            api_key=options.api_key,
            calls=server.calls,
            ca_file=options.ca_file,
            _sandbox=server.sandbox,
        )
    finally:
        server.stop()
        thread.join()
