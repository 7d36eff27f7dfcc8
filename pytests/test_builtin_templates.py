"""A certificate from each of the 33 built-in templates, held against points of RFC 5280 and read by real programs.

No linter of certificates is packaged for Debian 12 (zlint, pkilint, certlint: none), so the points are listed here.
"""
from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Callable, Iterator

import mimica
import pytest
from conftest import Client
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import ExtensionOID, NameOID

USERS = ("User", "UserSignature", "SmartcardUser", "SmartcardLogon", "ClientAuth", "EFS", "EFSRecovery", "CodeSigning",
         "CTLSigning", "EnrollmentAgent", "Administrator", "KeyRecoveryAgent")
COMPUTERS = ("Machine", "Workstation", "RASAndIASServer", "IPSECIntermediateOnline", "MachineEnrollmentAgent",
             "OCSPResponseSigning", "DomainController", "DomainControllerAuthentication", "KerberosAuthentication",
             "DirectoryEmailReplication")
SUPPLIED = ("WebServer", "EnrollmentAgentOffline", "ExchangeUser", "ExchangeUserSignature", "OfflineRouter",
            "IPSECIntermediateOffline", "CEPEncryption", "CAExchange")
AUTHORITIES = ("CA", "SubCA")
NEEDS_SIGNATURE = ("CrossCA",)  # a Qualified Subordination certificate must sign the request

ALL = USERS + COMPUTERS + SUPPLIED + AUTHORITIES + NEEDS_SIGNATURE


def test_all_33_are_covered() -> None:
    assert len(set(ALL)) == 33


@pytest.fixture(scope="module")
def issued() -> Iterator[dict[str, bytes]]:
    """Template name to the DER of a certificate; those that a CA must refuse are absent."""
    with mimica.Lab(users=[mimica.UserSpec("jane", display_name="Jane Doe")], computers=["WEB01"]) as lab:
        yield issue_all(lab)


def issue_all(lab: mimica.Lab) -> dict[str, bytes]:
    out: dict[str, bytes] = {}
    for name in ALL:
        lab.templates.publish(name)
        controllers = name in ("DomainController", "DomainControllerAuthentication", "KerberosAuthentication",
                               "DirectoryEmailReplication")
        caller = "DC01$" if controllers else "WEB01$" if name in COMPUTERS else "jane"
        lab.templates.edit(name, enroll=[caller])
        subject = "CN=Somebody, O=Contoso, C=US" if name in SUPPLIED + AUTHORITIES + NEEDS_SIGNATURE else ""
        answer = lab.enroll(caller, name, subject=subject)
        if name in NEEDS_SIGNATURE:
            assert answer.refused_with("CERTSRV_E_SIGNATURE_POLICY_REQUIRED", rule="ca.signature.required"), name
            continue
        if answer.outcome == "pending":  # KeyRecoveryAgent waits for a certificate manager
            assert answer.request_id is not None
            answer = lab.ca.resolve(answer.request_id, issue=True)
        assert answer, f"{name}: {answer}"
        out[name] = answer.certificate.der
    out["(issuer)"] = lab.ca.certificate.der
    return out


