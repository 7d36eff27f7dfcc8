"""Heimdal's kinit with certificates of the lab, against MIT's krb5kdc that asks the lab."""
from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import mimica
import pytest
from kerberos_clients import SUPPLIED, TIMEOUT, Identity, need_kdc, run, write_identity

pytestmark = pytest.mark.mimica(templates=[SUPPLIED], profiles=[], connectors=[])


@pytest.fixture
def heimdal() -> str:
    """Debian's heimdal-clients cannot be installed beside krb5-kdc: `./dev` unpacks it and says where."""
    need_kdc()
    found = shutil.which("kinit.heimdal", path=f"{os.environ.get('MIMICA_HEIMDAL', '')}:{os.environ['PATH']}")
    if found is None:
        pytest.skip("kinit.heimdal is not installed (heimdal-clients)")
    return found


def kinit(program: str, lab: mimica.Lab, principal: str, identity: Identity) -> subprocess.CompletedProcess[str]:
    lab.kerberos.start()
    return subprocess.run(
        [program, "-C", f"FILE:{identity.path},{identity.key}", f"{principal}@{lab.kerberos.realm}"],
        env=lab.kerberos.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def last_status(lab: mimica.Lab) -> str:
    return [event for event in lab.kdc.events if event.id == 4768][-1].data["Status"]


def test_a_strong_certificate_gets_a_ticket_and_a_service(lab: mimica.Lab, tmp_path: Path, heimdal: str) -> None:
    lab.add_user("jane")
    lab.add_computer("WEB01")
    done = kinit(heimdal, lab, "jane", write_identity(tmp_path, "jane", lab.enroll("jane", "User")))
    assert done.returncode == 0, done.stderr + lab.kerberos.log
    assert last_status(lab) == "0x0"
    keytab = lab.kerberos.keytab(tmp_path / "web.keytab", "HTTP/web01.contoso.com")
    assert "keytab entry valid" in run(lab, "kvno", "-k", str(keytab), "HTTP/web01.contoso.com").stdout


@pytest.mark.parametrize(
    ("sans", "status", "rule"),
    [(["upn=jane@contoso.com"], "0x42", "kdc.mapping.strong"), (["upn=bob@contoso.com"], "0x4b", "kdc.mapping.user_principal_name")],
    ids=["weak", "another-name"],
)
def test_refusals_reach_the_client(
    lab: mimica.Lab, tmp_path: Path, heimdal: str, sans: list[str], status: str, rule: str
) -> None:
    lab.add_user("jane")
    lab.add_user("bob")
    identity = write_identity(tmp_path, "jane", lab.enroll("jane", "Supplied", subject="CN=jane", sans=sans))
    done = kinit(heimdal, lab, "jane", identity)
    assert done.returncode != 0
    assert re.search("kinit", done.stderr)
    assert last_status(lab) == status
    assert rule in lab.kerberos.log


def self_signed(lab: mimica.Lab, folder: Path) -> tuple[Identity, str]:
    """A certificate that is its own issuer, as Windows Hello makes them, and its blob for msDS-KeyCredentialLink
    (MS-ADTS 2.2.20)."""
    for command in (
        "req -x509 -newkey rsa:2048 -noenc -keyout self.key -out self.pem -subj /CN=jane -days 300"
        " -addext extendedKeyUsage=clientAuth -addext keyUsage=critical,digitalSignature",
        "x509 -in self.pem -pubkey -noout -out self.pub",
        "pkey -pubin -in self.pub -outform DER -out self.spki",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, env=lab.kerberos.environment(), check=True, capture_output=True)
    spki = (folder / "self.spki").read_bytes()
    entries = ((1, hashlib.sha256(spki).digest()), (3, spki), (4, b"\x01"))
    blob = (0x200).to_bytes(4, "little") + b"".join(
        len(value).to_bytes(2, "little") + bytes([identifier]) + value for identifier, value in entries
    )
    certificate = mimica.Certificate.parse((folder / "self.pem").read_text())
    return Identity(certificate, folder / "self.pem", folder / "self.key"), f"B:{len(blob) * 2}:{blob.hex().upper()}"


def test_key_trust_needs_no_chain_but_its_own_account(lab: mimica.Lab, tmp_path: Path, heimdal: str) -> None:
    """MIT's kinit never sends a self-signed certificate; Heimdal's does."""
    jane = lab.add_user("jane")
    lab.add_user("bob")
    identity, key = self_signed(lab, tmp_path)
    assert kinit(heimdal, lab, "jane", identity).returncode != 0, "nobody registered the key"
    assert last_status(lab) == "0x3e"
    jane.set("msDS-KeyCredentialLink", f"{key}:CN=jane,CN=Users,{lab.ldap.base_dn}")
    done = kinit(heimdal, lab, "jane", identity)
    assert done.returncode == 0, done.stderr + lab.kerberos.log
    assert kinit(heimdal, lab, "bob", identity).returncode != 0
    assert last_status(lab) == "0x4b"
