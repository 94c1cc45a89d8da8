"""Where redirects lead: the same server however its address is written, and no other."""

from __future__ import annotations

import pytest

from tap_vcclive.api.errors import WrongServerError
from tap_vcclive.api.redirects import redirected, target_of
from tests.api.clients import GOOD, client_of
from tests.servers import server

ASKED = "https://acme.example.test/v2/users?start=0"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://acme.example.test:443/new", "/new"),
        ("https://acme.example.test./new", "/new"),
        ("https://acme.example.test.:443/new", "/new"),
        ("HTTPS://Acme.Example.TEST/New", "/New"),
        ("https://acme.example.test", "/"),
        ("https://acme.example.test?a=b", "/?a=b"),
        ("//acme.example.test:443/new", "/new"),
        ("https://acme.example.test:/new", "/new"),
        ("new?a=b#c", "/v2/new?a=b"),
        ("/", "/"),
        ("", "/v2/users?start=0"),
    ],
)
def test_the_same_server_is_known_however_it_is_written(location: str, target: str) -> None:
    assert target_of(redirected(ASKED, location, "/users")) == target


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        (ASKED, "http://acme.example.test/new"),
        (ASKED, "http://acme.example.test:443/new"),
        (ASKED, "https://acme.example.test:8443/new"),
        (ASKED, "https://example.test/new"),
        (ASKED, "https://acme.example.test../new"),
        (ASKED, "https://acme.example.test@other.test/new"),
        (ASKED, "https://acme.example.test:x/new"),
        (ASKED, "https://[new"),
        (ASKED, "file:///new"),
        ("http://acme.example.test:443/v2/users", "https://acme.example.test/new"),
        ("https://acme.example.test:80/v2/users", "http://acme.example.test/new"),
    ],
)
def test_another_server_is_refused(asked: str, location: str) -> None:
    with pytest.raises(WrongServerError, match="/users points to another server"):
        redirected(asked, location, "/users")


def test_the_port_of_an_address_is_that_of_its_scheme() -> None:
    asked = "https://acme.example.test:443/v2/users"
    assert redirected(asked, "https://acme.example.test/x", "/users") == (
        "https://acme.example.test/x"
    )
    assert redirected("http://a.test/x", "http://A.test:80/y", "/x") == "http://A.test:80/y"


def test_a_redirect_to_a_server_without_a_path_is_followed() -> None:
    with server(lambda _: (200, {}, GOOD)) as running:
        root = {"Location": running.url.removesuffix("/v2")}
        running.answer = lambda path: (200, {}, GOOD) if path == "/" else (301, root, b"")
        assert client_of(running.url).get("/x") == {"uuid": "x"}
        assert [path for _, path, _ in running.seen] == ["/v2/x", "/"]
