"""`openssl ocsp` asks the lab's responder; `openssl verify` reads base and delta CRLs together."""
from __future__ import annotations

import base64
import datetime
import urllib.parse
from pathlib import Path

import mimica
import pytest
from conftest import Client
from issued import KEYS, Issued, issued
from mimica.pytest_plugin import LabFactory


@pytest.fixture(params=KEYS)
def scene(request: pytest.FixtureRequest, lab_factory: LabFactory, tmp_path: Path) -> Issued:
    return issued(lab_factory, tmp_path, request.param)


def ask(client: Client, scene: Issued, certificate: str, *options: str, digest: str = "-sha1") -> str:
    done = client("openssl", "ocsp", digest, "-issuer", scene.path("issuing.pem"), "-cert", scene.path(certificate), "-url",
                  scene.responder, "-CAfile", scene.path("root.pem"), *options)  # fmt: skip
    return done.stdout + done.stderr


def test_openssl_ocsp_gets_good_and_revoked(scene: Issued, client: Client) -> None:
    good = ask(client, scene, "good.pem")
    assert "Response verify OK" in good and "good.pem: good" in good
    assert "WARNING: no nonce in response" not in good
    bad = ask(client, scene, "bad.pem", digest="-sha256")
    assert "Response verify OK" in bad and "bad.pem: revoked" in bad and "Reason: superseded" in bad
    assert "Response verify OK" in ask(client, scene, "good.pem", "-no_nonce")


def test_a_get_request_may_be_cached(scene: Issued, client: Client) -> None:
    request = scene.path("request.der")
    client("openssl", "ocsp", "-issuer", scene.path("issuing.pem"), "-cert", scene.path("good.pem"), "-no_nonce", "-reqout", request)
    encoded = urllib.parse.quote(base64.b64encode(request.read_bytes()).decode(), safe="")
    answer, headers = scene.path("answer.der"), scene.path("headers")
    client("curl", "-sS", "-f", "-D", headers, "-o", answer, f"{scene.responder}/{encoded}")
    lines = headers.read_text().lower()
    for name in ("content-type: application/ocsp-response", "cache-control: max-age=", "etag:", "last-modified:", "expires:"):
        assert name in lines
    done = client("openssl", "ocsp", "-respin", answer, "-issuer", scene.path("issuing.pem"), "-cert", scene.path("good.pem"),
                  "-CAfile", scene.path("root.pem"), "-no_nonce")  # fmt: skip
    assert "good.pem: good" in done.stdout + done.stderr


def test_openssl_verify_reads_deltas(scene: Issued, client: Client) -> None:
    """The later certificate is revoked in the delta CRL alone."""
    late = scene.lab.enroll("jane", "User").certificate
    scene.path("late.pem").write_text(late.pem)
    base = scene.path("lists.pem")

    def verify(*options: str) -> str:
        done = client("openssl", "verify", "-CAfile", scene.path("root.pem"), "-untrusted", scene.path("issuing.pem"), "-CRLfile",
                      base, "-crl_check", *options, scene.path("late.pem"), ok=False)  # fmt: skip
        return done.stdout + done.stderr

    def pem(der: bytes) -> str:
        body = base64.encodebytes(der).decode()
        return f"-----BEGIN X509 CRL-----\n{body}-----END X509 CRL-----\n"

    assert scene.lab.ca.revoke(late, reason=1)
    assert scene.lab.ca.publish_crl(delta_only=True)
    base.write_text(pem(scene.lab.ca.crl()) + pem(scene.lab.ca.crl_of_key(0, delta=True)))
    assert "late.pem: OK" in verify()
    assert "certificate revoked" in verify("-extended_crl", "-use_deltas")


def test_each_key_of_a_renewed_ca_answers(lab_factory: LabFactory, client: Client, tmp_path: Path) -> None:
    scene = issued(lab_factory, tmp_path, "P-256")
    renewed = scene.lab.ca.renew(new_key=True)
    assert renewed
    assert "bad.pem: revoked" in ask(client, scene, "bad.pem")
    late = scene.lab.enroll("jane", "User").certificate
    scene.path("late.pem").write_text(late.pem)
    scene.path("issuing.pem").write_text(scene.lab.ca.certificate_pem())
    answer = ask(client, scene, "late.pem")
    assert "Response verify OK" in answer and "late.pem: good" in answer
    assert [len(scene.lab.ca.certificates), late.issuer] == [2, scene.good.issuer]


def test_the_switch_for_unknown_serial_numbers(lab_factory: LabFactory, client: Client, tmp_path: Path) -> None:
    for strict, status in ((False, "good"), (True, "unknown")):
        now = datetime.datetime.now(datetime.timezone.utc)
        lab = lab_factory(ca=mimica.CaSpec(ocsp=True, deterministic_good=strict), clock=now, profiles=[])
        issuer = tmp_path / "issuer.pem"
        issuer.write_text(lab.ca.certificate_pem())
        done = client("openssl", "ocsp", "-issuer", issuer, "-serial", "0x1234", "-url", lab.endpoints["http"].url + "/ocsp",
                      "-noverify")  # fmt: skip
        assert f"0x1234: {status}" in done.stdout + done.stderr
