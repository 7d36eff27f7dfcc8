"""Every kind of file that `mimica check` and `mimica lint` tell by its content."""
from __future__ import annotations

import datetime
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import mimica
import pytest
from conftest import Client
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PROFILE = Path(__file__).resolve().parent.parent / "scenarios" / "profiles" / "windows-user-pkcs.json"
LIVE_DIFF = {"objects": [{"dn": "CN=User,CN=x", "class": "pKICertificateTemplate", "attributes": {"cn": ["User"]}}]}


def ldif() -> bytes:
    with mimica.Lab(templates=[]) as lab:
        return lab.export_ldif().encode()


def certificate(form: str, folder: Path) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "jane")])
    now = datetime.datetime.utcnow()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(17)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    if form == "pfx":  # with an empty password, which the Python package does not write
        openssl = shutil.which("openssl")
        if openssl is None:
            pytest.skip("the client openssl is not installed")
        (folder / "both.pem").write_bytes(
            pem + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        subprocess.run(
            [openssl, "pkcs12", "-export", "-in", "both.pem", "-out", "out.pfx", "-passout", "pass:"], cwd=folder, check=True
        )
        return (folder / "out.pfx").read_bytes()
    return pem if form == "pem" else made.public_bytes(serialization.Encoding.DER)


def converted(*options: str) -> Callable[[Client, Path], bytes]:
    def convert(cli: Client, folder: Path) -> bytes:
        (folder / "forest.ldif").write_bytes(ldif())
        done = cli("templates", "convert", folder / "forest.ldif", folder / "out", *options)
        assert done.returncode == 0, done.stderr
        return (folder / "out").read_bytes()

    return convert


FORMATS: dict[str, tuple[str, Callable[[Client, Path], bytes]]] = {
    "ldif": ("template", lambda cli, folder: ldif()),
    "certipy": ("template", converted("--format", "certipy")),
    "bloodhound": ("template", converted("--format", "bloodhound")),
    "adcstemplate": ("template", converted("--format", "adcstemplate", "--template", "User")),
    "live_diff": ("template", lambda cli, folder: json.dumps(LIVE_DIFF).encode()),
    "graph": ("profile", lambda cli, folder: PROFILE.read_bytes()),
    "pem": ("certificate", lambda cli, folder: certificate("pem", folder)),
    "der": ("certificate", lambda cli, folder: certificate("der", folder)),
    "pfx": ("certificate", lambda cli, folder: certificate("pfx", folder)),
}


@pytest.mark.parametrize("name", FORMATS)
def test_both_commands_understand(name: str, cli: Client, tmp_path: Path) -> None:
    kind, make = FORMATS[name]
    file = tmp_path / "file"
    file.write_bytes(make(cli, tmp_path))
    checked = cli("check", file)
    assert checked.returncode in (0, 1), checked.stderr
    assert f"{file}: {kind} " in checked.stdout
    linted = cli("lint", file, "--json")
    assert linted.returncode in (0, 1), linted.stderr
    assert kind in [finding["kind"] for finding in json.loads(linted.stdout)["findings"]]


def test_a_scenario_is_checked_by_itself_and_linted_as_its_lab(cli: Client, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("scenario: A fresh forest\nsteps: []\n")
    checked = cli("check", file)
    assert checked.returncode == 0 and f"{file}: scenario " in checked.stdout
    linted = cli("lint", file, "--json")
    assert linted.returncode == 0
    assert {finding["kind"] for finding in json.loads(linted.stdout)["findings"]} == {"ca", "template"}


@pytest.mark.parametrize("content", ["{}", "hello world\n"])
def test_an_unknown_file_is_answered_with_the_list_of_formats(content: str, cli: Client, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text(content)
    answers = [cli(command, file) for command in ("check", "lint")]
    assert [done.returncode for done in answers] == [2, 2]
    assert answers[0].stderr == answers[1].stderr
    for known in ("LDIF", "Certipy", "BloodHound", "ADCSTemplate", "live diff", "Graph", "PKCS#12", "scenario YAML"):
        assert known in answers[0].stderr
