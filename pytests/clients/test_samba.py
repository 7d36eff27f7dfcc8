"""A second opinion: the same certificates and accounts at the lab's KDC and at the KDC of a Samba domain controller.

The pairs that Samba 4.17 gives stand in docs/divergences.md too, with the reasons.
"""
from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Iterator

import mimica
import pytest
from kerberos_clients import SUPPLIED, TIMEOUT, Identity, kinit, need_kdc, rogue, write_identity
from mimica.pytest_plugin import LabFactory

PASSWORD = "Correct-Horse-1"
START = 60  # seconds that Samba may take to listen
PROVISIONING = 240  # and its tools
WEB = mimica.template("Web", duplicate="WebServer", subject="supplied_in_request", enroll=["Domain Users"])
MODULES = "samba-ad-provision, samba-dsdb-modules and samba-vfs-modules"
AGE = dt.timedelta(days=700)

#: Case: what the lab's KDC answers, what Samba 4.17 answers. 0 is a ticket.
OBSERVED = {
    "password": (0, 0),
    "wrong password": (24, 24),
    "unknown account": (6, 6),
    "SID of the account": (0, 0),
    "UPN only": (66, 0),
    "UPN of another account": (75, 75),
    "UPN that nobody has": (75, 75),
    "SID of another account": (66, 0),
    "SID but no UPN": (75, 75),
    "explicit mapping but no UPN": (0, 75),
    "UPN and explicit mapping": (0, 0),
    "computer, DNS name and SID": (0, 75),
    "disabled account": (18, 18),
    "purpose of a web server": (77, 0),
    "CA that nobody trusts": (62, 31),
    "revoked": (62, 0),
    "expired": (62, 31),
}

#: What must hold with any version: it does not depend on KB5014754 or on configuration.
TIMELESS = {"password", "wrong password", "unknown account", "SID of the account", "disabled account"}

#: Runs as a program of its own: Samba's libraries stay out of the test's process.
ACCOUNTS = """
import sys
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
configuration, password, sid = sys.argv[1:4]
lp = LoadParm(configuration)
db = SamDB(url=lp.samdb_url(), session_info=system_session(), lp=lp)
def sid_of(name):
    found = db.search(base=db.domain_dn(), expression=f"(sAMAccountName={name})", attrs=["objectSid"])
    return db.schema_format_value("objectSid", found[0]["objectSid"][0]).decode()
rid = int(sid.rsplit("-", 1)[1])
number = 0
while True:
    db.newuser(f"filler{number}", password)
    if int(sid_of(f"filler{number}").rsplit("-", 1)[1]) >= rid - 1:
        break
    number += 1
for name in ("jane", "bob", "kim"):
    db.newuser(name, password)
db.newcomputer("WS01")
db.setpassword("(sAMAccountName=WS01$)", password)
db.enable_account("(sAMAccountName=WS01$)")
db.disable_account("(sAMAccountName=kim)")
print(sid_of("jane"))
"""

MODIFY = """
import sys
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
lp = LoadParm(sys.argv[1])
SamDB(url=lp.samdb_url(), session_info=system_session(), lp=lp).modify_ldif(sys.stdin.read())
"""


def checked(*command: str, text: str = "") -> str:
    done = subprocess.run(list(command), capture_output=True, text=True, timeout=PROVISIONING, check=False, input=text)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


