"""`mimica kdc check` and `mimica kdc audit`: one certificate, or a fleet, against an export or a live directory."""
from __future__ import annotations

import csv
import datetime as dt
import json
import random
import subprocess
from pathlib import Path
from typing import Any, Callable

import mimica
import pytest
from conftest import Client

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def jane(lab: mimica.Lab) -> mimica.Account:
    return lab.add_user("jane")


@pytest.fixture
def weak(lab: mimica.Lab, jane: mimica.Account) -> mimica.Certificate:
    """A certificate with jane's UPN and without SID."""
    certificate = lab.deliver("Intune User", lab.add_device("LAPTOP-01", user=jane)).certificate
    assert certificate.sid is None
    return certificate


@pytest.fixture
def at(lab: mimica.Lab) -> str:
    """Shortly after the certificates of the lab were issued."""
    return (lab.clock.now + dt.timedelta(days=1)).strftime("%Y-%m-%d")


def bind(lab: mimica.Lab) -> list[str]:
    return ["-x", "-H", lab.ldap.url, "-D", lab.ldap.bind_name, "-w", lab.ldap.password]


@pytest.fixture
def export(lab: mimica.Lab, client: Client, tmp_path: Path) -> Callable[[], Path]:
    """What an administrator exports: accounts and CN=Public Key Services, by the real ldapsearch."""

    def run() -> Path:
        text = client("ldapsearch", *bind(lab), "-b", lab.ldap.base_dn, "(objectClass=user)").stdout
        text += "\n" + client("ldapsearch", *bind(lab), "-b", f"CN=Public Key Services,CN=Services,{lab.ldap.configuration_dn}").stdout
        file = tmp_path / "export.ldif"
        file.write_text(text)
        return file

    return run


@pytest.fixture
def pem(tmp_path: Path, weak: mimica.Certificate) -> Path:
    file = tmp_path / "jane.pem"
    file.write_text(weak.pem)
    return file


def live(lab: mimica.Lab, tmp_path: Path) -> list[str]:
    secret = tmp_path / "password"
    secret.write_text(lab.ldap.password + "\n")
    return ["--ldap", lab.ldap.url, "--bind-dn", lab.ldap.bind_name, "--password-file", str(secret)]


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.stdout, done.stderr
    parsed: dict[str, Any] = json.loads(done.stdout.splitlines()[0])
    return parsed


def test_an_export_of_ldapsearch(lab: mimica.Lab, cli: Run, pem: Path, export: Callable[[], Path], at: str) -> None:
    done = cli("kdc", "check", "--cert", pem, "--account", "jane", "--ldif", export(), "--at", at, "--json")
    found = answer(done)
    modes = {mode["mode"]: mode for mode in found["modes"]}
    assert modes["Compatibility"]["allowed"] and modes["Compatibility"]["events"] == [39]
    assert modes["Full Enforcement"]["rule"] == "kdc.mapping.strong"
    assert modes["Full Enforcement"]["code"] == "KDC_ERR_CERTIFICATE_MISMATCH"
    assert found["account"]["sid"] == lab.account("jane").sid
    assert [mapping["form"] for mapping in found["mappings"]][:3] == ["X509IssuerSerialNumber", "X509SKI", "X509SHA1PublicKey"]
    assert found["refused_from"] == "2025-02-11T00:00:00Z"


def test_the_suggested_ldif_repairs_the_logon(
    lab: mimica.Lab, cli: Run, client: Client, pem: Path, tmp_path: Path, jane: mimica.Account, weak: mimica.Certificate, at: str
) -> None:
    """The point of it all: ldapmodify takes the suggestion as it is, and Full Enforcement lets the logon pass."""
    ask = ["kdc", "check", "--cert", pem, *live(lab, tmp_path), "--at", at, "--registry", "StrongCertificateBindingEnforcement=2"]
    before = cli(*ask, "--fixes", "fixes.ldif")
    assert before.returncode == 1, before.stdout + before.stderr
    client("ldapmodify", *bind(lab), "-f", tmp_path / "fixes.ldif")
    after = cli(*ask, "--json")
    assert after.returncode == 0, after.stdout
    found = answer(after)
    assert found["now"]["how"] == "alt-security-identity" and found["ready"] and not found["mappings"]
    assert lab.kdc.logon(weak, jane)


