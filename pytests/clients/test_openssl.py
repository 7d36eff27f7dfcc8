"""The openssl command line asks the CA and reads what it gets."""
from __future__ import annotations

from pathlib import Path

import mimica
import pytest
from conftest import Client
from mimica.pytest_plugin import LabFactory

WEB = mimica.template("Web", subject="supplied_in_request", enroll=["Domain Users"])
CURVES = mimica.template(
    "Curves",
    subject="supplied_in_request",
    enroll=["Domain Users"],
    compatibility="2012R2",
    provider="ksp",
    key_algorithm="ECDSA_P384",
    minimum_key_size=384,
)


@pytest.mark.mimica(templates=[WEB, CURVES], profiles=[])
@pytest.mark.parametrize(
    "template, algorithm",
    [("Web", ["rsa:2048"]), ("Web", ["rsa:3072"]), ("Curves", ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"])],
    ids=["rsa-2048", "rsa-3072", "p-384"],
)
def test_a_request_of_openssl_req_is_issued(
    lab: mimica.Lab, client: Client, tmp_path: Path, template: str, algorithm: list[str]
) -> None:
    key, request, certificate = tmp_path / "key.pem", tmp_path / "request.pem", tmp_path / "certificate.pem"
    client("openssl", "req", "-new", "-newkey", *algorithm, "-noenc", "-keyout", key, "-out", request, "-subj",
           "/DC=com/DC=contoso/O=Contoso Ltd./CN=web.contoso.com", "-addext", "subjectAltName=DNS:web.contoso.com")  # fmt: skip
    issued = lab.enroll(lab.add_user("jane"), template, request=request.read_text())
    assert issued
    certificate.write_text(issued.certificate.pem)
    public = [client("openssl", *what, "-pubout" if what[0] == "pkey" else "-pubkey").stdout
              for what in (("pkey", "-in", key), ("x509", "-noout", "-in", certificate))]  # fmt: skip
    assert public[0] == public[1]
    text = client("openssl", "x509", "-in", certificate, "-noout", "-text").stdout
    assert "DNS:web.contoso.com" in text
    assert "CN = web.contoso.com" in text


def test_openssl_reads_the_crl(lab: mimica.Lab, client: Client, tmp_path: Path) -> None:
    jane = lab.add_user("jane")
    issued = lab.enroll(jane, "User")
    assert lab.ca.revoke(issued, reason=1)
    assert lab.ca.publish_crl()
    crl, issuer = tmp_path / "ca.crl", tmp_path / "ca.pem"
    crl.write_bytes(lab.ca.crl())
    issuer.write_text(lab.ca.certificate_pem())
    done = client("openssl", "crl", "-inform", "DER", "-in", crl, "-noout", "-text", "-CAfile", issuer)
    assert "verify OK" in done.stdout + done.stderr
    assert issued.certificate.serial.upper() in done.stdout
    assert "Key Compromise" in done.stdout


@pytest.mark.parametrize("key", ["RSA-2048", "RSA-4096", "P-256", "P-384"])
def test_openssl_accepts_ca_certificates_of_every_kind(
    lab_factory: LabFactory, client: Client, tmp_path: Path, key: str
) -> None:
    lab = lab_factory(ca=mimica.CaSpec(key=key), directory="in_process")
    root, issuing = tmp_path / "root.pem", tmp_path / "issuing.pem"
    root.write_text(lab.ca.root.pem)
    issuing.write_text(lab.ca.certificate_pem())
    moment = str(int(lab.clock.now.timestamp()))
    client("openssl", "verify", "-attime", moment, "-x509_strict", "-check_ss_sig", "-CAfile", root, issuing)