class Samba:
    """A domain controller for the lab's domain and domain SID that serves Kerberos in a network namespace of its own."""

    def __init__(self, folder: Path, lab: mimica.Lab) -> None:
        self.folder, self.lab = folder, lab
        self.namespace = f"mimica-{os.getpid()}"
        self.configuration = folder / "etc" / "smb.conf"
        self.process: subprocess.Popen[str] | None = None

    def provision(self, domain_sid: str) -> None:
        checked(
            "samba-tool", "domain", "provision", f"--targetdir={self.folder}", "--realm=CONTOSO.COM", "--domain=CONTOSO",
            "--server-role=dc", "--dns-backend=NONE", "--host-name=dc01", "--host-ip=127.0.0.1", f"--adminpass={PASSWORD}",
            f"--domain-sid={domain_sid}", "--option=interfaces=lo", "--option=bind interfaces only=yes",
            "--option=server services=kdc", f"--option=log file={self.folder}/log", f"--option=pid directory={self.folder}",
            f"--option=ncalrpc dir={self.folder}/ncalrpc", f"--option=ntp signd socket directory={self.folder}/ntp",
        )

    def start(self) -> None:
        lab, folder = self.lab.kerberos.folder, self.folder
        issued = self.lab.enroll("DC01$", "KerberosAuthentication")
        identity = write_identity(folder, "kdc", issued)
        server = folder / "server.conf"
        server.write_text(
            "[libdefaults]\ndefault_realm = CONTOSO.COM\ndns_lookup_kdc = false\n"
            f"[kdc]\nenable-pkinit = yes\npkinit_identity = FILE:{identity.path},{identity.key}\n"
            f"pkinit_anchors = FILE:{lab}/anchors.pem\npkinit_pool = FILE:{lab}/pool.pem\n"
        )
        checked("ip", "netns", "add", self.namespace)
        checked("ip", "-n", self.namespace, "link", "set", "lo", "up")
        self.process = subprocess.Popen(
            [*self.inside, "samba", "-i", "-M", "single", "-s", str(self.configuration)],
            env={**os.environ, "KRB5_CONFIG": str(server)},
            stdin=subprocess.PIPE,  # it ends when this closes
            stdout=(folder / "samba.out").open("w"),
            stderr=subprocess.STDOUT,
            text=True,
        )
        until = time.monotonic() + START
        while "LISTEN" not in checked(*self.inside, "ss", "-Hltn", "sport = :88"):
            assert self.process.poll() is None and time.monotonic() < until, (folder / "samba.out").read_text()
            time.sleep(0.1)

    @property
    def inside(self) -> list[str]:
        return ["ip", "netns", "exec", self.namespace]

    def python(self, program: str, *arguments: str, text: str = "") -> str:
        return checked("/usr/bin/python3", "-c", program, str(self.configuration), *arguments, text=text)

    def client(self, configuration: Path) -> Path:
        """The same krb5.conf with this KDC."""
        path = configuration.with_suffix(".samba")
        path.write_text(configuration.read_text().replace(f"127.0.0.1:{self.lab.kerberos.port}", "127.0.0.1:88"))
        return path

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(TIMEOUT)
        subprocess.run(["ip", "netns", "del", self.namespace], capture_output=True, check=False)


@pytest.fixture
def samba(lab_factory: LabFactory, tmp_path: Path) -> Iterator[Samba]:
    need_kdc()
    for name, package in (("samba", "samba"), ("samba-tool", "samba"), ("ip", "iproute2"), ("ss", "iproute2")):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed ({package}, with {MODULES})")
    if not Path("/usr/share/samba/setup").exists():
        pytest.skip("a domain cannot be provisioned (samba-ad-provision)")
    probe = f"mimica-probe-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", probe], capture_output=True, check=False).returncode != 0:
        pytest.skip("no network namespace can be made (needs root)")
    subprocess.run(["ip", "netns", "del", probe], capture_output=True, check=False)
    # Starts in the past, so that a certificate can expire before now.
    then = dt.datetime.now(dt.timezone.utc) - AGE
    lab = lab_factory(templates=[SUPPLIED, WEB], profiles=[], connectors=[], clock=then, clock_runs=True)
    found = Samba(tmp_path / "samba", lab)
    found.folder.mkdir()
    try:
        yield found
    finally:
        found.stop()


def version() -> str:
    return checked("samba", "--version").strip().removeprefix("Version ")


def explicit_mapping(certificate: mimica.Certificate) -> str:
    serial = bytes.fromhex(certificate.serial)[::-1].hex().upper()
    return f"X509:<I>{','.join(reversed(certificate.issuer.split(',')))}<SR>{serial}"


def faketime() -> dict[str, str] | None:
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    return None if library is None else {"LD_PRELOAD": str(library), "FAKETIME": f"-{AGE.days - 1}d"}


