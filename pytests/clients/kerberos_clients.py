"""What the suites of the Kerberos clients share: identities as files, and kinit with the error the KDC sent."""
from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

import mimica
import pytest

TIMEOUT = 60
KERBEROS_ERROR_BASE = -1765328384  # ERROR_TABLE_BASE_krb5: com_err numbers count from here
PREAUTH_REQUIRED = 25

#: A template like the one Intune's connector uses: names come from the request, the CA adds no SID of its own.
SUPPLIED = mimica.template("Supplied", subject="supplied_in_request", enroll=["Domain Users"])


@dataclass(frozen=True)
class Identity:
    """A certificate and its key as PEM files."""

    certificate: mimica.Certificate
    path: Path
    key: Path

    @property
    def option(self) -> str:
        return f"X509_user_identity=FILE:{self.path},{self.key}"


def write_identity(folder: Path, name: str, issued: mimica.Decision) -> Identity:
    assert issued, issued
    assert issued.private_key is not None
    identity = Identity(issued.certificate, folder / f"{name}.pem", folder / f"{name}.key")
    identity.path.write_text(issued.certificate.pem)
    identity.key.write_text(issued.private_key)
    return identity


def rogue(lab: mimica.Lab, folder: Path, *, sid: str) -> tuple[Identity, Path]:
    """A certificate for jane of a CA that the lab does not know, and a krb5.conf that trusts this CA too."""
    extensions = folder / "jane.ext"
    extensions.write_text(
        "extendedKeyUsage=clientAuth\nkeyUsage=critical,digitalSignature\n"
        "subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;UTF8:jane@contoso.com\n"
        "1.3.6.1.4.1.311.25.2=ASN1:SEQUENCE:sid\n[sid]\non=IMPLICIT:0,SEQUENCE:value\n"
        f"[value]\noid=OID:1.3.6.1.4.1.311.25.2.1\nval=EXPLICIT:0,FORMAT:ASCII,OCT:{sid}\n"
    )
    for command in (
        "req -x509 -newkey rsa:2048 -noenc -keyout ca.key -out ca.pem -subj /CN=Rogue -days 3650",
        "req -new -newkey rsa:2048 -noenc -keyout jane.key -out jane.csr -subj /CN=jane",
        "x509 -req -in jane.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out jane.pem -days 300 -extfile jane.ext",
    ):
        done = subprocess.run(
            ["openssl", *command.split()], cwd=folder, env=lab.kerberos.environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    anchors = folder / "anchors.pem"
    anchors.write_text((lab.kerberos.folder / "anchors.pem").read_text() + (folder / "ca.pem").read_text())
    configuration = folder / "krb5.conf"
    text = lab.kerberos.configuration.read_text()
    configuration.write_text(text.replace(str(lab.kerberos.folder / "anchors.pem"), str(anchors)))
    certificate = mimica.Certificate.parse((folder / "jane.pem").read_text())
    return Identity(certificate, folder / "jane.pem", folder / "jane.key"), configuration


@dataclass(frozen=True)
class Outcome:
    """How kinit ended. error: the Kerberos error that the KDC answered last, 0 for a ticket."""

    error: int
    text: str

    def __bool__(self) -> bool:
        return self.error == 0


def need_kdc() -> None:
    for name, package in (("krb5kdc", "krb5-kdc"), ("kinit", "krb5-user")):
        if shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/bin") is None:
            pytest.skip(f"{name} is not installed ({package})")


def kinit(
    lab: mimica.Lab,
    principal: str,
    *options: str,
    password: str | None = None,
    configuration: Path | None = None,
    environment: dict[str, str] | None = None,
    inside: Sequence[str] = (),
) -> Outcome:
    """MIT's kinit. Its trace tells the error numbers that KRB-ERROR messages carried. inside: a command that runs it."""
    trace = lab.kerberos.folder / "client.trace"
    trace.unlink(missing_ok=True)
    variables = {**lab.kerberos.environment(), "KRB5_TRACE": str(trace), **(environment or {})}
    if configuration is not None:
        variables["KRB5_CONFIG"] = str(configuration)
    done = subprocess.run(
        [*inside, "kinit", *options, principal],
        env=variables,
        input=f"{password}\n" if password is not None else "",
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    traced = trace.read_text(errors="replace") if trace.exists() else ""
    text = f"{done.stdout}{done.stderr}\n{traced}\n{lab.kerberos.log}"
    if done.returncode == 0:
        return Outcome(0, text)
    errors = [int(code) - KERBEROS_ERROR_BASE for code in re.findall(r"Received error from KDC: (-\d+)/", traced)]
    refused = [error for error in errors if error != PREAUTH_REQUIRED]
    return Outcome(refused[-1] if refused else -1, text)


def kinit_with(lab: mimica.Lab, principal: str, identity: Identity, *options: str, **more: object) -> Outcome:
    return kinit(lab, principal, "-X", identity.option, *options, **more)  # type: ignore[arg-type]


def run(lab: mimica.Lab, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(command),
        env=lab.kerberos.environment(**variables),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
