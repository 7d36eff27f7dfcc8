"""The KDC asks the responder and fetches the lists of the openssl command line.

`openssl ocsp` listens on all addresses, it knows no other way; it runs only while its test does.
"""
from __future__ import annotations

import base64
import datetime
import functools
import http.server
import shutil
import socket
import subprocess
import threading
from pathlib import Path
from typing import Callable, Iterator

import mimica
import pytest
from conftest import TIMEOUT, Client
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from mimica.pytest_plugin import LabFactory

RULE = "kdc.chain.revocation"
LOGON = mimica.template("Contoso Logon", application_policies="Client Authentication")
RESPONDER = mimica.template(
    "Responder", subject="supplied_in_request", application_policies="1.3.6.1.5.5.7.3.9", enroll=["Domain Users"]
)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def lab_time() -> datetime.datetime:
    """The machine's time, which openssl reads, and a little more, so that nothing it signs lies in the lab's future."""
    return now() + datetime.timedelta(minutes=1)


def utc_time(instant: datetime.datetime) -> str:
    return instant.strftime("%y%m%d%H%M%SZ")


def facts(decision: mimica.Decision) -> dict[str, str]:
    """What the KDC asked about the revocation, and found."""
    step = decision.step(RULE)
    assert step is not None
    return step.facts


class Responder:
    """An `openssl ocsp` process on a port that was free a moment ago."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None

    def start(self, status: str, serial: str) -> None:
        """status: V (valid), R (revoked) or - (the responder does not know the certificate)."""
        expiry = utc_time(now() + datetime.timedelta(days=300))
        revoked = f"{utc_time(now() - datetime.timedelta(hours=1))},keyCompromise" if status == "R" else ""
        line = f"{status}\t{expiry}\t{revoked}\t{serial.upper()}\tunknown\t/CN=jane\n" if status != "-" else ""
        (self.folder / "index.txt").write_text(line)
        self.stop()
        self.process = subprocess.Popen(
            ["openssl", "ocsp", "-port", str(self.port), "-index", "index.txt", "-CA", "ca.pem", "-rsigner",
             "responder.pem", "-rkey", "responder.key", "-nmin", "30"],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "waiting for" in line:
                return
        pytest.fail("openssl ocsp did not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.communicate(timeout=TIMEOUT)
            self.process = None


@pytest.fixture
def responder(tmp_path: Path) -> Iterator[Responder]:
    if shutil.which("openssl") is None:
        pytest.skip("the client openssl is not installed")
    one = Responder(tmp_path)
    yield one
    one.stop()


class Scene:
    """A lab whose certificates name the responder, and jane's certificate."""

    def __init__(self, lab: mimica.Lab, responder: Responder, client: Client) -> None:
        self.lab, self.responder = lab, responder
        self.jane = lab.add_user("jane")
        folder = responder.folder
        client("openssl", "req", "-new", "-newkey", "rsa:2048", "-noenc", "-keyout", folder / "responder.key", "-out",
               folder / "responder.csr", "-subj", "/CN=Responder")  # fmt: skip
        issued = lab.enroll(self.jane, "Responder", request=(folder / "responder.csr").read_text())
        (folder / "responder.pem").write_text(issued.certificate.pem)
        (folder / "ca.pem").write_text(lab.ca.certificate_pem())
        self.certificate = lab.enroll(self.jane, "ContosoLogon").certificate

    def logon(self) -> mimica.Decision:
        return self.lab.kdc.logon(self.certificate, self.jane)

    def start(self, status: str) -> None:
        self.responder.start(status, self.certificate.serial)

    def ocsp(self, decision: mimica.Decision) -> str:
        return facts(decision)[f"OCSP {self.responder.url}"]