def test_every_form_that_is_suggested_can_be_written(
    lab: mimica.Lab, cli: Run, client: Client, pem: Path, tmp_path: Path, jane: mimica.Account, at: str
) -> None:
    ask = ["kdc", "check", "--cert", pem, *live(lab, tmp_path), "--at", at, "--registry", "StrongCertificateBindingEnforcement=2", "--json"]
    suggestions = answer(cli(*ask))["mappings"]
    assert len(suggestions) == 3
    for mapping in suggestions:
        client("ldapmodify", *bind(lab), input=mapping["ldif"])
        assert cli(*ask).returncode == 0, mapping
        client("ldapmodify", *bind(lab), input=mapping["ldif"].replace("add: ", "delete: ", 1))
        assert cli(*ask).returncode == 1


def test_the_printed_text(cli: Run, pem: Path, export: Callable[[], Path], at: str) -> None:
    done = cli("kdc", "check", "--cert", pem, "--ldif", export(), "--at", at)
    for part in ("Compatibility", "kdc.mapping.strong", "changetype: modify", "altSecurityIdentities: X509:<I>", "revocation was not checked"):
        assert part in done.stdout
    assert "\x1b[" not in done.stdout
    assert "\x1b[" in cli("kdc", "check", "--cert", pem, "--ldif", export(), "--at", at, "--color").stdout


def test_forms_of_certificates(lab: mimica.Lab, cli: Run, client: Client, pem: Path, weak: mimica.Certificate, export: Callable[[], Path], tmp_path: Path, at: str) -> None:
    rest = ["--ldif", export(), "--at", at, "--json"]
    der = tmp_path / "jane.cer"
    der.write_bytes(weak.der)
    chain = tmp_path / "chain.pem"
    chain.write_text(lab.ca.certificate.pem + weak.pem)
    for file in (pem, der, chain):
        assert answer(cli("kdc", "check", "--cert", file, *rest))["certificate"]["upn"] == "jane@contoso.com"
    client("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", tmp_path / "key.pem")
    client("openssl", "req", "-x509", "-key", tmp_path / "key.pem", "-subj", "/CN=stranger", "-out", tmp_path / "own.pem")
    client("openssl", "pkcs12", "-export", "-in", tmp_path / "own.pem", "-inkey", tmp_path / "key.pem", "-passout", "pass:geheim", "-out", tmp_path / "own.p12")
    (tmp_path / "secret").write_text("geheim\n")
    found = cli("kdc", "check", "--cert", tmp_path / "own.p12", "--cert-password-file", tmp_path / "secret", "--account", "jane", *rest)
    assert found.returncode == 1 and answer(found)["now"]["rule"] == "kdc.chain.trusted"
    wrong = cli("kdc", "check", "--cert", tmp_path / "own.p12", "--account", "jane", *rest)
    assert wrong.returncode == 2 and "cert-password" in wrong.stderr


def test_standard_input(program: Path, weak: mimica.Certificate, export: Callable[[], Path], at: str) -> None:
    done = subprocess.run(
        [program, "kdc", "check", "--cert", "-", "--ldif", export(), "--at", at], input=weak.pem, capture_output=True, text=True, timeout=60, check=False
    )
    assert "jane@contoso.com" in done.stdout


def test_revocation_lists(lab: mimica.Lab, cli: Run, pem: Path, weak: mimica.Certificate, export: Callable[[], Path], tmp_path: Path) -> None:
    lab.ca.revoke(weak)
    lab.ca.publish_crl()
    crl = tmp_path / "ca.crl"
    crl.write_bytes(lab.ca.crl())
    now = lab.clock.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    ask = ["kdc", "check", "--cert", pem, "--ldif", export(), "--at", now, "--json"]
    assert answer(cli(*ask, "--crl", crl))["now"]["rule"] == "kdc.chain.revocation"
    assert cli(*ask, "--revocation", "files").returncode == 2
    assert answer(cli(*ask, "--revocation", "fetch"))["now"]["rule"] == "kdc.chain.revocation"


