"""curl fetches what the CA publishes."""
from __future__ import annotations

from pathlib import Path

import mimica
import pytest
from conftest import Client
from cryptography import x509


@pytest.fixture
def urls(lab: mimica.Lab) -> dict[str, str]:
    """The HTTP URLs in a certificate: "crl" and "issuer"."""
    issued = lab.enroll(lab.add_user("jane"), "User")
    parsed = x509.load_der_x509_certificate(issued.certificate.der)
    points = parsed.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    access = parsed.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    crls = [name.value for point in points for name in point.full_name or () if name.value.startswith("http:")]
    issuers = [entry.access_location.value for entry in access if entry.access_location.value.startswith("http:")]
    return {"crl": crls[0], "issuer": issuers[0]}


def status(client: Client, *arguments: object) -> str:
    return client("curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code} %{content_type}", *arguments).stdout


def test_urls_lead_to_the_lab(lab: mimica.Lab, urls: dict[str, str]) -> None:
    assert lab.endpoints["http"].url.startswith("http://127.0.0.1:") or "localhost" in lab.endpoints["http"].url
    for url in urls.values():
        assert url.startswith(lab.endpoints["http"].url.rstrip("/"))


def test_content_types(client: Client, urls: dict[str, str]) -> None:
    assert status(client, urls["crl"]) == "200 application/pkix-crl"
    assert status(client, urls["issuer"]).startswith("200 application/")


def test_head_answers_without_a_body(client: Client, lab: mimica.Lab, urls: dict[str, str]) -> None:
    headers = client("curl", "--silent", "--head", urls["crl"]).stdout.lower()
    assert headers.startswith("http/1.1 200")
    assert f"content-length: {len(lab.ca.crl())}" in headers


def test_unknown_paths_and_methods(client: Client, lab: mimica.Lab, urls: dict[str, str]) -> None:
    base = lab.endpoints["http"].url.rstrip("/")
    assert status(client, f"{base}/no/such/file").startswith("404")
    assert status(client, "--path-as-is", f"{base}/../../etc/passwd")[:3] in ("400", "404")
    assert status(client, "--request", "DELETE", urls["crl"]).startswith("405")


def test_one_connection_serves_several_requests(client: Client, urls: dict[str, str], tmp_path: Path) -> None:
    done = client("curl", "--silent", "--verbose", "--output", tmp_path / "1", urls["crl"], "--output", tmp_path / "2", urls["issuer"])
    assert "Re-using existing connection" in done.stderr
    assert (tmp_path / "1").read_bytes()[:1] == (tmp_path / "2").read_bytes()[:1] == b"\x30"


def test_an_oversized_request_is_refused(client: Client, urls: dict[str, str]) -> None:
    done = client("curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--header", "X: " + "a" * 100_000,
                  urls["crl"], ok=False)  # fmt: skip
    assert done.stdout in ("400", "413", "431") or done.returncode != 0
    assert status(client, urls["crl"]).startswith("200"), "the server lives on"


def test_the_commands_of_the_endpoints_work(client: Client, lab: mimica.Lab, tmp_path: Path) -> None:
    for command in lab.endpoints["http"].commands:
        client("sh", "-c", f"cd {tmp_path} && {command} >/dev/null")


def test_a_closed_lab_listens_no_more(client: Client, lab: mimica.Lab, urls: dict[str, str]) -> None:
    lab.close()
    assert client("curl", "--silent", "--max-time", "5", urls["crl"], ok=False).returncode == 7
