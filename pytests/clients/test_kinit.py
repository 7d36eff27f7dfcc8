"""MIT's kinit with certificates of the lab, against MIT's krb5kdc that asks the lab."""
from __future__ import annotations

import base64
import datetime as dt
import os
import signal
import subprocess
import time
from pathlib import Path

import mimica
import pytest
from conftest import Client
from kerberos_clients import SUPPLIED, Identity, kinit, kinit_with, need_kdc, rogue, run, write_identity
from mimica.pytest_plugin import LabFactory

LAB = {"templates": [SUPPLIED], "profiles": [], "connectors": []}
FULL, BEFORE_FULL = "2026-01-05", "2025-03-03"

pytestmark = pytest.mark.mimica(**LAB)


@pytest.fixture(autouse=True)
def _kdc() -> None:
    need_kdc()


def strong(lab: mimica.Lab, folder: Path, name: str = "jane") -> Identity:
    """A certificate of the User template: the CA builds names and SID from the account."""
    return write_identity(folder, f"{name}-strong", lab.enroll(name, "User"))


def supplied(lab: mimica.Lab, folder: Path, *sans: str, name: str = "jane", file: str = "supplied") -> Identity:
    return write_identity(folder, file, lab.enroll(name, "Supplied", subject=f"CN={name}", sans=list(sans)))


def logged(lab: mimica.Lab, number: int) -> list[mimica.Event]:
    return [event for event in lab.kdc.events if event.id == number]


# ---- tickets -------------------------------------------------------------------------------------------------------


def test_a_strong_certificate_gets_a_ticket_under_every_name(lab: mimica.Lab, tmp_path: Path) -> None:
    lab.add_user("jane")
    identity = strong(lab, tmp_path)
    for principal, options in (("jane", ()), ("JANE", ("-C",)), ("jane@contoso.com", ("-E",))):
        got = kinit_with(lab, principal, identity, *options)
        assert got, got.text
    assert "Default principal: jane" in run(lab, "klist").stdout
    assert logged(lab, 4768)[-1].data["Status"] == "0x0"
    assert logged(lab, 4768)[-1].data["CertThumbprint"].lower() == identity.certificate.thumbprint


def test_the_certificate_of_a_device_logs_on_from_its_pfx(lab_factory: LabFactory, tmp_path: Path) -> None:
    lab = lab_factory(connectors=[mimica.ConnectorSpec(sid_extension=True)], templates=None, profiles=None)
    jane = lab.add_user("jane")
    laptop = lab.add_device("LAPTOP-01", user=jane, join="hybrid")
    assert lab.deliver("Intune User", laptop)
    pfx, password = laptop.pfx
    path = tmp_path / "jane.pfx"
    path.write_bytes(pfx)
    got = kinit(lab, "jane", "-X", f"X509_user_identity=PKCS12:{path}", password=password)
    assert got, got.text


def test_a_ticket_leads_to_a_service_that_its_keytab_reads(lab: mimica.Lab, tmp_path: Path) -> None:
    lab.add_user("jane")
    lab.add_computer("WEB01")
    web = lab.add_user("svc-web")
    web.set("servicePrincipalName", "HTTP/www.contoso.com")
    assert kinit_with(lab, "jane", strong(lab, tmp_path))
    for service in ("HTTP/www.contoso.com", "host/web01.contoso.com", "HTTP/web01.contoso.com", "ldap/dc01.contoso.com"):
        keytab = lab.kerberos.keytab(tmp_path / "service.keytab", service)
        done = run(lab, "kvno", "-k", str(keytab), service)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "keytab entry valid" in done.stdout
    assert run(lab, "kvno", "HTTP/nowhere.contoso.com").returncode != 0
    with pytest.raises(mimica.Fault):
        lab.kerberos.keytab(tmp_path / "none.keytab", "HTTP/nowhere.contoso.com")


def test_a_computer_logs_on_with_its_certificate_and_with_its_keytab(lab: mimica.Lab, tmp_path: Path) -> None:
    lab.add_computer("WS01")
    identity = write_identity(tmp_path, "ws01", lab.enroll("WS01$", "Machine"))
    got = kinit_with(lab, "WS01$", identity)
    assert got, got.text
    keytab = lab.kerberos.keytab(tmp_path / "ws01.keytab", "WS01$")
    assert kinit(lab, "WS01$", "-k", "-t", str(keytab))


def test_passwords_work_too(lab: mimica.Lab) -> None:
    lab.add_user("jane", password="Correct-Horse-1")
    assert kinit(lab, "jane", password="Correct-Horse-1")
    assert kinit(lab, "jane", password="wrong").error == 24
    assert kinit(lab, "nobody", password="x").error == 6