def test_trust_that_the_export_lacks_is_said_and_can_be_given(lab: mimica.Lab, cli: Run, client: Client, pem: Path, tmp_path: Path, at: str) -> None:
    only_users = tmp_path / "users.ldif"
    only_users.write_text(client("ldapsearch", *bind(lab), "-b", lab.ldap.base_dn, "(objectClass=user)").stdout)
    ask = ["kdc", "check", "--cert", pem, "--ldif", only_users, "--at", at, "--json"]
    bare = answer(cli(*ask))
    assert bare["now"]["rule"] == "kdc.chain.trusted"
    assert any("NTAuth" in note for note in bare["notes"]) and any("--root" in note for note in bare["notes"])
    (tmp_path / "ca.pem").write_text(lab.ca.certificate.pem)
    (tmp_path / "root.pem").write_text(lab.ca.chain[-1].pem)
    given = answer(cli(*ask, "--root", tmp_path / "root.pem", "--ntauth", tmp_path / "ca.pem"))
    assert given["now"]["rule"] == "kdc.mapping.strong"
    assert not any("NTAuth" in note for note in given["notes"])


def test_an_account_that_the_certificate_does_not_lead_to(lab: mimica.Lab, cli: Run, pem: Path, export: Callable[[], Path], at: str) -> None:
    lab.add_user("bob")
    file = export()
    bob = cli("kdc", "check", "--cert", pem, "--account", "bob", "--ldif", file, "--at", at, "--json")
    assert bob.returncode == 1 and answer(bob)["now"]["rule"] == "kdc.mapping.user_principal_name"
    ghost = cli("kdc", "check", "--cert", pem, "--account", "ghost", "--ldif", file, "--at", at, "--json")
    assert ghost.returncode == 1 and answer(ghost)["now"]["code"] == "KDC_ERR_C_PRINCIPAL_UNKNOWN"


