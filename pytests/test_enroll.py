"""Asking the CA directly: templates, permissions, subjects, SANs, sizes, pending requests, revocation."""
from __future__ import annotations

from typing import Any

import mimica
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from mimica.pytest_plugin import LabFactory

OFFLINE: dict[str, Any] = dict(subject="supplied_in_request", private_key="exportable")


def test_a_user_enrolls_for_the_built_in_user_template(lab: mimica.Lab) -> None:
    jane = lab.add_user("jane")
    issued = lab.enroll(jane, "User")
    assert issued
    certificate = issued.certificate
    assert certificate.template == "User"
    assert certificate.sid == jane.sid, "the CA adds the SID when it builds the subject from the directory"
    assert certificate.upn == "jane@contoso.com"
    assert issued.request_id is not None
    assert "issued" in lab.ca.explain(issued.request_id).lower()


def test_the_display_name_is_not_the_name(lab: mimica.Lab) -> None:
    jane = lab.add_user("jane")
    assert lab.enroll(jane, "Intune User", subject="CN=jane").refused_with("CERTSRV_E_UNSUPPORTED_CERT_TYPE")


def test_enroll_needs_permission_on_the_template(lab: mimica.Lab) -> None:
    jane = lab.add_user("jane")
    lab.templates.add(mimica.template("Staff", enroll=["Domain Admins"], remove=["Domain Users"]))
    refused = lab.enroll(jane, "Staff")
    assert refused.refused_with("CERTSRV_E_TEMPLATE_DENIED", rule="templates.permission.enroll")
    lab.templates.edit("Staff", enroll=["jane"])
    assert lab.enroll(jane, "Staff")


def test_an_unpublished_template_is_unknown_to_the_ca(lab: mimica.Lab) -> None:
    jane = lab.add_user("jane")
    lab.templates.unpublish("User")
    assert lab.enroll(jane, "User").refused_with("CERTSRV_E_UNSUPPORTED_CERT_TYPE")
    lab.templates.publish("User")
    assert lab.enroll(jane, "User")


@pytest.mark.mimica(templates=[mimica.template("Web", enroll=["Domain Users"], **OFFLINE)], profiles=[])
def test_supplied_subject_and_sans_appear_in_the_certificate(lab: mimica.Lab) -> None:
    jane = lab.add_user("jane")
    issued = lab.enroll(jane, "Web", subject="CN=web.contoso.com,O=Contoso", sans=["dns=web.contoso.com", "dns=www.contoso.com"])
    assert issued.certificate.sans == ["DNS=web.contoso.com", "DNS=www.contoso.com"]
    parsed = x509.load_der_x509_certificate(issued.certificate.der)
    assert parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "web.contoso.com"
    names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["web.contoso.com", "www.contoso.com"]


@pytest.mark.mimica(templates=[mimica.template("Web", enroll=["Domain Users"], minimum_key_size=2048, **OFFLINE)], profiles=[])
def test_a_small_key_is_refused(lab: mimica.Lab) -> None:
    jane = lab.add_user("jane")
    assert lab.enroll(jane, "Web", subject="CN=jane", key="RSA-1024").refused_with("CERTSRV_E_KEY_LENGTH")
    assert lab.enroll(jane, "Web", subject="CN=jane", key="RSA-2048")


@pytest.mark.mimica(templates=[mimica.template("Web", enroll=["Domain Users"], **OFFLINE)], profiles=[])
@pytest.mark.parametrize("encoding", [serialization.Encoding.DER, serialization.Encoding.PEM])
def test_a_request_made_elsewhere(lab: mimica.Lab, encoding: serialization.Encoding) -> None:
    key = rsa.generate_private_key(65537, 2048)
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "made elsewhere")]))
        .sign(key, hashes.SHA256())
    )
    issued = lab.enroll(lab.add_user("jane"), "Web", request=request.public_bytes(encoding))
    assert issued
    parsed = x509.load_der_x509_certificate(issued.certificate.der)
    assert parsed.public_key().public_numbers() == key.public_key().public_numbers()  # type: ignore[union-attr]


