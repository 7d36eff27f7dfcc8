"""What the suites of the Kerberos clients share: identities as files, and kinit with the error the KDC sent."""
from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

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
) -> Outcome:
    """MIT's kinit. Its trace tells the error numbers that KRB-ERROR messages carried."""
    trace = lab.kerberos.folder / "client.trace"
    trace.unlink(missing_ok=True)
    variables = {**lab.kerberos.environment(), "KRB5_TRACE": str(trace), **(environment or {})}
    if configuration is not None:
        variables["KRB5_CONFIG"] = str(configuration)
    done = subprocess.run(
        ["kinit", *options, principal],
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
