"""The strong mapping story through Python: from the connector's switch to the KDC's answer."""
from __future__ import annotations

import datetime as dt

import mimica
import pytest
from mimica.pytest_plugin import LabFactory

BEFORE, AFTER = "2024-11-20T08:00:00Z", "2025-09-10"
UTC = dt.timezone.utc


@pytest.mark.mimica(clock=BEFORE)
def test_full_enforcement_refuses_a_certificate_without_sid(lab: mimica.Lab) -> None:
    jane = lab.add_user("jane")
    laptop = lab.add_device("LAPTOP-01", user=jane, join="hybrid")
    certificate = lab.deliver("Intune User", laptop)
    lab.clock.set(AFTER)
    decision = lab.kdc.logon(certificate, jane)
    assert decision.refused_with("KDC_ERR_CERTIFICATE_MISMATCH", rule="kdc.mapping.strong")


@pytest.mark.mimica(clock=BEFORE)
def test_the_switch_the_services_and_the_day(lab: mimica.Lab) -> None:
    jane = lab.add_user("jane")
    laptop = lab.add_device("LAPTOP-01", user=jane, join="hybrid")
    connector = lab.connector()
    old = lab.deliver("Intune User", laptop)
    assert old.certificate.sid is None
    weak = lab.kdc.logon(old, jane)
    assert weak and 39 in weak.event_ids

    lab.clock.set(AFTER)  # the renewal window is open as well
    refused = lab.kdc.logon(old, jane)
    assert refused.refused_with("KDC_ERR_CERTIFICATE_MISMATCH", rule="kdc.mapping.strong")
    assert 39 in refused.event_ids

    connector.set_registry("EnableSidSecurityExtension", 1)
    connector.restart(mimica.Connector.SERVICES[0])
    half = lab.renew("Intune User", laptop)
    assert half.certificate.sid is None, "one service alone still runs with the old setting"
    assert not laptop.logon(jane)

    connector.restart()
    lab.clock.advance(days=300)
    new = lab.renew("Intune User", laptop)
    assert new.certificate.sid == jane.sid
    assert lab.kdc.logon(new, jane)
    assert laptop.logon(jane)
    assert not laptop.logon(jane, which="previous")
    assert not lab.kdc.logon(half, jane)


@pytest.mark.mimica(clock=BEFORE)
def test_an_explicit_mapping_repairs_it_too(lab: mimica.Lab) -> None:
    jane = lab.add_user("jane")
    laptop = lab.add_device("LAPTOP-01", user=jane)
    certificate = lab.deliver("Intune User", laptop).certificate
    lab.clock.set(AFTER)
    assert not lab.kdc.logon(certificate, jane)
    jane.map(certificate, "issuer_serial")
    assert lab.kdc.logon(certificate, jane)


@pytest.mark.mimica(clock=BEFORE)
def test_somebody_elses_sid_is_refused(lab: mimica.Lab) -> None:
    jane, bob = lab.add_user("jane"), lab.add_user("bob")
    lab.connector().set_registry("EnableSidSecurityExtension", 1)
    lab.connector().restart()
    certificate = lab.deliver("Intune User", lab.add_device("LAPTOP-01", user=jane)).certificate
    assert certificate.sid == jane.sid != bob.sid
    assert not lab.kdc.logon(certificate, bob)


def test_the_store_lists_certificates_newest_first(lab: mimica.Lab) -> None:
    laptop = lab.add_device("LAPTOP-01", user=lab.add_user("jane"))
    first = lab.deliver("Intune User", laptop).certificate
    lab.clock.advance(days=300)
    second = lab.renew("Intune User", laptop).certificate
    assert first != second
    assert laptop.certificates[:2] == [second, first]


def test_certificates_show_what_is_in_them(lab: mimica.Lab) -> None:
    jane = lab.add_user("jane")
    certificate = lab.deliver("Intune User", lab.add_device("LAPTOP-01", user=jane)).certificate
    assert certificate.template == "IntuneUser"
    assert certificate.upn == "jane@contoso.com"
    assert certificate.sans == ["UPN=jane@contoso.com"]
    assert "CN=jane" in certificate.subject
    assert certificate.issuer == lab.ca.certificate.subject
    assert certificate.signed_by(lab.ca.certificate) and not certificate.signed_by(lab.ca.root)
    assert certificate.key == "RSA-2048"
    assert "1.3.6.1.5.5.7.3.2" in certificate.ekus
    assert certificate.not_before < lab.clock.now < certificate.not_after
    assert certificate.not_after.tzinfo is UTC
    assert not certificate.is_ca and lab.ca.certificate.is_ca
    assert mimica.Certificate.parse(certificate.pem) == mimica.Certificate.parse(certificate.der) == certificate
    assert len({certificate, mimica.Certificate.parse(certificate.der)}) == 1


