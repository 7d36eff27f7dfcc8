"""certtool and ocsptool of GnuTLS read chains, revocation lists and OCSP answers of every kind of CA key."""
from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Client
from issued import KEYS, Issued, issued
from mimica.pytest_plugin import LabFactory


@pytest.fixture(params=KEYS)
def scene(request: pytest.FixtureRequest, lab_factory: LabFactory, tmp_path: Path) -> Issued:
    return issued(lab_factory, tmp_path, request.param)


def test_certtool_verifies_chains(scene: Issued, client: Client) -> None:
    chain = scene.path("chain.pem")
    chain.write_text(scene.good.pem + scene.lab.ca.certificate_pem())
    root = scene.path("root.pem")
    done = client("certtool", "--verify", "--load-ca-certificate", root, "--infile", chain)
    assert "Verified. The certificate is trusted." in done.stdout
    spoiled = scene.path("spoiled.pem")
    spoiled.write_text(scene.good.pem + scene.lab.ca.root.pem)  # the issuing CA is missing
    assert client("certtool", "--verify", "--load-ca-certificate", root, "--infile", spoiled, ok=False).returncode != 0


def test_certtool_verifies_lists(scene: Issued, client: Client) -> None:
    for name, issuer, entries in (("base.crl", "issuing.pem", 1), ("delta.crl", "issuing.pem", 1), ("root.crl", "root.pem", 0)):
        text = client("certtool", "--crl-info", "--inder", "--infile", scene.path(name)).stdout
        assert ("Revoked certificates (1)" in text) == (entries == 1)
        if entries:
            assert scene.bad.serial.lower() in text
        pem = scene.path(name + ".pem")
        pem.write_text(client("certtool", "--crl-info", "--inder", "--infile", scene.path(name)).stdout)
        done = client("certtool", "--verify-crl", "--load-ca-certificate", scene.path(issuer), "--infile", pem)
        assert "Verified. The certificate is trusted." in done.stdout or "Verification output: Verified" in done.stdout
        other = "root.pem" if issuer == "issuing.pem" else "issuing.pem"
        wrong = client("certtool", "--verify-crl", "--load-ca-certificate", scene.path(other), "--infile", pem, ok=False)
        assert "Not verified" in wrong.stdout + wrong.stderr or wrong.returncode != 0


def test_ocsptool_asks_and_verifies(scene: Issued, client: Client) -> None:
    for name, status in (("good.pem", "good"), ("bad.pem", "revoked")):
        for nonce in ("--nonce", "--no-nonce"):
            done = client("ocsptool", f"--ask={scene.responder}", nonce, "--load-cert", scene.path(name), "--load-issuer",
                          scene.path("issuing.pem"), ok=False)  # fmt: skip
            assert f"Certificate Status: {status}" in done.stdout, done.stdout + done.stderr
            assert "Verifying OCSP Response: Success" in done.stdout, done.stdout + done.stderr