@pytest.mark.parametrize("tiers", [1, 2])
def test_tickets_outlive_a_renewal_of_the_ca(lab_factory: LabFactory, tmp_path: Path, tiers: int) -> None:
    lab = lab_factory(ca=mimica.CaSpec(tiers=tiers))
    lab.add_user("jane")
    before = strong(lab, tmp_path)
    assert kinit_with(lab, "jane", before)
    for verb in (["-renewCert", "ReuseKeys"], ["-renewCert"]):
        old = (lab.kerberos.folder / "kdc.pem").read_text()
        assert lab.certutil(*verb).ok
        assert (lab.kerberos.folder / "kdc.pem").read_text() != old
        for identity in (before, strong(lab, tmp_path)):
            got = kinit_with(lab, "jane", identity)
            assert got, got.text


# ---- refusals, each with the number that a domain controller sends ---------------------------------------------------


def test_full_enforcement_refuses_a_weak_mapping(lab: mimica.Lab, tmp_path: Path) -> None:
    lab.add_user("jane")
    got = kinit_with(lab, "jane", supplied(lab, tmp_path, "upn=jane@contoso.com"))
    assert got.error == 66, got.text
    assert "kdc.mapping.strong" in lab.kerberos.log
    assert logged(lab, 39)[-1].level.lower() == "error"
    assert logged(lab, 4768)[-1].data["Status"] == "0x42"


def test_a_sid_of_another_account_is_refused(lab: mimica.Lab, tmp_path: Path) -> None:
    lab.add_user("jane")
    bob = lab.add_user("bob")
    identity = supplied(lab, tmp_path, "upn=jane@contoso.com", f"sid={bob.sid}")
    assert kinit_with(lab, "jane", identity).error == 66
    assert logged(lab, 41)[-1].data["CertificateSid"] == bob.sid


def test_a_certificate_of_somebody_else_is_refused(lab: mimica.Lab, tmp_path: Path) -> None:
    lab.add_user("jane")
    lab.add_user("bob")
    assert kinit_with(lab, "bob", strong(lab, tmp_path)).error == 75


def test_a_wrong_purpose_is_refused(lab_factory: LabFactory, tmp_path: Path) -> None:
    web = mimica.template("Web", duplicate="WebServer", subject="supplied_in_request", enroll=["Domain Users"])
    lab = lab_factory(**{**LAB, "templates": [web]})
    jane = lab.add_user("jane")
    issued = lab.enroll(jane, "Web", subject="CN=jane", sans=["upn=jane@contoso.com", f"sid={jane.sid}"])
    assert kinit_with(lab, "jane", write_identity(tmp_path, "web", issued)).error == 77


def test_a_revoked_certificate_is_refused_as_soon_as_the_list_says_so(lab: mimica.Lab, tmp_path: Path) -> None:
    lab.add_user("jane")
    identity = strong(lab, tmp_path)
    assert kinit_with(lab, "jane", identity)
    assert lab.ca.revoke(identity.certificate, reason=1)
    assert lab.ca.publish_crl()
    assert kinit_with(lab, "jane", identity).error == 62
    assert "kdc.chain.revocation" in lab.kerberos.log
    assert logged(lab, 21)


def test_an_expired_certificate_is_refused_although_the_client_sends_it(lab: mimica.Lab, tmp_path: Path) -> None:
    """kinit does not send a certificate that it takes for expired: it runs at a time when it was valid."""
    lab.add_user("jane")
    identity = strong(lab, tmp_path)
    assert kinit_with(lab, "jane", identity)
    then = lab.kerberos.environment()["FAKETIME"]
    lab.clock.set(identity.certificate.not_after + dt.timedelta(days=1))
    assert lab.ca.publish_crl()
    got = kinit_with(lab, "jane", identity, environment={"FAKETIME": then})
    assert got.error == 62, got.text
    assert "kdc.chain.valid_time" in lab.kerberos.log


def test_a_ca_that_nobody_trusts_is_refused(lab: mimica.Lab, tmp_path: Path) -> None:
    jane = lab.add_user("jane")
    identity, configuration = rogue(lab, tmp_path, sid=jane.sid)
    got = kinit_with(lab, "jane", identity, configuration=configuration)
    assert got.error == 62, got.text
    assert "kdc.chain.trusted" in lab.kerberos.log
    assert logged(lab, 21)