def test_the_same_certificates_at_both(samba: Samba, tmp_path: Path) -> None:
    lab = samba.lab
    for name in ("jane", "bob", "kim"):
        lab.add_user(name, password=PASSWORD)
    lab.add_computer("WS01")
    jane, bob = lab.account("jane").sid, lab.account("bob").sid
    expired = write_identity(tmp_path, "expired", lab.enroll("jane", "User"))
    lab.clock.set(dt.datetime.now(dt.timezone.utc))
    assert lab.ca.publish_crl()
    lab.account("kim").set("userAccountControl", "514")

    samba.provision(jane.rsplit("-", 1)[0])
    assert samba.python(ACCOUNTS, PASSWORD, jane).strip() == jane, "one SID at both"
    samba.start()

    def enroll(file: str, template: str, *sans: str, caller: str = "jane") -> Identity:
        issued = lab.enroll(caller, template, subject=f"CN={caller}" if sans else "", sans=list(sans))
        return write_identity(tmp_path, file, issued)

    upn, sid = "upn=jane@contoso.com", f"sid={jane}"
    disabled = enroll("disabled", "Supplied", "upn=kim@contoso.com", caller="kim")
    unnamed, mapped = enroll("unnamed", "Supplied", "email=jane@contoso.com"), enroll("mapped", "Supplied", upn)
    values = [explicit_mapping(identity.certificate) for identity in (unnamed, mapped)]
    lab.account("jane").set("altSecurityIdentities", *values)
    lines = "".join(f"altSecurityIdentities: {value}\n" for value in values)
    change = "dn: CN=jane,CN=Users,DC=contoso,DC=com\nchangetype: modify\nreplace: altSecurityIdentities\n"
    samba.python(MODIFY, text=change + lines)
    revoked = enroll("revoked", "User")
    assert lab.ca.revoke(revoked.certificate, reason=1)
    assert lab.ca.publish_crl()
    stranger, trusting = rogue(lab, tmp_path, sid=jane)

    seen: dict[str, tuple[int, int]] = {}

    def ask(case: str, principal: str, *options: str, configuration: Path | None = None, **more: object) -> None:
        own = configuration or lab.kerberos.configuration
        ours = kinit(lab, principal, *options, configuration=own, **more)  # type: ignore[arg-type]
        more["inside"] = samba.inside
        theirs = kinit(lab, principal, *options, configuration=samba.client(own), **more)  # type: ignore[arg-type]
        seen[case] = (ours.error, theirs.error)

    def show(case: str, identity: Identity, principal: str = "jane", **more: object) -> None:
        ask(case, principal, "-X", identity.option, **more)  # type: ignore[arg-type]

    ask("password", "jane", password=PASSWORD)
    ask("wrong password", "jane", password="wrong")
    ask("unknown account", "nobody", password=PASSWORD)
    show("SID of the account", enroll("strong", "User"))
    show("UPN only", enroll("upn", "Supplied", upn))
    show("UPN of another account", enroll("other-upn", "Supplied", "upn=bob@contoso.com"))
    show("UPN that nobody has", enroll("no-upn", "Supplied", "upn=nobody@contoso.com"))
    show("SID of another account", enroll("other-sid", "Supplied", upn, f"sid={bob}"))
    show("SID but no UPN", enroll("sid-only", "Supplied", "email=jane@contoso.com", sid))
    show("explicit mapping but no UPN", unnamed)
    show("UPN and explicit mapping", mapped)
    show("computer, DNS name and SID", enroll("ws01", "Machine", caller="WS01$"), "WS01$")
    show("disabled account", disabled, "kim")
    show("purpose of a web server", enroll("web", "Web", upn, sid))
    show("CA that nobody trusts", stranger, configuration=trusting)
    show("revoked", revoked)
    if (past := faketime()) is not None:
        show("expired", expired, environment=past)

    cases = seen if version().startswith("4.17.") else seen.keys() & TIMELESS
    assert {case: seen[case] for case in cases} == {case: OBSERVED[case] for case in cases}
