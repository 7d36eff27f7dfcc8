"""What the lab makes, read by real programs: openssl, curl and python's cryptography."""
from __future__ import annotations

import re
from pathlib import Path

import mimica
import pytest
from conftest import Client
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID

SID_EXTENSION = "1.3.6.1.4.1.311.25.2"


class Issued:
    """A delivered certificate with SID, as files."""

    def __init__(self, lab: mimica.Lab, folder: Path) -> None:
        self.lab = lab
        self.jane = lab.add_user("jane")
        lab.connector().set_registry("EnableSidSecurityExtension", 1)
        lab.connector().restart()
        self.laptop = lab.add_device("LAPTOP-01", user=self.jane, join="hybrid")
        self.decision = lab.deliver("Intune User", self.laptop)
        self.certificate = self.decision.certificate
        self.folder = folder
        self.pem = self.write("jane.pem", self.certificate.pem)
        self.root = self.write("root.pem", lab.ca.root.pem)
        self.issuing = self.write("issuing.pem", lab.ca.certificate_pem())
        self.parsed = x509.load_der_x509_certificate(self.certificate.der)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def url(self, extension: x509.ObjectIdentifier) -> str:
        """The HTTP URL that the certificate names for its CRL or its issuer."""
        value = self.parsed.extensions.get_extension_for_oid(extension).value
        if isinstance(value, x509.CRLDistributionPoints):
            names = [name.value for point in value for name in point.full_name or ()]
        else:
            assert isinstance(value, x509.AuthorityInformationAccess)
            issuers = [a for a in value if a.access_method == AuthorityInformationAccessOID.CA_ISSUERS]
            names = [a.access_location.value for a in issuers]
        return next(str(name) for name in names if str(name).startswith("http://"))

    def at_lab_time(self) -> list[str]:
        return ["-attime", str(int(self.lab.clock.now.timestamp()))]


@pytest.fixture
def issued(lab: mimica.Lab, tmp_path: Path) -> Issued:
    return Issued(lab, tmp_path)


def test_openssl_prints_the_sid_extension(issued: Issued, client: Client) -> None:
    text = client("openssl", "x509", "-in", issued.pem, "-noout", "-text").stdout
    assert SID_EXTENSION in text
    assert issued.jane.sid in text
    assert "Client Authentication" in text
    assert "Version: 3 (0x2)" in text


def test_openssl_opens_the_pfx(issued: Issued, client: Client) -> None:
    der, password = issued.laptop.pfx
    pfx = issued.write("jane.pfx", der)
    arguments = ["pkcs12", "-in", pfx, "-info", "-noenc", "-passin", f"pass:{password}"]
    done = client("openssl", *arguments)
    assert "BEGIN PRIVATE KEY" in done.stdout and "BEGIN CERTIFICATE" in done.stdout
    assert "AES-256-CBC" in done.stderr
    wrong = client("openssl", *arguments[:-1], "pass:wrong", ok=False)
    assert wrong.returncode != 0


def test_the_pfx_holds_the_key_of_the_certificate(issued: Issued) -> None:
    der, password = issued.laptop.pfx
    key, certificate, chain = pkcs12.load_key_and_certificates(der, password.encode())
    assert certificate is not None and certificate.public_bytes(serialization.Encoding.DER) == issued.certificate.der
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.public_key().public_numbers() == certificate.public_key().public_numbers()  # type: ignore[union-attr]
    known = {authority.der for authority in issued.lab.ca.chain}
    assert {c.public_bytes(serialization.Encoding.DER) for c in chain} <= known


