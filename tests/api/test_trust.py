"""Which certificates are trusted, and what is said of one that is not."""

from __future__ import annotations

import contextlib
import hashlib
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme
from cryptography import x509

from tap_vcclive.api.errors import WrongServerError
from tests.api.clients import GOOD, client_of, line_of
from tests.servers import server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "is not there"),
        (b"", "holds no certificates"),
        (b"no certificate", "holds no certificates"),
        (
            b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
            "holds no certificates",
        ),
        (b"\x30\x82\x00\xff" * 99, "holds no certificates"),
    ],
)
def test_a_bundle_that_is_none_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variable: str,
    content: bytes | None,
    problem: str,
) -> None:
    if content is not None:
        (tmp_path / "bundle").write_bytes(content)
    monkeypatch.setenv(variable, str(tmp_path / "bundle"))
    with pytest.raises(WrongServerError) as raised:
        client_of("https://127.0.0.1:1/v2", max_tries=6).get("/x")
    assert line_of(raised.value) == (
        f"VCC Live is not reached: the file that the environment names as {variable} {problem}"
    )


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that no machine trusts by itself."""
    return trustme.CA()


@contextlib.contextmanager
def secured(authority: trustme.CA, host: str = "127.0.0.1") -> Iterator[str]:
    """Run a server with a certificate for a host; give its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    with server(lambda _: (200, {}, GOOD), context) as running:
        yield running.url.replace("http://", "https://")
        assert all(path == "/v2/x" for _, path, _ in running.seen)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_certificates_that_the_environment_names_are_trusted_and_no_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, authority: trustme.CA, variable: str
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    with secured(authority) as url:
        monkeypatch.setenv(variable, str(tmp_path / "ca.pem"))
        assert client_of(url).get("/x") == {"uuid": "x"}
        monkeypatch.setenv(variable, str(tmp_path / "other.pem"))
        with pytest.raises(WrongServerError, match=f"not among those that {variable} names"):
            client_of(url).get("/x")


def subject_hash(authority: trustme.CA) -> str:
    """Return the name under which OpenSSL looks for a certificate in a folder."""
    subject = x509.load_pem_x509_certificate(authority.cert_pem.bytes()).subject
    canonical = x509.Name(
        x509.NameAttribute(part.oid, " ".join(str(part.value).lower().split())) for part in subject
    )
    der = canonical.public_bytes()
    body = der[2:] if der[1] < 0x80 else der[3:]
    digest = hashlib.sha1(body, usedforsecurity=False).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}"


def test_so_are_those_in_the_folders_that_it_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, authority: trustme.CA
) -> None:
    folder = tmp_path / "hashed"
    folder.mkdir()
    pem = authority.cert_pem.bytes().decode()
    (folder / f"{subject_hash(authority)}.0").write_text(pem)
    with secured(authority) as url:
        for variable, value in (
            ("SSL_CERT_DIR", f"/no/such/folder:{folder}"),
            ("REQUESTS_CA_BUNDLE", str(folder)),
        ):
            monkeypatch.setenv(variable, value)
            assert client_of(url).get("/x") == {"uuid": "x"}
            monkeypatch.delenv(variable)


def test_what_is_made_for_requests_goes_before_what_is_made_for_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, authority: trustme.CA
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file")
    with secured(authority) as url:
        assert client_of(url).get("/x") == {"uuid": "x"}


def test_a_certificate_that_does_not_verify_is_told_with_what_would_make_it_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, authority: trustme.CA
) -> None:
    with secured(authority) as url, pytest.raises(WrongServerError) as raised:
        client_of(url, max_tries=6).get("/x")
    assert line_of(raised.value) == (
        "the certificate of 127.0.0.1 does not verify; nothing was sent: its authority is not "
        "trusted here; REQUESTS_CA_BUNDLE or SSL_CERT_FILE can name a file with the certificates "
        "to trust"
    )
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with secured(authority, "other.example") as url, pytest.raises(WrongServerError) as raised:
        client_of(url).get("/x")
    assert str(raised.value).endswith("nothing was sent: it is that of another host")