@pytest.mark.parametrize("garbage", [b"", b"\x30", b"-----BEGIN CERTIFICATE REQUEST-----\n!!\n", b"\xff" * 4096])
def test_garbage_is_no_request(lab: mimica.Lab, garbage: bytes) -> None:
    jane = lab.add_user("jane")
    try:
        answered = lab.enroll(jane, "User", request=garbage)
    except mimica.Fault:
        return
    assert not answered and answered.code is not None and answered.code.space == "hresult"


def test_a_request_with_a_broken_signature_is_refused(lab: mimica.Lab) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    request = bytearray(
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")]))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )
    request[-1] ^= 1
    assert not lab.enroll(lab.add_user("jane"), "User", request=bytes(request))


def test_the_right_to_request_on_the_ca(lab: mimica.Lab) -> None:
    jane = lab.add_user("jane")
    lab.ca.remove("Authenticated Users")
    refused = lab.enroll(jane, "User")
    assert not refused
    assert refused.code is not None and refused.code.space == "hresult"
    assert refused.rule.startswith("ca.")
    lab.ca.allow(jane, "request")
    assert lab.enroll(jane, "User")


def test_somebody_elses_name_is_caught_by_full_enforcement(lab: mimica.Lab) -> None:
    """ESC1: Domain Users left on a template that takes the subject from the request."""
    mallory, admin = lab.add_user("mallory"), lab.add_user("boss")
    lab.templates.add(mimica.template("Careless", enroll=["Domain Users"], **OFFLINE))
    stolen = lab.enroll(mallory, "Careless", subject="CN=boss", sans=["upn=boss@contoso.com"])
    assert stolen
    assert lab.kdc.logon(stolen, admin).refused_with("KDC_ERR_CERTIFICATE_MISMATCH")


@pytest.mark.mimica(ca=mimica.CaSpec(request_disposition=0x100))
def test_a_pending_request_waits_for_the_manager(lab: mimica.Lab) -> None:
    pending = lab.enroll(lab.add_user("jane"), "User")
    assert pending.outcome == "pending" and not pending
    assert pending.request_id is not None
    with pytest.raises(mimica.Refused):
        pending.certificate
    issued = lab.ca.resolve(pending.request_id, issue=True)
    assert issued and issued.certificate.upn == "jane@contoso.com"


def test_the_trace_of_a_request_is_stored(lab: mimica.Lab) -> None:
    jane = lab.add_user("jane")
    lab.templates.add(mimica.template("Staff", remove=["Domain Users"], enroll=["Domain Admins"]))
    refused = lab.enroll(jane, "Staff")
    assert refused.request_id is not None
    stored = lab.ca.request_trace(refused.request_id)
    assert [step.rule.id for step in stored.steps] == [step.rule.id for step in refused.steps]
    deciding = stored.deciding
    assert deciding is not None and deciding.rule.id == "templates.permission.enroll"
    assert deciding.rule.title and deciding.rule.citation and deciding.hint


@pytest.mark.mimica(ca=mimica.CaSpec(standalone=True), profiles=[])
def test_a_standalone_ca_knows_no_templates(lab: mimica.Lab) -> None:
    answered = lab.enroll(lab.add_user("jane"), "User", subject="CN=jane")
    assert not answered.has_certificate or answered.certificate.template == ""


@pytest.mark.parametrize("key", ["RSA-2048", "P-256", "P-384"])
def test_ca_keys(lab_factory: LabFactory, key: str) -> None:
    lab = lab_factory(ca=mimica.CaSpec(key=key))
    assert lab.ca.certificate.key == key
    assert lab.enroll(lab.add_user("jane"), "User").certificate.signed_by(lab.ca.certificate)


@pytest.mark.parametrize("tiers", [1, 2])
def test_tiers(lab_factory: LabFactory, tiers: int) -> None:
    lab = lab_factory(ca=mimica.CaSpec(tiers=tiers))
    chain = lab.ca.chain
    assert len(chain) == tiers
    assert chain[0] == lab.ca.certificate
    root = chain[-1]
    assert root.subject == root.issuer and root.signed_by(root)
    assert lab.ca.chain_pem().count("BEGIN CERTIFICATE") == tiers
