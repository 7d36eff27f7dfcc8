"""Requests that programs nobody here wrote sign: openssl cms and spkac, and asn1crypto as attack tools build them."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import mimica
import pytest
from conftest import Client

AGENT = mimica.template("Agent", duplicate="EnrollmentAgent", subject=["common_name"], enroll=["agent"])
SIGNED = mimica.template(
    "Signed",
    subject="supplied_in_request",
    enroll=["Domain Users"],
    ra_signatures=1,
    ra_application_policies=["1.3.6.1.4.1.311.20.2.1"],
)
CARD = mimica.template(
    "Card",
    subject=["full_dn", "alt_upn"],
    enroll=["agent"],
    ra_signatures=1,
    ra_application_policies=["1.3.6.1.4.1.311.20.2.1"],
)
WEB = mimica.template("Web", subject="supplied_in_request", enroll=["Domain Users"])


pytestmark = pytest.mark.mimica(
    templates=[AGENT, SIGNED, CARD, WEB], users=[mimica.UserSpec("agent"), mimica.UserSpec("jane")], profiles=[]
)


def request(client: Client, folder: Path, subject: str = "/CN=web.contoso.com") -> Path:
    key, out = folder / "key.pem", folder / "request.der"
    client("openssl", "req", "-new", "-newkey", "rsa:2048", "-noenc", "-keyout", key, "-out", out, "-outform", "DER",
           "-subj", subject)  # fmt: skip
    return out


def keep(decision: mimica.Decision, folder: Path, name: str) -> tuple[Path, Path]:
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_text(decision.certificate.pem)
    key.write_text(decision.private_key or "")
    return certificate, key


@pytest.mark.parametrize("options", [[], ["-stream"], ["-keyid"], ["-md", "sha512"]], ids=lambda o: " ".join(o) or "DER")
def test_openssl_cms_signs_as_an_agent(lab: mimica.Lab, client: Client, tmp_path: Path, options: list[str]) -> None:
    agent, key = keep(lab.enroll("agent", "Agent"), tmp_path, "agent")
    plain = request(client, tmp_path)
    refused = lab.enroll("jane", "Signed", request=plain.read_bytes())
    assert refused.rule == "ca.signature.required"
    assert refused.code == "CERTSRV_E_SIGNATURE_POLICY_REQUIRED"
    message = tmp_path / "request.p7"
    client("openssl", "cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-signer", agent, "-inkey", key,
           "-in", plain, "-out", message, *options)  # fmt: skip
    assert lab.enroll("jane", "Signed", request=message.read_bytes()).certificate.subject == "CN=web.contoso.com"


def test_openssl_cms_with_a_certificate_of_nobody(lab: mimica.Lab, client: Client, tmp_path: Path) -> None:
    plain, rogue, key, message = (tmp_path / name for name in ("request.der", "rogue.pem", "rogue.key", "request.p7"))
    request(client, tmp_path)
    client("openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", key, "-out", rogue, "-subj", "/CN=rogue",
           "-addext", "extendedKeyUsage=1.3.6.1.4.1.311.20.2.1")  # fmt: skip
    client("openssl", "cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-signer", rogue, "-inkey", key,
           "-in", plain, "-out", message)  # fmt: skip
    refused = lab.enroll("jane", "Signed", request=message.read_bytes())
    assert refused.rule == "ca.signature.trusted"
    assert refused.code == "CERT_E_UNTRUSTEDROOT"


def test_openssl_spkac(lab: mimica.Lab, client: Client, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    client("openssl", "genrsa", "-out", key, "2048")
    spkac = client("openssl", "spkac", "-key", key, "-challenge", "hello", "-digest", "sha256").stdout
    attributes = {"CN": "browser", "O": "Contoso", "challenge": "hello"}
    assert lab.enroll("jane", "Web", request=spkac, attributes=attributes).certificate.subject == "CN=browser,O=Contoso"
    refused = lab.enroll("jane", "Web", request=spkac, attributes={"CN": "browser", "challenge": "other"})
    assert refused.rule == "ca.request.challenge"


def on_behalf(csr: bytes, name: str, agent: mimica.Decision) -> bytes:
    """PKCS#7 around a PKCS#10 with an authenticated name-value pair "requestername"."""
    from asn1crypto import algos, cms, core
    from asn1crypto import x509 as asn1_x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding

    class Pair(core.Sequence):  # type: ignore[misc]
        _fields = [("name", core.BMPString), ("value", core.BMPString)]

    class Pairs(core.SetOf):  # type: ignore[misc]
        _child_spec = Pair

    cms.CMSAttributeType._map["1.3.6.1.4.1.311.13.2.1"] = "enrollment_name_value_pair"
    cms.CMSAttribute._oid_specs["enrollment_name_value_pair"] = Pairs
    digest = hashes.Hash(hashes.SHA256())
    digest.update(csr)
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {"type": "message_digest", "values": [digest.finalize()]},
            {"type": "enrollment_name_value_pair", "values": [Pair({"name": "requestername", "value": name})]},
        ]
    )
    key: Any = serialization.load_pem_private_key((agent.private_key or "").encode(), None)
    certificate = asn1_x509.Certificate.load(agent.certificate.der)
    sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
    signer = cms.SignerInfo(
        {
            "version": 1,
            "sid": cms.IssuerAndSerialNumber(
                {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
            ),
            "digest_algorithm": sha256,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"}),
            "signature": key.sign(attributes.dump(), padding.PKCS1v15(), hashes.SHA256()),
            "signed_attrs": attributes,
        }
    )
    content = cms.SignedData(
        {
            "version": 3,
            "digest_algorithms": [sha256],
            "encap_content_info": {"content_type": "data", "content": csr},
            "certificates": [certificate],
            "signer_infos": [signer],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": content}).dump())


def test_asn1crypto_enrolls_on_behalf_of_somebody(lab: mimica.Lab, client: Client, tmp_path: Path) -> None:
    pytest.importorskip("asn1crypto")
    agent = lab.enroll("agent", "Agent")
    csr = request(client, tmp_path, "/CN=whatever").read_bytes()
    issued = lab.enroll("agent", "Card", request=on_behalf(csr, "CONTOSO\\jane", agent))
    assert issued.certificate.upn == "jane@contoso.com"
    assert issued.certificate.sid == lab.account("jane").sid
    assert lab.kdc.logon(issued, "jane")
    # Nobody but an agent: jane's own certificate signs as well as any, but does not let her act for others.
    own = lab.enroll("jane", "User")
    refused = lab.enroll("agent", "Card", request=on_behalf(csr, "CONTOSO\\agent2", agent))
    assert refused.rule == "ca.agent.subject"
    refused = lab.enroll("agent", "Card", request=on_behalf(csr, "CONTOSO\\jane", own))
    assert refused.rule == "ca.agent.certificate"
    tampered = bytearray(on_behalf(csr, "CONTOSO\\jane", agent))
    at = bytes(tampered).find("jane".encode("utf-16-be"))
    tampered[at + 1] = ord("f")
    assert lab.enroll("agent", "Card", request=bytes(tampered)).rule == "ca.request.signers"


def test_the_library_does_the_same(lab: mimica.Lab) -> None:
    agent = lab.enroll("agent", "Agent")
    for form in ("pkcs7", "cmc"):
        issued = lab.enroll("agent", "Card", on_behalf_of="CONTOSO\\jane", signed_by=[agent], format=form)
        assert issued.certificate.upn == "jane@contoso.com"
    old = lab.enroll("jane", "User")
    lab.clock.advance(days=300)
    renewed = lab.enroll("jane", "User", renews=old, same_key=True)
    assert renewed
    assert renewed.certificate.serial != old.certificate.serial
    with pytest.raises(ValueError):
        lab.enroll("jane", "User", renews=lab.enroll("jane", "NoSuchTemplate"))
