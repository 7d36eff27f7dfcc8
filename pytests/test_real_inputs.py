"""Exports of real systems load as they are. Needs the folder $MIMICA_SHARED_DATA; skipped by name without it."""
from __future__ import annotations

import json
import os
import re
from pathlib import Path

import mimica
import pytest
from conftest import Client


def exports(pattern: str) -> list[object]:
    """The files below $MIMICA_SHARED_DATA, or one parameter that is skipped."""
    folder = os.environ.get("MIMICA_SHARED_DATA")
    if not folder:
        return [pytest.param(Path(pattern), marks=pytest.mark.skip(reason="MIMICA_SHARED_DATA is not set"), id=pattern)]
    return [pytest.param(path, id=path.name) for path in sorted(Path(folder).glob(pattern))]


def test_the_folder_holds_what_these_tests_read(shared_data: Path) -> None:
    assert list(shared_data.glob("intune-exports/*.json"))
    assert (shared_data / "windows-exports" / "ws2016-default-templates.ldif").is_file()


@pytest.mark.mimica(profiles=[])
@pytest.mark.parametrize("path", exports("intune-exports/*.json"))
def test_a_profile_loads(lab: mimica.Lab, path: Path) -> None:
    lab.add_profile(mimica.profile(path, assign=["all_users"]))


@pytest.mark.parametrize("path", exports("intune-exports/*.json"))
def test_check_reads_a_profile(cli: Client, path: Path) -> None:
    done = cli("check", path)
    assert done.returncode in (0, 1), "findings are fine, bad input would be 2: " + done.stdout + done.stderr
    assert json.loads(path.read_text(encoding="utf-8-sig"))["displayName"] in done.stdout


@pytest.mark.mimica(directory="in_process", profiles=[])
def test_the_default_templates_of_server_2016_load(lab: mimica.Lab, shared_data: Path) -> None:
    path = shared_data / "windows-exports" / "ws2016-default-templates.ldif"
    text = path.read_text(encoding="utf-8")
    lab.import_ldif(text, source=path.name)
    unfolded = re.sub(r"\n ", "", text)
    names = re.findall(r"^dn: CN=([^,]+),CN=Certificate Templates,", unfolded, re.M)
    assert len(names) == 33
    exported = re.sub(r"\n ", "", lab.export_ldif())
    for name in names:
        assert f"\ndn: CN={name},CN=Certificate Templates,CN=Public Key Services,CN=Services,{lab_configuration(lab)}\n" in exported


def lab_configuration(lab: mimica.Lab) -> str:
    return lab.ldap.configuration_dn


@pytest.mark.mimica(profiles=[])
def test_a_real_user_template_issues(lab: mimica.Lab, shared_data: Path) -> None:
    path = shared_data / "windows-exports" / "ws2016-default-templates.ldif"
    records = path.read_text(encoding="utf-8").split("\n\n")
    user = next(record for record in records if re.search(r"^dn: CN=User,", record, re.M))
    lab.import_ldif("version: 1\n\n" + user + "\n", source=path.name)
    jane = lab.add_user("jane")
    issued = lab.enroll(jane, "User")
    assert issued
    assert issued.certificate.template == "User" and issued.certificate.sid == jane.sid


@pytest.mark.mimica(profiles=[])
def test_duplicated_templates_of_another_tool_load(lab: mimica.Lab, shared_data: Path) -> None:
    path = shared_data / "windows-exports" / "tamemycerts-templates.ldf"
    lab.import_ldif(path.read_text(encoding="utf-8"), source=path.name)


def test_a_certificate_of_a_real_ca(shared_data: Path) -> None:
    pem = (shared_data / "windows-exports" / "ws2016-ca-artefacts.pem").read_text()
    root, issued = (
        mimica.Certificate.parse(block)
        for block in re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", pem, re.S)[:2]
    )
    assert root.signed_by(root) and issued.signed_by(root)
    assert issued.template == "DomainController"
    assert issued.sid is not None and issued.sid.startswith("S-1-5-21-")
    assert "DNS=DC1.dom.local" in issued.sans