def test_a_root_outside_ntauth_is_refused_even_with_an_explicit_mapping(lab: mimica.Lab, tmp_path: Path) -> None:
    """CVE-2025-26647: a trusted root that is not in NTAuth. Its certificates carry no CDP: revocation is switched off."""
    jane = lab.add_user("jane")
    identity, configuration = rogue(lab, tmp_path, sid=jane.sid)
    lab.kdc.set_registry("UseCachedCRLOnlyAndIgnoreRevocationUnknownErrors", 1)
    root = mimica.Certificate.parse((tmp_path / "ca.pem").read_text())
    lab.import_ldif(
        f"dn: CN=Rogue,CN=Certification Authorities,CN=Public Key Services,CN=Services,{lab.ldap.configuration_dn}\n"
        "objectClass: certificationAuthority\ncn: Rogue\nauthorityRevocationList:: AA==\ncertificateRevocationList:: AA==\n"
        f"cACertificate:: {base64.b64encode(root.der).decode()}\n"
    )
    jane.map(identity.certificate)
    got = kinit_with(lab, "jane", identity, configuration=configuration)
    assert got.error == 62, got.text
    assert "kdc.ntauth.trusted" in lab.kerberos.log


def test_accounts_that_may_not_log_on(lab: mimica.Lab, tmp_path: Path) -> None:
    jane = lab.add_user("jane")
    identity = strong(lab, tmp_path)
    jane.set("userAccountControl", "514")
    assert kinit_with(lab, "jane", identity).error == 18
    assert "kdc.account.enabled" in lab.kerberos.log
    jane.set("userAccountControl", "512")
    jane.set("accountExpires", "133000000000000000")  # 2022
    assert kinit_with(lab, "jane", identity).error == 18
    jane.set("accountExpires", "0")
    assert kinit_with(lab, "jane", identity)


# ---- a change counts from the next request on ------------------------------------------------------------------------


def test_compatibility_mode_lets_a_weak_mapping_pass_and_the_registry_stops_it(lab_factory: LabFactory, tmp_path: Path) -> None:
    lab = lab_factory(**LAB, clock=BEFORE_FULL)
    lab.kdc.set_registry("StrongCertificateBindingEnforcement", 1)
    lab.add_user("jane")
    identity = supplied(lab, tmp_path, "upn=jane@contoso.com")
    got = kinit_with(lab, "jane", identity)
    assert got, got.text
    assert logged(lab, 39)[-1].level.lower() == "warning"
    lab.kdc.set_registry("StrongCertificateBindingEnforcement", 2)
    assert kinit_with(lab, "jane", identity).error == 66
    lab.kdc.set_registry("StrongCertificateBindingEnforcement", 1)
    assert kinit_with(lab, "jane", identity)
    lab.clock.set("2025-09-10")  # the value does not count any more
    assert lab.ca.publish_crl()
    got = kinit_with(lab, "jane", identity)
    assert got.error == 66, got.text


def test_an_ldapmodify_makes_the_mapping_strong(lab: mimica.Lab, tmp_path: Path, client: Client) -> None:
    lab.add_user("jane")
    identity = supplied(lab, tmp_path, "upn=jane@contoso.com")
    assert kinit_with(lab, "jane", identity).error == 66
    serial = bytes.fromhex(identity.certificate.serial)[::-1].hex().upper()
    issuer = ",".join(reversed(identity.certificate.issuer.split(",")))
    change = (
        f"dn: CN=jane,CN=Users,{lab.ldap.base_dn}\nchangetype: modify\nadd: altSecurityIdentities\n"
        f"altSecurityIdentities: X509:<I>{issuer}<SR>{serial}\n"
    )
    client("ldapmodify", "-x", "-H", lab.ldap.url, "-D", lab.ldap.bind_name, "-w", lab.ldap.password, input=change)
    got = kinit_with(lab, "jane", identity)
    assert got, got.text


def test_a_new_account_is_known_at_once(lab: mimica.Lab, tmp_path: Path) -> None:
    lab.kerberos.start()
    assert kinit(lab, "kim", password="Passw0rd!").error == 6
    lab.add_user("kim")
    assert kinit_with(lab, "kim", strong(lab, tmp_path, "kim"))


# ---- the process -----------------------------------------------------------------------------------------------------


def test_krb5kdc_stops_with_its_lab(lab_factory: LabFactory) -> None:
    lab = lab_factory(**LAB)
    pid = int((lab.kerberos.start().folder / "krb5kdc.pid").read_text())
    folder = lab.kerberos.folder
    lab.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not folder.exists()


def test_krb5kdc_ends_when_its_lab_is_killed(program: Path, tmp_path: Path) -> None:
    up = subprocess.Popen([str(program), "up", "--json", "--state", str(tmp_path / "state")], stdout=subprocess.PIPE, text=True)
    assert up.stdout is not None
    up.stdout.readline()
    pid = int((tmp_path / "state" / "kerberos" / "krb5kdc.pid").read_text())
    os.kill(pid, 0)
    up.send_signal(signal.SIGKILL)
    up.wait()
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    pytest.fail("krb5kdc outlived its lab")