def test_openssl_verifies_the_chain_with_the_served_crl(issued: Issued, client: Client) -> None:
    crl = issued.folder / "issuing.crl"
    client("curl", "--silent", "--show-error", "--fail", "--output", crl, issued.url(ExtensionOID.CRL_DISTRIBUTION_POINTS))
    assert crl.read_bytes() == issued.lab.ca.crl()
    crl_pem = issued.folder / "crl.pem"
    client("openssl", "crl", "-inform", "DER", "-in", crl, "-out", crl_pem)
    verify = ["verify", *issued.at_lab_time(), "-CAfile", issued.root, "-untrusted", issued.issuing, "-crl_check",
              "-CRLfile", crl_pem, issued.pem]  # fmt: skip
    assert "jane.pem: OK" in client("openssl", *verify).stdout

    assert issued.lab.ca.revoke(issued.certificate, reason=1)
    assert issued.lab.ca.publish_crl()
    client("curl", "--silent", "--show-error", "--fail", "--output", crl, issued.url(ExtensionOID.CRL_DISTRIBUTION_POINTS))
    client("openssl", "crl", "-inform", "DER", "-in", crl, "-out", crl_pem)
    done = client("openssl", *verify, ok=False)
    assert done.returncode != 0 and "certificate revoked" in done.stderr


def test_openssl_checks_the_whole_chain_with_the_root_s_crl(issued: Issued, client: Client) -> None:
    crls = b""
    for of_root in (False, True):
        crl = x509.load_der_x509_crl(issued.lab.ca.crl(of_root=of_root))
        crls += crl.public_bytes(serialization.Encoding.PEM)
    both = issued.write("crls.pem", crls)
    arguments = ["verify", *issued.at_lab_time(), "-x509_strict", "-CAfile", issued.root, "-untrusted", issued.issuing,
                 "-crl_check_all", "-CRLfile", both, issued.pem]  # fmt: skip
    assert "jane.pem: OK" in client("openssl", *arguments).stdout


def test_the_aia_url_serves_the_issuer(issued: Issued, client: Client) -> None:
    served = issued.folder / "served.crt"
    client("curl", "--silent", "--show-error", "--fail", "--output", served, issued.url(ExtensionOID.AUTHORITY_INFORMATION_ACCESS))
    assert mimica.Certificate.parse(served.read_bytes()) == issued.lab.ca.certificate


def test_cryptography_parses_everything(issued: Issued) -> None:
    certificate, issuer = issued.parsed, x509.load_der_x509_certificate(issued.lab.ca.certificate.der)
    extensions = {extension.oid.dotted_string: extension for extension in certificate.extensions}
    raw = extensions[SID_EXTENSION].value
    assert isinstance(raw, x509.UnrecognizedExtension)
    assert raw.value.endswith(issued.jane.sid.encode())
    assert raw.value == issued.certificate.extensions[SID_EXTENSION]
    for oid in (
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    ):
        assert oid.dotted_string in extensions
    key_id = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert key_id == issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert certificate.issuer == issuer.subject

    public_key = issuer.public_key()
    assert isinstance(public_key, rsa.RSAPublicKey)
    assert certificate.signature_hash_algorithm is not None
    public_key.verify(certificate.signature, certificate.tbs_certificate_bytes, PKCS1v15(), certificate.signature_hash_algorithm)
    for authority in issued.lab.ca.chain:
        parsed = x509.load_der_x509_certificate(authority.der)
        constraints = parsed.extensions.get_extension_for_class(x509.BasicConstraints)
        assert constraints.critical and constraints.value.ca

    crl = x509.load_der_x509_crl(issued.lab.ca.crl())
    assert crl.is_signature_valid(public_key)
    assert crl.issuer == issuer.subject
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number >= 1
    assert issued.certificate.thumbprint == certificate.fingerprint(hashes.SHA1()).hex()


def test_times_are_the_lab_s(issued: Issued) -> None:
    now = issued.lab.clock.now.replace(tzinfo=None)
    assert issued.parsed.not_valid_before <= now < issued.parsed.not_valid_after
    crl = x509.load_der_x509_crl(issued.lab.ca.crl())
    assert crl.next_update is not None
    assert crl.last_update <= now < crl.next_update


def test_serial_numbers_are_unique_and_long(lab: mimica.Lab) -> None:
    jane = lab.add_user("jane")
    serials = {lab.enroll(jane, "User", key="P-256").certificate.serial for _ in range(10)}
    assert len(serials) == 10
    assert all(re.fullmatch(r"[0-9a-f]{16,40}", serial) for serial in serials)