@pytest.fixture
def scene(lab_factory: LabFactory, responder: Responder, client: Client) -> Scene:
    # openssl reads the machine's clock, so the lab has to stand there too.
    lab = lab_factory(
        clock=lab_time(), clock_runs=True, templates=[LOGON, RESPONDER], profiles=[], ca=mimica.CaSpec(ocsp_urls=[responder.url])
    )
    return Scene(lab, responder, client)


def test_good(scene: Scene) -> None:
    scene.start("V")
    scene.lab.ca.set_publication(reachable=False)
    allowed = scene.logon()
    assert allowed
    assert scene.ocsp(allowed).startswith("good")


def test_revoked(scene: Scene) -> None:
    scene.start("R")
    refused = scene.logon()
    assert refused.refused_with("KDC_ERR_CLIENT_NOT_TRUSTED", rule=RULE)
    assert refused.event_ids == [21]
    assert scene.ocsp(refused).startswith("revoked")


def test_unknown_leaves_it_to_the_list(scene: Scene) -> None:
    scene.start("-")
    allowed = scene.logon()
    assert allowed
    assert scene.ocsp(allowed).startswith("unknown")
    scene.lab.ca.set_publication(reachable=False)
    assert scene.logon().refused_with("KDC_ERR_CLIENT_NOT_TRUSTED", rule=RULE)


def test_a_responder_that_is_down_leaves_it_to_the_list(scene: Scene) -> None:
    allowed = scene.logon()
    assert allowed
    assert "refused" in scene.ocsp(allowed)
    assert scene.lab.ca.revoke(scene.certificate, reason=1)
    assert scene.lab.ca.publish_crl()
    assert scene.logon().refused_with("KDC_ERR_CLIENT_NOT_TRUSTED", rule=RULE)


def test_an_answer_that_expired_leaves_it_to_the_list(scene: Scene) -> None:
    scene.start("R")
    scene.lab.clock.advance(days=1)
    allowed = scene.logon()
    assert allowed
    assert "expired" in scene.ocsp(allowed)


def test_a_responder_that_another_ca_authorised_does_not_count(scene: Scene, client: Client) -> None:
    folder = scene.responder.folder
    client("openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", folder / "responder.key", "-out",
           folder / "responder.pem", "-subj", "/CN=Responder", "-addext", "extendedKeyUsage=OCSPSigning")  # fmt: skip
    scene.start("R")
    allowed = scene.logon()
    assert allowed
    assert "not authorised" in scene.ocsp(allowed)


# ---- lists of `openssl ca` -----------------------------------------------------------------------------------------