def extension(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> x509.Extension | None:
    try:
        return certificate.extensions.get_extension_for_oid(oid)
    except x509.ExtensionNotFound:
        return None


def key_usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    found = extension(certificate, ExtensionOID.KEY_USAGE)
    return found.value if found else None


def basic(certificate: x509.Certificate) -> x509.Extension | None:
    return extension(certificate, ExtensionOID.BASIC_CONSTRAINTS)


def is_ca(certificate: x509.Certificate) -> bool:
    found = basic(certificate)
    return bool(found and found.value.ca)


def children(der: bytes) -> list[bytes]:
    """The elements of a DER SEQUENCE, each with its tag and length."""

    def header(data: bytes) -> tuple[int, int]:
        if data[1] < 0x80:
            return 2, data[1]
        size = data[1] & 0x7F
        return 2 + size, int.from_bytes(data[2 : 2 + size], "big")

    start, length = header(der)
    content, out = der[start : start + length], []
    while content:
        start, length = header(content)
        out.append(content[: start + length])
        content = content[start + length :]
    return out


def tbs(certificate: x509.Certificate) -> list[bytes]:
    """version, serialNumber, signature, issuer, validity, subject, ..."""
    return children(certificate.tbs_certificate_bytes)


def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        issuer.public_key().verify(  # type: ignore[union-attr,call-arg]
            certificate.signature, certificate.tbs_certificate_bytes, PKCS1v15(), certificate.signature_hash_algorithm
        )
    except InvalidSignature:
        return False
    return True


Point = Callable[[x509.Certificate, x509.Certificate], bool]

# Section of RFC 5280, what it asks for, and whether a certificate (with its issuer's) does it.
POINTS: list[tuple[str, str, Point]] = [
    ("4.1.1.2", "the two signature algorithm fields agree",
     lambda c, i: children(c.public_bytes(serialization.Encoding.DER))[1] == tbs(c)[2]),
    ("4.1.2.1", "version 3, because there are extensions", lambda c, i: c.version == x509.Version.v3),
    ("4.1.2.2", "serial number positive", lambda c, i: c.serial_number > 0),
    ("4.1.2.2", "serial number of at most 20 octets", lambda c, i: c.serial_number.bit_length() <= 159),
    ("4.1.2.4", "issuer not empty", lambda c, i: len(list(c.issuer)) > 0),
    ("4.1.2.4", "issuer equals the issuer's subject, octet by octet",
     lambda c, i: c.issuer.public_bytes() == i.subject.public_bytes()),
    ("4.1.2.5", "notBefore is not after notAfter", lambda c, i: c.not_valid_before <= c.not_valid_after),
    ("4.1.2.5", "does not outlive its issuer", lambda c, i: c.not_valid_after <= i.not_valid_after),
    ("4.1.2.5.1", "dates until 2049 as UTCTime, whole seconds",
     lambda c, i: all(t[:2] == b"\x17\x0d" and t.endswith(b"Z") for t in children(tbs(c)[4]))),
    ("4.1.2.6", "a CA has a subject", lambda c, i: not is_ca(c) or len(list(c.subject)) > 0),
    ("4.1.2.6", "country of two letters",
     lambda c, i: all(len(str(a.value)) == 2 for a in c.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME))),
    ("4.1.2.7", "the key can be read and is RSA with exponent 65537",
     lambda c, i: c.public_key().public_numbers().e == 65537),  # type: ignore[union-attr]
    ("4.2", "no extension twice", lambda c, i: len({e.oid for e in c.extensions}) == len(list(c.extensions))),
    ("4.2.1.1", "authority key identifier, not critical, with the issuer's key identifier",
     lambda c, i: (a := extension(c, ExtensionOID.AUTHORITY_KEY_IDENTIFIER)) is not None and not a.critical
     and a.value.key_identifier == extension(i, ExtensionOID.SUBJECT_KEY_IDENTIFIER).value.digest),  # type: ignore
    ("4.2.1.2", "subject key identifier, not critical",
     lambda c, i: (s := extension(c, ExtensionOID.SUBJECT_KEY_IDENTIFIER)) is not None and not s.critical),
    ("4.2.1.3", "key usage present, critical, at least one bit",
     lambda c, i: (k := extension(c, ExtensionOID.KEY_USAGE)) is not None and k.critical
     and any((k.value.digital_signature, k.value.content_commitment, k.value.key_encipherment,
              k.value.data_encipherment, k.value.key_agreement, k.value.key_cert_sign, k.value.crl_sign))),
    ("4.2.1.3", "keyCertSign only in certificates of CAs",
     lambda c, i: not (k := key_usage(c)) or not k.key_cert_sign or is_ca(c)),
    ("4.2.1.4", "no certificate policy twice",
     lambda c, i: (p := extension(c, ExtensionOID.CERTIFICATE_POLICIES)) is None
     or len({x.policy_identifier for x in p.value}) == len(list(p.value))),
    ("4.2.1.6", "alternative names not empty, and critical when the subject is empty",
     lambda c, i: (s := extension(c, ExtensionOID.SUBJECT_ALTERNATIVE_NAME)) is None
     or (len(list(s.value)) > 0 and (len(list(c.subject)) > 0 or s.critical))),
    ("4.2.1.6", "an empty subject has alternative names",
     lambda c, i: len(list(c.subject)) > 0 or extension(c, ExtensionOID.SUBJECT_ALTERNATIVE_NAME) is not None),
    ("4.2.1.6", "DNS names without blanks and not empty",
     lambda c, i: (s := extension(c, ExtensionOID.SUBJECT_ALTERNATIVE_NAME)) is None
     or all(n and " " not in n for n in s.value.get_values_for_type(x509.DNSName))),
    ("4.2.1.9", "a CA has critical basic constraints", lambda c, i: not is_ca(c) or basic(c).critical),  # type: ignore
    ("4.2.1.9", "a path length only for CAs",
     lambda c, i: is_ca(c) or not basic(c) or basic(c).value.path_length is None),  # type: ignore[union-attr]
    ("4.2.1.12", "extended key usage not empty and no purpose twice",
     lambda c, i: (e := extension(c, ExtensionOID.EXTENDED_KEY_USAGE)) is None
     or 0 < len(list(e.value)) == len(set(e.value))),
    ("4.2.1.13", "distribution points not critical, with names",
     lambda c, i: (d := extension(c, ExtensionOID.CRL_DISTRIBUTION_POINTS)) is None
     or (not d.critical and all(p.full_name for p in d.value))),
    ("4.2.2.1", "authority information access not critical",
     lambda c, i: (a := extension(c, ExtensionOID.AUTHORITY_INFORMATION_ACCESS)) is None or not a.critical),
    ("6.1.3", "the issuer's key verifies the signature",
     signed_by),
]