@pytest.mark.parametrize(
    "arguments, says",
    [
        ([], "directory"),
        (["--ldif", "missing.ldif"], "missing.ldif"),
        (["--ldif", "garbage.ldif"], "garbage.ldif:1"),
        (["--ldif", "cut.ldif"], "cut.ldif:2"),
        (["--ldif", "empty.ldif"], "empty.ldif"),
        (["--ldif", "nobody.ldif"], "no account"),
        (["--ldif", "utf16.ldif"], "iconv"),
        (["--ldif", "change.ldif"], "change.ldif:1"),
        (["--ldif", "x", "--lab", "y"], "more than one"),
        (["--lab", "missing.yaml"], "missing.yaml"),
        (["--ldif", "nobody.ldif", "--at", "yesterday"], "yesterday"),
        (["--ldif", "nobody.ldif", "--crl", "garbage.ldif"], "revocation list"),
    ],
)
def test_bad_input(cli: Run, pem: Path, tmp_path: Path, arguments: list[str], says: str) -> None:
    (tmp_path / "garbage.ldif").write_text("hello world\n")
    (tmp_path / "cut.ldif").write_text("dn: CN=jane,DC=contoso,DC=com\nobjectSid:: AQUAAA\n")
    (tmp_path / "empty.ldif").write_text("")
    (tmp_path / "nobody.ldif").write_text("dn: DC=contoso,DC=com\nobjectClass: domainDNS\n")
    (tmp_path / "utf16.ldif").write_bytes("dn: DC=contoso,DC=com\n".encode("utf-16"))
    (tmp_path / "change.ldif").write_text("dn: CN=jane,DC=contoso,DC=com\nchangetype: delete\n")
    done = cli("kdc", "check", "--cert", pem, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert says in done.stderr


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\nMIIB", b"\x30\x82\xff\xff\x02\x01\x03", random.Random(1).randbytes(5000), b"\x30\x80" * 1000],
    ids=["empty", "text", "cut", "length", "noise", "nested"],
)
def test_garbage_is_no_certificate(cli: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "garbage.cer"
    file.write_bytes(content)
    users = tmp_path / "users.ldif"
    users.write_text("dn: CN=a,DC=contoso,DC=com\nsAMAccountName: a\n")
    done = cli("kdc", "check", "--cert", file, "--ldif", users)
    assert done.returncode == 2 and "garbage.cer" in done.stderr


def test_registry_values(cli: Run, pem: Path, export: Callable[[], Path]) -> None:
    ask = ["kdc", "check", "--cert", pem, "--ldif", export(), "--json", "--at", "2025-03-01"]
    for wrong in ("Nonsense=1", "StrongCertificateBindingEnforcement", "StrongCertificateBindingEnforcement=one", "StrongNameMatches=x"):
        assert cli(*ask, "--registry", wrong).returncode == 2
    assert answer(cli(*ask, "--registry", "strongcertificatebindingenforcement=0x1"))["refused_from"] == "2025-09-09T00:00:00Z"
    assert cli(*ask, "--os", "2012").returncode == 2


def test_servers_that_do_not_answer(lab: mimica.Lab, cli: Run, pem: Path, tmp_path: Path) -> None:
    assert cli("kdc", "check", "--cert", pem, "--ldap", "ldap://127.0.0.1:1").returncode == 3
    assert cli("kdc", "check", "--cert", pem, "--ldap", "nonsense").returncode in (2, 3)
    (tmp_path / "wrong").write_text("wrong")
    refused = cli("kdc", "check", "--cert", pem, "--ldap", lab.ldap.url, "--bind-dn", lab.ldap.bind_name, "--password-file", tmp_path / "wrong")
    assert refused.returncode == 2 and "52e" in refused.stderr
    assert cli("kdc", "check", "--cert", pem, "--ldap", lab.ldap.url, "--password-env", "NO_SUCH_VARIABLE").returncode == 2


def test_from_python(lab: mimica.Lab, jane: mimica.Account, weak: mimica.Certificate, export: Callable[[], Path]) -> None:
    found = lab.kdc.check(weak)
    assert found.account == "jane" and not found.ready and found.now.rule == "kdc.mapping.strong"
    assert found.modes["Compatibility"].events == (39,) and not found.modes["Full Enforcement"]
    assert found.refused_from == dt.datetime(2025, 2, 11, tzinfo=dt.timezone.utc)
    assert found.weakly_by == ("UPN=jane@contoso.com",) and not found.strongly_by and found.repairs
    jane.set("altSecurityIdentities", found.mappings[0].value)
    after = lab.kdc.check(weak, jane)
    assert after.now.how == "alt-security-identity" and after.ready and not after.notes
    from_file = mimica.kdc.check(weak, ldif=export(), account="jane", at=lab.clock.now)
    assert from_file.now and any("revocation" in note for note in from_file.notes)
    with pytest.raises(mimica.Fault, match="cannot be read"):
        mimica.kdc.check(weak, ldif="/nowhere.ldif")


# ---- the fleet -------------------------------------------------------------------------------------------------------


@pytest.fixture
def fleet(lab: mimica.Lab, tmp_path: Path) -> Path:
    """Two dozen certificates without SID, every fourth account mapped already; a CA, a copy and garbage among them."""
    folder = tmp_path / "fleet"
    folder.mkdir()
    for number in range(24):
        user = lab.add_user(f"user{number:02}")
        certificate = lab.deliver("Intune User", lab.add_device(f"PC-{number:02}", user=user)).certificate
        (folder / f"{number:02}.pem").write_text(certificate.pem)
        if number % 4 == 0:
            user.map(certificate)
    (folder / "ca.cer").write_bytes(lab.ca.certificate.der)
    (folder / "zz-copy.pem").write_text((folder / "01.pem").read_text())
    (folder / "garbage.crt").write_bytes(b"garbage")
    (folder / "notes.txt").write_text("not looked at")
    return folder


def test_a_fleet(lab: mimica.Lab, cli: Run, client: Client, fleet: Path, tmp_path: Path) -> None:
    at = (lab.clock.now + dt.timedelta(days=1)).strftime("%Y-%m-%d")
    ask = ["kdc", "audit", "--certs", fleet, *live(lab, tmp_path), "--at", at]
    reports = [argument for name in ("out.csv", "out.json", "out.jsonl", "out.html") for argument in ("--report", name)]
    done = cli(*ask, *reports, "--fixes", "fixes.ldif")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "\r" not in done.stderr, "no progress bar in a pipe"
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 27
    states = [row["state"] for row in rows]
    assert {state: states.count(state) for state in set(states)} == {"breaks": 18, "ready": 6, "ca": 1, "duplicate": 1, "unreadable": 1}
    broken = [row for row in rows if row["state"] == "breaks"]
    assert all(row["rule"] == "kdc.mapping.strong" and row["suggestion"].startswith("X509:<I>") for row in broken)
    assert {row["template"] for row in broken} == {"IntuneUser"}
    report = json.loads((tmp_path / "out.json").read_text())
    assert report["summary"]["states"]["breaks"] == 18 and len(report["certificates"]) == 27
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert lines[:-1] == report["certificates"] and lines[-1]["summary"] == report["summary"]
    page = (tmp_path / "out.html").read_text()
    assert page.count("<tr>") >= 27 and "http" not in page.split("</head>")[1].replace("http-equiv", "")
    # All fixes at once, and nothing breaks any more.
    client("ldapmodify", *bind(lab), "-f", tmp_path / "fixes.ldif")
    again = cli(*ask)
    assert again.returncode == 0, again.stdout


def test_expired_certificates_are_flagged_and_not_counted(lab: mimica.Lab, cli: Run, fleet: Path, export: Callable[[], Path], tmp_path: Path) -> None:
    late = (lab.clock.now + dt.timedelta(days=4000)).strftime("%Y-%m-%d")
    file = export()
    done = cli("kdc", "audit", "--certs", fleet, "--ldif", file, "--at", late, "--report", "a.json")
    summary = json.loads((tmp_path / "a.json").read_text())["summary"]
    assert done.returncode == 0 and summary["counted"] == 0 and summary["states"]["expired"] == 24
    counted = cli("kdc", "audit", "--certs", fleet, "--ldif", file, "--at", late, "--report", "a.json", "--count-expired")
    assert counted.returncode == 1 and json.loads((tmp_path / "a.json").read_text())["summary"]["counted"] == 24


def test_the_database_of_a_ca(cli: Run, tmp_path: Path) -> None:
    scenario = Path(__file__).resolve().parent.parent / "scenarios" / "intune" / "strong-mapping.yaml"
    assert cli("run", "--keep", "kept", scenario).returncode == 0
    kept = tmp_path / "kept" / "strong-mapping"
    done = cli("kdc", "audit", "--database", kept / "ca.sqlite", "--ldif", kept / "directory.ldif", "--at", "2025-10-01", "--report", "a.json")
    assert done.returncode == 1, done.stdout + done.stderr
    report = json.loads((tmp_path / "a.json").read_text())
    rows = report["certificates"]
    assert [row["source"] for row in rows] == ["request 1", "request 2", "request 3"]
    assert {row["group"] for row in rows} == {1} and [row["newest_of_group"] for row in rows] == [False, True, False]
    assert report["summary"]["subjects_broken"] == 1
    assert cli("kdc", "audit", "--database", tmp_path / "none.sqlite", "--ldif", kept / "directory.ldif").returncode == 2
    (tmp_path / "other.sqlite").write_bytes(b"SQLite format 3\0" + bytes(100))
    assert cli("kdc", "audit", "--database", tmp_path / "other.sqlite", "--ldif", kept / "directory.ldif").returncode in (2, 3)
    assert not (tmp_path / "none.sqlite").exists()


def test_audit_refuses_bad_input(cli: Run, tmp_path: Path) -> None:
    users = tmp_path / "users.ldif"
    users.write_text("dn: CN=a,DC=contoso,DC=com\nsAMAccountName: a\n")
    (tmp_path / "empty").mkdir()
    assert cli("kdc", "audit", "--ldif", users).returncode == 2
    assert cli("kdc", "audit", "--certs", tmp_path / "nowhere", "--ldif", users).returncode == 2
    assert cli("kdc", "audit", "--certs", tmp_path / "empty", "--ldif", users).returncode == 2
    (tmp_path / "empty" / "a.cer").write_bytes(b"x")
    assert cli("kdc", "audit", "--certs", tmp_path / "empty", "--ldif", users, "--report", "a.xlsx").returncode == 2
    assert cli("kdc", "audit", "--certs", tmp_path / "empty", "--ldif", users).returncode == 0
