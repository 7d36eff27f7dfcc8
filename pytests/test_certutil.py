"""certutil and certreq: the way of an administrator, against a running lab, an embedded one, and files alone."""
from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
from pathlib import Path
from typing import Iterator

import mimica
import pytest
from conftest import Client

LAB = """
scenario: A lab for certutil
lab:
  domain: {dns_name: corp.local}
  ca: {name: corp-CA01-CA, host: CA01.corp.local}
  users: [{name: jane}]
steps:
  - ca: {publish_crl: true}
"""
EDIT_FLAGS = r"policy\EditFlags"
INF = """
[Version]
Signature = "$Windows NT$"

[NewRequest]
Subject = "CN=%Host%, O=Contoso"   ; the host
KeyLength = 2048
KeyAlgorithm = RSA
HashAlgorithm = SHA256
KeyUsage = 0xA0
Exportable = TRUE
RequestType = PKCS10

[EnhancedKeyUsageExtension]
OID = 1.3.6.1.5.5.7.3.1

[Extensions]
2.5.29.17 = "{text}"
_continue_ = "dns=%Host%&"
_continue_ = "dns=alias.corp.local"

[RequestAttributes]
CertificateTemplate = WebServer

[Strings]
Host = "web.corp.local"
"""


class Admin:
    """An administrator's command line: the program with the state folder of a running lab."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program, self.folder = program, folder

    def run(self, verb: str, *arguments: object, caller: str = "", ok: bool = True, before: tuple[str, ...] = ()) -> str:
        done = subprocess.run(
            [str(self.program), verb, "--state", str(self.folder / "state"), *(["--as", caller] if caller else []), *before,
             *map(str, arguments)],
            cwd=self.folder, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode == 0) == ok, done.stdout + done.stderr
        return done.stdout

    def certutil(self, *arguments: object, caller: str = "", ok: bool = True) -> str:
        return self.run("certutil", *arguments, caller=caller, ok=ok)

    def certreq(self, *arguments: object, caller: str = "", ok: bool = True) -> str:
        return self.run("certreq", *arguments, caller=caller, ok=ok)


@pytest.fixture(scope="module")
def admin(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Admin]:
    folder = tmp_path_factory.mktemp("certutil")
    (folder / "lab.yaml").write_text(LAB)
    (folder / "state").mkdir()
    lab = subprocess.Popen(
        [str(program), "up", "lab.yaml", "--state", "state", "--json", "--no-kerberos"],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert lab.stdout is not None and lab.stdout.readline(), "the lab did not start"
        yield Admin(program, folder)
    finally:
        lab.send_signal(signal.SIGINT)
        lab.communicate(timeout=20)


def test_ping_and_info(admin: Admin) -> None:
    assert admin.certutil("-ping") == (
        "Connecting to CA01.corp.local\\corp-CA01-CA ...\n"
        'Server "corp-CA01-CA" ICertRequest2 interface is alive (0ms)\n'
        "CertUtil: -ping command completed successfully.\n"
    )
    assert "ICertAdmin2 interface is alive" in admin.certutil("-pingadmin")
    assert "FAILED: 0x80070005 (WIN32: 5 ERROR_ACCESS_DENIED)" in admin.certutil("-pingadmin", caller="jane", ok=False)
    info = admin.certutil("-cainfo")
    assert "CA name: corp-CA01-CA\n" in info and "\tCPF_BASE -- 1\n\tCPF_COMPLETE -- 4\n" in info
    assert info.endswith("CertUtil: -CAInfo command completed successfully.\n")
    assert admin.certutil("-CAInfo", "type").startswith("CA type: 1 -- Enterprise Subordinate CA\n\tENUM_ENTERPRISE_SUBCA -- 1\n")
    entry = admin.certutil()
    assert 'Config:                  "CA01.corp.local\\corp-CA01-CA"' in entry
    assert entry.endswith("CertUtil: command completed successfully.\n")
    elsewhere = admin.certutil("-config", r"other.corp.local\corp-CA01-CA", "-ping", ok=False)
    assert "0x800706ba (WIN32: 1722 RPC_S_SERVER_UNAVAILABLE)" in elsewhere
    assert "FAILED: 0x80070057 (WIN32: 87 ERROR_INVALID_PARAMETER)" in admin.certutil("-nonsense", ok=False)


def test_the_socket_is_for_its_owner(admin: Admin) -> None:
    mode = (admin.folder / "state" / "mimica.sock").stat().st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600


def test_an_administrator_s_day(admin: Admin, client: Client) -> None:
    folder = admin.folder
    (folder / "web.inf").write_text(INF)
    assert admin.certreq("-new", "web.inf", "web.req") == "\nCertReq: Request Created\n"
    assert stat.S_IMODE((folder / "web.key").stat().st_mode) == 0o600
    request = client("openssl", "req", "-in", folder / "web.req", "-noout", "-text", "-verify").stdout
    assert "O = Contoso, CN = web.corp.local" in request or "CN = web.corp.local" in request
    assert "DNS:web.corp.local, DNS:alias.corp.local" in request

    # Denied: jane may not enroll for WebServer.
    denied = admin.certreq("-submit", "web.req", "web.cer", caller="jane", ok=False)
    assert "Certificate not issued (Denied) Denied by Policy Module  0x80094012, " in denied
    assert "0x80094012 (-2146877422 CERTSRV_E_TEMPLATE_DENIED)" in denied and not (folder / "web.cer").exists()

    # Pending, issued by a manager, retrieved, accepted.
    changed = admin.certutil("-setreg", r"policy\RequestDisposition", "+REQDISP_PENDINGFIRST")
    assert "  RequestDisposition REG_DWORD = 101 (257)\n    REQDISP_ISSUE -- 1\n    REQDISP_PENDINGFIRST -- 100 (256)\n" in changed
    submitted = admin.certreq("-submit", "-config", r"CA01.corp.local\corp-CA01-CA", "web.req", "web.cer")
    assert submitted.endswith("Certificate request is pending: Taken Under Submission (0)\n")
    number = re.match(r"RequestId: (\d+)\n", submitted)
    assert number is not None
    request_id = number[1]
    assert "0x80070005" in admin.certutil("-resubmit", request_id, caller="jane", ok=False)
    assert admin.certutil("-resubmit", request_id) == (
        "Certificate issued.\nCertUtil: -resubmit command completed successfully.\n"
    )
    retrieved = admin.certreq("-retrieve", request_id, "web.cer", "web.p7b")
    assert "Certificate retrieved(Issued) Resubmitted by CORP\\Administrator" in retrieved
    accepted = admin.certreq("-accept", "web.cer", "-p", "secret")
    assert accepted.startswith("Installed Certificate:\n  Serial Number: ")
    assert stat.S_IMODE((folder / "web.pfx").stat().st_mode) == 0o600
    shown = client("openssl", "pkcs12", "-in", folder / "web.pfx", "-passin", "pass:secret", "-nodes").stdout
    assert "BEGIN CERTIFICATE" in shown and "BEGIN PRIVATE KEY" in shown
    assert "CN = corp-CA01-CA" in client("openssl", "pkcs7", "-in", folder / "web.p7b", "-print_certs", "-noout").stdout
    admin.certutil("-setreg", r"policy\RequestDisposition", "1")

    # Revoked, and on the next list.
    serial = re.search(r"Serial Number: (\w+)", accepted)
    assert serial is not None
    assert "is Valid (3)" in admin.certutil("-isvalid", serial[1])
    assert admin.certutil("-revoke", serial[1], "5") == (
        f'Revoking "{serial[1]}" -- Reason: Cessation of Operation\n'
        "CertUtil: -revoke command completed successfully.\n"
    )
    assert "is Revoked (Cessation of Operation)" in admin.certutil("-isvalid", serial[1], ok=False)
    assert admin.certutil("-CRL") == "CertUtil: -CRL command completed successfully.\n"
    for form in (("delta",), ("republish",), ("republish", "delta"), ("30:12",), ("30:12", "delta")):
        assert admin.certutil("-CRL", *form) == "CertUtil: -CRL command completed successfully.\n"
    assert "0x80070057" in admin.certutil("-CRL", "30:99", ok=False)
    admin.certutil("-CRL")
    admin.certutil("-GetCRL", "ca.crl")
    admin.certutil("-ca.cert", "ca.cer")
    admin.certutil("-ca.chain", "ca.p7b")
    admin.certutil("-encode", "ca.cer", "ca.pem")
    listed = client("openssl", "crl", "-in", folder / "ca.crl", "-inform", "DER", "-noout", "-text", "-CAfile", folder / "ca.pem")
    assert "verify OK" in listed.stderr
    assert serial[1].upper() in listed.stdout and "Cessation Of Operation" in listed.stdout
    assert "CRL Entries: 1\n" in admin.certutil("-dump", "ca.crl")
    client("openssl", "pkcs7", "-in", folder / "ca.p7b", "-inform", "DER", "-print_certs", "-noout")
    assert admin.certutil("-CRL", "delta") == "CertUtil: -CRL command completed successfully.\n"
    admin.certutil("-GetCRL", "delta.crl", "delta")
    assert "2.5.29.27: Flags = 1(Critical)" in admin.certutil("-dump", "delta.crl")
    assert "0x80070057" in admin.certutil("-CRL", "sometimes", ok=False)


def test_a_denied_request_stays_denied(admin: Admin) -> None:
    (admin.folder / "deny.inf").write_text('[NewRequest]\nSubject="CN=deny"\n')
    admin.certreq("-new", "deny.inf", "deny.req")
    admin.certutil("-setreg", r"policy\RequestDisposition", "0x101")
    pending = admin.certreq("-submit", "-attrib", "CertificateTemplate:WebServer", "deny.req")
    admin.certutil("-setreg", r"policy\RequestDisposition", "1")
    request_id = pending.split("\n")[0].removeprefix("RequestId: ")
    assert admin.certutil("-deny", request_id) == "CertUtil: -deny command completed successfully.\n"
    assert "0x80094003 (-2146877437 CERTSRV_E_BAD_REQUESTSTATUS)" in admin.certutil("-deny", request_id, ok=False)
    assert "Denied by CORP\\Administrator" in admin.certreq("-retrieve", request_id, "never.cer", ok=False)


def test_the_registry_decides_the_next_request(admin: Admin) -> None:
    shown = admin.certutil("-getreg", EDIT_FLAGS)
    assert shown == (
        "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\\corp-CA01-CA\\PolicyModules\\"
        "CertificateAuthority_MicrosoftDefault.Policy\\EditFlags:\n\n"
        "  EditFlags REG_DWORD = 11014e (1114446)\n"
        "    EDITF_REQUESTEXTENSIONLIST -- 2\n    EDITF_DISABLEEXTENSIONLIST -- 4\n    EDITF_ADDOLDKEYUSAGE -- 8\n"
        "    EDITF_BASICCONSTRAINTSCRITICAL -- 40 (64)\n    EDITF_ENABLEAKIKEYID -- 100 (256)\n"
        "    EDITF_ENABLEDEFAULTSMIME -- 10000 (65536)\n    EDITF_ENABLECHASECLIENTDC -- 100000 (1048576)\n"
        "CertUtil: -getreg command completed successfully.\n"
    )
    (admin.folder / "esc6.inf").write_text('[NewRequest]\nSubject="CN=esc6"\n')
    admin.certreq("-new", "esc6.inf", "esc6.req")
    wish = r"CertificateTemplate:WebServer\nSAN:upn=administrator@corp.local"

    def names() -> str:
        admin.certreq("-submit", "-attrib", wish, "esc6.req", "esc6.cer")
        return admin.certutil("-dump", "esc6.cer")

    assert "Principal Name=" not in names()
    changed = admin.certutil("-setreg", EDIT_FLAGS, "+EDITF_ATTRIBUTESUBJECTALTNAME2")
    assert "Old Value:\n  EditFlags REG_DWORD = 11014e (1114446)\n" in changed
    assert "New Value:\n  EditFlags REG_DWORD = 15014e (1376590)\n" in changed
    assert changed.endswith(
        "CertUtil: -setreg command completed successfully.\n"
        "The CertSvc service may need to be restarted for changes to take effect.\n"
    )
    assert "Principal Name=administrator@corp.local" in names()
    admin.certutil("-setreg", EDIT_FLAGS, "-EDITF_ATTRIBUTESUBJECTALTNAME2")
    assert "Principal Name=" not in names()
    assert "0x80070005" in admin.certutil("-setreg", EDIT_FLAGS, "0", caller="jane", ok=False)
    assert "FAILED: 0x80070002 (WIN32: 2 ERROR_FILE_NOT_FOUND)" in admin.certutil("-getreg", r"policy\Nothing", ok=False)
    for key, value in (("CA", "ValidityPeriodUnits"), ("policy", "RequestDisposition"), ("exit", "PublishCertFlags")):
        assert value in admin.certutil("-getreg", key)


def test_the_database(admin: Admin, client: Client) -> None:
    (admin.folder / "view.inf").write_text('[NewRequest]\nSubject="CN=view"\n')
    admin.certreq("-new", "view.inf", "view.req")
    admin.certutil("-setreg", r"policy\RequestDisposition", "0x101")
    pending = admin.certreq("-submit", "-attrib", r"CertificateTemplate:WebServer\nNote:old", "view.req")
    admin.certutil("-setreg", r"policy\RequestDisposition", "1")
    request_id = pending.split("\n")[0].removeprefix("RequestId: ")
    queue = admin.certutil("-view", "Queue", "-out", "RequestID,Request.RequesterName")
    assert "  Column Name                   Localized Name                Type    MaxLength\n" in queue
    assert 'Row 1:\n' in queue and 'Requester Name: "CORP\\Administrator"\n' in queue and "\n1 Rows\n" in queue
    admin.certutil("-setattributes", request_id, r"Note:new\nOther:x")
    shown = admin.certutil("-view", "-restrict", f"RequestID={request_id}", "-out", "Request.RequestAttributes,Request.Disposition")
    assert "Note:new" in shown and "Note:old" not in shown and "0x9 -- Pending" in shown
    admin.certutil("-resubmit", request_id)
    rows = json.loads(admin.run("certutil", "-view", "-restrict", f"RequestID={request_id}", "-out", "RequestID,SerialNumber,CommonName",
                                before=("--json",)))  # fmt: skip
    assert [(row["RequestID"], row["CommonName"]) for row in rows] == [(int(request_id), "view")]
    serial = rows[0]["SerialNumber"]
    assert f'"{serial}"' in admin.certutil("-view", "-restrict", f"SerialNumber={serial}", "-out", "SerialNumber")
    assert "Rows deleted: 1" in admin.certutil("-deleterow", request_id)
    assert "\n0 Rows\n" in admin.certutil("-view", "-restrict", f"RequestID={request_id}", "-out", "RequestID")
    assert "Request.RequesterName" in admin.certutil("-schema")
    admin.certutil("-backupDB", admin.folder / "copy.sqlite")
    assert (admin.folder / "copy.sqlite").stat().st_size > 0
    assert "0x80070005" in admin.certutil("-backupDB", admin.folder / "other.sqlite", caller="jane", ok=False)
    assert "0x80070057" in admin.certutil("-view", "-restrict", "Nothing=1", ok=False)


def test_templates(admin: Admin) -> None:
    listed = admin.certutil("-CATemplates")
    assert "WebServer: Web Server -- Auto-Enroll: Access is denied.\n" in listed
    assert "WebServer: Web Server -- Access is denied.\n" in admin.certutil("-CATemplates", caller="jane")
    admin.certutil("-SetCATemplates", "+SmartcardLogon,CodeSigning")
    assert "CodeSigning: Code Signing -- " in admin.certutil("-CATemplates")
    admin.certutil("-SetCATemplates", "-SmartcardLogon,CodeSigning")
    assert "CodeSigning" not in admin.certutil("-CATemplates")
    assert "0x80094813 (-2146875373 CERTSRV_E_UNKNOWN_CERT_TYPE)" in admin.certutil("-SetCATemplates", "+Nothing", ok=False)


def test_templates_of_the_forest(admin: Admin) -> None:
    assert "TemplatePropCommonName = WebServer\n" in admin.certutil("-Template", "WebServer")
    shown = admin.certutil("-v", "-Template", "User")
    assert "    CT_FLAG_PUBLISH_TO_DS -- 8\n" in shown and "    (CT_FLAG_PEND_ALL_REQUESTS -- 2)\n" in shown
    assert "TemplatePropValidityPeriod = 1 Years\n" in shown and "TemplatePropRenewalPeriod = 6 Weeks\n" in shown
    listed = admin.certutil("-ADTemplate").splitlines()
    assert len(listed) == 34 and listed[0].startswith("Administrator: Administrator -- ")
    attributes = admin.certutil("-dsTemplate", "User")
    assert attributes.startswith("[User]\n") and '  pKIExpirationPeriod = "1 Years"\n' in attributes
    assert '  pKIKeyUsage = "a0 00"\n' in attributes
    assert admin.certutil("-TemplateCAs", "WebServer").startswith("CA01.corp.local\\corp-CA01-CA\n")
    assert "CERTSRV_E_UNKNOWN_CERT_TYPE" in admin.certutil("-Template", "Nothing", ok=False)


def test_stores_in_the_directory(admin: Admin, client: Client) -> None:
    folder = admin.folder
    client("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
           "/CN=Corp Root", "-keyout", folder / "root.pem", "-out", folder / "root.cer", "-days", "30")  # fmt: skip
    below = "CN=Public Key Services,CN=Services,CN=Configuration,DC=corp,DC=local?cACertificate"
    assert admin.certutil("-dsPublish", "-f", "root.cer", "RootCA") == (
        f"ldap:///CN=Corp Root,CN=Certification Authorities,{below}\n\nCertificate added to DS store.\n\n"
        f"ldap:///CN=Corp Root,CN=AIA,{below}\n\nCertificate added to DS store.\n\n"
        "CertUtil: -dsPublish command completed successfully.\n"
    )
    again = admin.certutil("-dsPublish", "-f", "root.cer", "RootCA")
    assert again.count("Certificate already in DS store.") == 2
    assert "Subject: CN=Corp Root\n" in admin.certutil("-viewstore", "Root")
    assert "Corp Root" not in admin.certutil("-viewstore", "NTAuth")
    admin.certutil("-dsPublish", "root.cer", "NTAuthCA")
    assert "Subject: CN=Corp Root\n" in admin.certutil("-viewstore", "NTAuth")
    assert "ERROR_ACCESS_DENIED" in admin.certutil("-dsPublish", "root.cer", "NTAuthCA", caller="jane", ok=False)
    admin.certutil("-GetCRL", "base.crl")
    assert "ERROR_FILE_NOT_FOUND" in admin.certutil("-dsPublish", "base.crl", "ELSEWHERE", ok=False)
    published = admin.certutil("-dsPublish", "-f", "base.crl", "ELSEWHERE")
    assert published.startswith("ldap:///CN=corp-CA01-CA,CN=ELSEWHERE,CN=CDP,") and "Base CRL added to DS store." in published
    assert "0x8007000d" in admin.certutil("-dsPublish", "root.pem", "RootCA", ok=False)


def test_an_embedded_lab_answers_the_same(lab: mimica.Lab, tmp_path: Path) -> None:
    shown = lab.certutil("-getreg", EDIT_FLAGS)
    assert shown.ok and "EditFlags REG_DWORD = 11014e (1114446)" in shown.text
    lab.add_user("jane")
    refused = lab.certutil("-setreg", EDIT_FLAGS, "+EDITF_ATTRIBUTEENDDATE", as_="jane")
    assert not refused.ok and refused.status == "E_ACCESSDENIED" and "ca.permission.manage" in refused.error_text
    certificate = lab.certutil("-ca.cert", "out.cer")
    assert certificate.files == {"out.cer": lab.ca.certificate.der}
    made = lab.certreq("-new", "a.inf", "a.req", files={"a.inf": b'[NewRequest]\nSubject="CN=a"\n'})
    assert set(made.files) == {"a.req", "a.key"}
    issued = lab.certreq(
        "-submit", "-attrib", "CertificateTemplate:User", "a.req", "a.cer", files={"a.req": made.files["a.req"]}, as_="jane"
    )
    assert issued.ok, issued.text + issued.error_text
    accepted = lab.certreq(
        "-accept", "a.cer", files={"a.cer": issued.files["a.cer"], "./a.key": made.files["a.key"]}
    )
    assert accepted.ok and b"PRIVATE KEY" in accepted.files["a.pem"]
    other = lab.certreq("-new", "b.inf", "b.req", files={"b.inf": b"[NewRequest]\n"})
    wrong = lab.certreq("-accept", "a.cer", files={"a.cer": issued.files["a.cer"], "./b.key": other.files["b.key"]})
    assert wrong.status == "NTE_BAD_KEYSET" and not wrong.files


def test_a_policy_file_is_checked_line_by_line(cli: Client, tmp_path: Path) -> None:
    for text, line in (
        ("[NewRequest]\nSubject = \"CN=a\nKeyLength = 2048\n", 2),
        ("[NewRequest]\nSubject = \"CN=a\"\nKeyLenght = 2048\n", 3),
        ("[NewRequest]\nKeyLength = many\n", 2),
        ("[NewRequest]\n[Extensions]\n2.5.29.17 = \"{text}what=ever\"\n", 3),
        ("[NewRequest]\nRequestType = PKCS7\n", 2),
        ("Subject = x\n", 1),
    ):
        (tmp_path / "bad.inf").write_text(text)
        done = cli("certreq", "-new", "bad.inf", "bad.req")
        assert done.returncode == 1 and f"bad.inf:{line}" in done.stdout, done.stdout
        assert not (tmp_path / "bad.req").exists() and not (tmp_path / "bad.key").exists()


def test_files_need_no_lab(cli: Client, client: Client, tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"hello\n")
    assert "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03" in cli("certutil", "-hashfile", "text", "SHA256").stdout
    assert cli("certutil", "-encode", "text", "text.b64").returncode == 0
    assert cli("certutil", "-decode", "text.b64", "back").returncode == 0
    assert (tmp_path / "back").read_bytes() == b"hello\n"
    shown = cli("certutil", "-error", "0x80094800").stdout
    assert shown.startswith("0x80094800 (-2146875392 CERTSRV_E_UNSUPPORTED_CERT_TYPE)")
    done = cli("certutil", "-dump", "missing.cer")
    assert done.returncode == 1 and "0x80070002" in done.stdout
    done = cli("certutil", "-ping")
    assert done.returncode != 0 and "--state" in done.stderr


def test_dump_agrees_with_openssl(lab: mimica.Lab, client: Client, tmp_path: Path) -> None:
    lab.add_user("jane")
    issued = lab.enroll("jane", "User")
    path = tmp_path / "jane.cer"
    path.write_bytes(issued.certificate.der)
    ours = lab.certutil("-dump", path).text
    theirs = client("openssl", "x509", "-inform", "DER", "-in", path, "-noout", "-text", "-serial").stdout
    serial = re.search(r"^serial=(\w+)$", theirs, re.M)
    assert serial is not None and f"Serial Number: {serial[1].lower()}\n" in ours
    printed = dict(re.findall(r"^    ([\d.]+): Flags = (0|1\(Critical\)), Length = [0-9a-f]+$", ours, re.M))
    assert len(printed) == int(re.search(r"Certificate Extensions: (\d+)", ours)[1])  # type: ignore[index]
    assert sum(flags != "0" for flags in printed.values()) == theirs.count(": critical")
    for oid, pattern in {
        "key identifier": (r"Subject Key Identifier: *\n +([0-9A-F:]+)", r"Subject Key Identifier\n +([0-9a-f ]+)\n"),
        "authority": (r"Authority Key Identifier: *\n +([0-9A-F:]+)", r"KeyID=([0-9a-f ]+)\n"),
    }.items():
        left, right = re.search(pattern[0], theirs), re.search(pattern[1], ours)
        assert left is not None and right is not None, oid
        assert left[1].replace(":", "").lower() == right[1].replace(" ", ""), oid
    assert "Digital Signature, Key Encipherment (a0)" in ours and "Digital Signature, Key Encipherment" in theirs
    urls = set(re.findall(r"URI:(\S+)", theirs))
    assert urls == {url for url in re.findall(r"URL=(\S+)", ours)}
    assert "Client Authentication (1.3.6.1.5.5.7.3.2)" in ours and "TLS Web Client Authentication" in theirs
    assert f"NTDS Object SID={issued.certificate.sid}" in ours
    assert "Principal Name=jane@contoso.com" in ours and "UPN::jane@contoso.com" in theirs
    fingerprint = client("openssl", "x509", "-inform", "DER", "-in", path, "-noout", "-fingerprint", "-sha256").stdout
    assert "Cert Hash(sha256): " + fingerprint.split("=")[1].strip().replace(":", "").lower() in ours


def test_a_lab_for_one_call(cli: Client, tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text(LAB)
    done = cli("certutil", "--lab", "lab.yaml", "-ca.cert", "ca.cer")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "ca.cer").stat().st_size > 500


def test_a_stopped_lab_can_still_be_read(program: Path, cli: Client, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    lab = subprocess.Popen([str(program), "up", "--state", "state", "--json", "--no-kerberos"], cwd=tmp_path, stdout=subprocess.PIPE)
    assert lab.stdout is not None and lab.stdout.readline()
    lab.send_signal(signal.SIGINT)
    lab.communicate(timeout=20)
    done = cli("certutil", "--state", "state", "-view", "CRL", "-out", "CRLNumber")
    assert done.returncode == 0 and "CRL Number: 0x" in done.stdout
    assert "0x800706ba" in cli("certutil", "--state", "state", "-ping").stdout


def test_facts_for_programs(lab: mimica.Lab) -> None:
    shown = json.loads(lab.certutil("-dump", "ca.cer", files={"ca.cer": lab.ca.certificate.der}, json=True).json)
    assert shown["kind"] == "certificate" and shown["serial"] == lab.ca.certificate.serial
    assert any(one["oid"] == "2.5.29.19" and "Subject Type=CA" in one["text"] for one in shown["extensions"])
    assert json.loads(lab.certutil("-CAInfo", "name", json=True).json) == {"name": "CONTOSO-CA"}


def test_a_renewed_ca_has_two_certificates(lab: mimica.Lab) -> None:
    first = lab.certutil("-ca.cert", "ca.cer").files["ca.cer"]
    assert lab.certutil("-renewCert", "ReuseKeys").ok
    assert "CA cert count: 2\n" in lab.certutil("-CAInfo").text
    assert lab.certutil("-ca.cert", "ca.cer", "0").files["ca.cer"] == first
    assert lab.certutil("-ca.cert", "ca.cer").files["ca.cer"] == lab.ca.certificate.der != first
    assert lab.certutil("-ca.cert", "ca.cer", "2").status == "CERTSRV_E_PROPERTY_EMPTY"
    assert lab.certutil("-CRL", as_="jane").status == "ERROR_NONE_MAPPED"