@pytest.mark.parametrize("name", [n for n in ALL if n not in NEEDS_SIGNATURE])
def test_certificate_follows_rfc_5280(issued: dict[str, bytes], name: str) -> None:
    certificate = x509.load_der_x509_certificate(issued[name])
    issuer = x509.load_der_x509_certificate(issued["(issuer)"])
    broken = [f"{section}: {what}" for section, what, holds in POINTS if not holds(certificate, issuer)]
    assert not broken


def test_the_points_find_something(issued: dict[str, bytes]) -> None:
    """Against the wrong issuer, several points must fail."""
    certificate = x509.load_der_x509_certificate(issued["User"])
    wrong = x509.load_der_x509_certificate(issued["WebServer"])
    broken = {section for section, _, holds in POINTS if not holds(certificate, wrong)}
    assert {"4.1.2.4", "4.2.1.1", "6.1.3"} <= broken


@pytest.mark.parametrize("name", ["CA", "SubCA"])
def test_certificates_of_cas_are_cas(issued: dict[str, bytes], name: str) -> None:
    certificate = x509.load_der_x509_certificate(issued[name])
    assert is_ca(certificate) and key_usage(certificate).key_cert_sign  # type: ignore[union-attr]


def test_openssl_and_gnutls_read_all_of_them(issued: dict[str, bytes], client: Client, tmp_path: Path) -> None:
    for name, der in issued.items():
        path = tmp_path / "certificate.pem"
        path.write_bytes(x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM))
        text = client("openssl", "x509", "-in", path, "-noout", "-text", "-certopt", "ext_error").stdout
        assert "Version: 3" in text, name
    for name, der in issued.items():
        path.write_bytes(x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM))
        assert "Version: 3" in client("certtool", "--certificate-info", "--infile", path).stdout, name


# ---- a real certificate, extension by extension ----------------------------------------------------------------------

# As the Windows client sends them; the CA replaces their values and keeps their order (observed).
REQUESTED = ("1.3.6.1.4.1.311.20.2", "2.5.29.37", "2.5.29.15", "1.2.840.113549.1.9.15", "2.5.29.14")
# Where the real value and ours differ, and why.
DIFFERENT = {
    "2.5.29.35": "another CA key",
    "2.5.29.31": "another CA and forest; the lab adds an http URL",
    "1.3.6.1.5.5.7.1.1": "another CA and forest; the lab adds an http URL",
    "2.5.29.17": "another objectGUID and DNS name",
    "1.3.6.1.4.1.311.25.2": "another SID",
}


def real_certificate() -> x509.Certificate:
    folder = os.environ.get("MIMICA_SHARED_DATA")
    if not folder:
        pytest.skip("MIMICA_SHARED_DATA is not set")
    text = (Path(folder) / "windows-exports" / "ws2016-ca-artefacts.pem").read_bytes()
    found = [x509.load_pem_x509_certificate(b"-----BEGIN CERTIFICATE-----" + part)
             for part in text.split(b"-----BEGIN CERTIFICATE-----")[1:]]
    (leaf,) = [c for c in found if extension(c, x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2"))]
    return leaf


def values(certificate: x509.Certificate) -> list[tuple[str, bool, bytes]]:
    return [(e.oid.dotted_string, e.critical, e.value.public_bytes()) for e in certificate.extensions]


def test_a_domain_controllers_certificate_equals_the_real_one(lab: mimica.Lab) -> None:
    real = real_certificate()
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    for oid in REQUESTED:
        request = request.add_extension(
            x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), dict((o, v) for o, _, v in values(real))[oid]), False
        )
    key = rsa.generate_private_key(65537, 2048)
    answer = lab.enroll("DC01$", "DomainController", request=request.sign(key, hashes.SHA256()).public_bytes(
        serialization.Encoding.DER))
    assert answer
    mine = x509.load_der_x509_certificate(answer.certificate.der)
    assert [(oid, critical) for oid, critical, _ in values(mine)] == [(oid, c) for oid, c, _ in values(real)]
    differing = {oid for (oid, _, a), (_, _, b) in zip(values(mine), values(real)) if a != b}
    assert differing == set(DIFFERENT)
    # The differing values have the same form: tags in the same nesting, as far as names go.
    for oid, wanted in (("2.5.29.14", 2 + 20), ("2.5.29.35", 4 + 20)):
        assert len(dict((o, v) for o, _, v in values(mine))[oid]) == wanted
        assert len(dict((o, v) for o, _, v in values(real))[oid]) == wanted
    for certificate in (mine, real):
        names = extension(certificate, ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
        assert names is not None
        guid, host = names.value
        assert guid.type_id.dotted_string == "1.3.6.1.4.1.311.25.1" and guid.value[:2] == b"\x04\x10"
        assert host.value.lower().startswith("dc")
        assert [a.oid for a in certificate.subject] == [NameOID.COMMON_NAME]
        assert certificate.not_valid_after - certificate.not_valid_before == dt.timedelta(days=365)