def test_the_clock_stands_still_until_it_is_moved(lab: mimica.Lab) -> None:
    start = lab.clock.now
    assert start == dt.datetime(2026, 1, 5, 8, tzinfo=UTC)
    lab.clock.advance(days=2, hours=1)
    assert lab.clock.now == start + dt.timedelta(days=2, hours=1)
    lab.clock.set(dt.date(2026, 6, 1))
    assert lab.clock.now == dt.datetime(2026, 6, 1, tzinfo=UTC)
    lab.clock.set(dt.datetime(2026, 6, 1, 14, tzinfo=dt.timezone(dt.timedelta(hours=2))))
    assert lab.clock.now == dt.datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_equal_arguments_give_equal_labs(lab_factory: LabFactory) -> None:
    labs = [lab_factory(), lab_factory()]
    assert labs[0].ca.root == labs[1].ca.root
    jane = [lab.add_user("jane") for lab in labs]
    assert jane[0].sid == jane[1].sid
    serials = [lab.enroll("jane", "User").certificate.serial for lab in labs]
    assert serials[0] == serials[1]
    assert labs[0].endpoints["ldap"].url != labs[1].endpoints["ldap"].url
    other = lab_factory(seed="other")
    assert other.add_user("jane").sid != jane[0].sid


def test_fresh_keys_on_request(lab_factory: LabFactory) -> None:
    ca = mimica.CaSpec(key="P-256")
    one, two = (lab_factory(seed="", ca=ca, directory="in_process").ca.certificate for _ in range(2))
    assert one.key == "P-256"
    assert not one.signed_by(one)
    assert one != two


def test_revocation_reaches_the_kdc(lab: mimica.Lab) -> None:
    jane = lab.add_user("jane")
    lab.connector().set_registry("EnableSidSecurityExtension", 1)
    lab.connector().restart()
    issued = lab.deliver("Intune User", lab.add_device("LAPTOP-01", user=jane))
    assert lab.kdc.logon(issued, jane)
    assert lab.ca.revoke(issued, reason=1)
    assert lab.ca.publish_crl()
    refused = lab.kdc.logon(issued, jane)
    assert not refused
    assert refused.code is not None and refused.code.space == "kerberos"


def test_a_closed_lab_answers_with_a_fault() -> None:
    with mimica.Lab(directory="in_process") as lab:
        lab.add_user("jane")
    assert lab.closed
    with pytest.raises(mimica.Fault, match="closed"):
        lab.add_user("bob")
    lab.close()


def test_faults_carry_their_parts(lab: mimica.Lab) -> None:
    lab.add_user("jane")
    with pytest.raises(mimica.Fault) as caught:
        lab.add_user("jane")
    assert caught.value.what and caught.value.what in str(caught.value)
    with pytest.raises(mimica.Fault):
        lab.account("nobody").sid
    with pytest.raises(mimica.Fault):
        lab.clock.set("yesterday")
    with pytest.raises(mimica.Fault):
        mimica.Lab(ca=mimica.CaSpec(tiers=7))
    with pytest.raises(mimica.Fault):
        lab.add_profile(mimica.profile('{"@odata.type": '))
    with pytest.raises(mimica.Fault):
        mimica.Certificate.parse(b"\x30\x84\xff\xff\xff\xff")


def test_wrong_types_are_type_errors(lab: mimica.Lab) -> None:
    with pytest.raises(TypeError):
        lab.handle.deliver(3, None)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        mimica.Certificate.parse(17)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        lab.handle.logon(account=None)  # type: ignore[arg-type]
    with pytest.raises(mimica.Fault):
        lab.handle.advance(2**63 - 1)
    with pytest.raises(mimica.Fault):
        lab.clock.set(dt.datetime(1400, 1, 1))
    with pytest.raises(mimica.Fault):
        mimica.CaSpec(key="ROT-13")


def test_threads_may_share_a_lab(lab: mimica.Lab) -> None:
    from concurrent.futures import ThreadPoolExecutor

    users = [lab.add_user(f"user{number}") for number in range(4)]
    devices = [lab.add_device(f"PC-{number}", user=user) for number, user in enumerate(users)]
    with ThreadPoolExecutor(4) as pool:
        issued = list(pool.map(lambda device: lab.deliver("Intune User", device), devices))
    assert all(issued)
    assert [decision.certificate.upn for decision in issued] == [f"user{number}@contoso.com" for number in range(4)]


def test_attributes_of_groups_can_be_set(lab: mimica.Lab) -> None:
    staff = lab.add_group("Staff", [lab.add_user("jane")])
    staff.set("mail", "staff@contoso.com")
    assert "mail: staff@contoso.com" in lab.export_ldif()