class OpensslCa:
    """A root CA run with `openssl ca`, whose list Python's http.server gives out, trusted by the lab's forest."""

    def __init__(self, lab: mimica.Lab, folder: Path, url: str, client: Client) -> None:
        self.lab, self.folder, self.url, self.client = lab, folder, url, client
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Openssl CA")])
        self.certificate = (
            self.builder(self.name, self.key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        (folder / "ca.pem").write_bytes(self.certificate.public_bytes(pem))
        (folder / "ca.key").write_bytes(
            self.key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        (folder / "index.txt").write_text("")
        (folder / "crlnumber").write_text("01\n")
        (folder / "ca.cnf").write_text(
            "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\ncrlnumber = crlnumber\ncertificate = ca.pem\n"
            "private_key = ca.key\ndefault_md = sha256\nx509_extensions = none\n[none]\n"
        )
        value = base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()
        services = f"CN=Public Key Services,CN=Services,{lab.ldap.configuration_dn}"
        lab.import_ldif(
            f"dn: CN=Openssl CA,CN=Certification Authorities,{services}\nchangetype: add\n"
            f"objectClass: certificationAuthority\ncACertificate:: {value}\nauthorityRevocationList:: AA==\n"
            f"certificateRevocationList:: AA==\n\n"
            f"dn: CN=NTAuthCertificates,{services}\nchangetype: modify\nadd: cACertificate\ncACertificate:: {value}\n-\n"
        )

    def builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now().replace(tzinfo=None) - datetime.timedelta(days=1))
            .not_valid_after(now().replace(tzinfo=None) + datetime.timedelta(days=300))
        )

    def issue(self, account: mimica.Account) -> mimica.Certificate:
        upn = f"{account.name}@contoso.com".encode()
        sid = account.sid.encode()
        other = b"\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x19\x02\x01\xa0" + bytes([len(sid) + 2, 4, len(sid)]) + sid
        value = bytes([0x30, len(other) + 2, 0xA0, len(other)]) + other
        key = ec.generate_private_key(ec.SECP256R1())
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(self.url)], None, None, None)
        certificate = (
            self.builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, account.name)]), key)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .add_extension(x509.CRLDistributionPoints([point]), critical=False)
            .add_extension(
                x509.SubjectAlternativeName(
                    [x509.OtherName(ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c" + bytes([len(upn)]) + upn)]
                ),
                critical=False,
            )
            .add_extension(x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.311.25.2"), value), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        (self.folder / "leaf.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return mimica.Certificate.parse(certificate.public_bytes(serialization.Encoding.DER))

    def ca(self, *arguments: str) -> None:
        self.client("openssl", "ca", "-config", "ca.cnf", *arguments, cwd=self.folder)

    def publish(self, *, hours: int = 24, form: str = "DER") -> None:
        self.ca("-gencrl", "-crlhours", str(hours), "-out", "ca.crl.pem")
        self.client("openssl", "crl", "-in", "ca.crl.pem", "-outform", form, "-out", "ca.crl", cwd=self.folder)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """Python's http.server over the temporary folder."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    handler: Callable[..., Quiet] = functools.partial(Quiet, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/ca.crl"
    server.shutdown()
    thread.join()
    server.server_close()


def test_lists_of_openssl_ca(lab_factory: LabFactory, tmp_path: Path, web: str, client: Client) -> None:
    lab = lab_factory(clock=lab_time(), clock_runs=True, templates=[], profiles=[])
    jane = lab.add_user("jane")
    authority = OpensslCa(lab, tmp_path, web, client)
    certificate = authority.issue(jane)

    missing = lab.kdc.logon(certificate, jane)
    assert missing.refused_with("KDC_ERR_CLIENT_NOT_TRUSTED", rule=RULE)
    assert "404" in facts(missing)[f"CRL {web}"]
    for form in ("DER", "PEM"):
        authority.publish(form=form)
        allowed = lab.kdc.logon(certificate, jane)
        assert allowed
        assert "valid until" in facts(allowed)[f"CRL {web}"]
    authority.publish(hours=1)
    lab.clock.advance(hours=2)
    expired = lab.kdc.logon(certificate, jane)
    assert expired.refused_with("KDC_ERR_CLIENT_NOT_TRUSTED", rule=RULE)
    assert "expired" in facts(expired)[f"CRL {web}"]
    authority.ca("-revoke", "leaf.pem", "-crl_reason", "keyCompromise")
    authority.publish(hours=48)
    revoked = lab.kdc.logon(certificate, jane)
    assert revoked.refused_with("KDC_ERR_CLIENT_NOT_TRUSTED", rule=RULE)
    assert revoked.event_ids == [21]


def test_a_lab_fetches_only_from_loopback(lab_factory: LabFactory, tmp_path: Path, client: Client) -> None:
    lab = lab_factory(clock=lab_time(), clock_runs=True, templates=[], profiles=[])
    jane = lab.add_user("jane")
    # TEST-NET-1 (RFC 5737): a connection would have to time out.
    authority = OpensslCa(lab, tmp_path, "http://192.0.2.1/ca.crl", client)
    refused = lab.kdc.logon(authority.issue(jane), jane)
    assert refused.refused_with("KDC_ERR_CLIENT_NOT_TRUSTED", rule=RULE)
    assert "only from loopback" in facts(refused)["CRL http://192.0.2.1/ca.crl"]
