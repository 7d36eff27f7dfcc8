"""The linter for known misconfigurations: in a lab, on the command line, and what ESC15 lets through."""
from __future__ import annotations

import json
from pathlib import Path

import mimica
import pytest
from conftest import Client
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

HOLE = """\
scenario: A lab with a hole
lab:
  templates: [{name: Hole, subject: supplied_in_request}]
"""
APPLICATION_POLICIES = x509.ObjectIdentifier("1.3.6.1.4.1.311.21.10")
# CertificatePolicies with Client Authentication only.
CLIENT = bytes.fromhex("300C300A06082B06010505070302")


def test_lab_lint_names_what_is_weak() -> None:
    with mimica.Lab(templates=[]) as lab:
        assert all(finding.sound for finding in lab.lint())
        lab.templates.add(mimica.template("Hole", subject="supplied_in_request"))
        (weak,) = [finding for finding in lab.lint() if not finding.sound]
        assert (weak.kind, weak.subject, weak.failed) == ("template", "Hole", ["templates.lint.esc1"])
        assert "Domain Users" in weak.trace.explain()
        lab.templates.edit("Hole", remove="Domain Users")
        assert all(finding.sound for finding in lab.lint())
        lab.templates.remove("Hole")
        assert "Hole" not in [finding.subject for finding in lab.lint()]


def test_command_line_judges_a_lab_and_exports(cli: Client, tmp_path: Path) -> None:
    lab = tmp_path / "lab.yaml"
    lab.write_text(HOLE)
    done = cli("lint", lab, "--json")
    assert done.returncode == 1, done.stderr
    findings = json.loads(done.stdout)
    assert not findings["sound"]
    assert [f["subject"] for f in findings["findings"] if not f["sound"]] == ["Hole"]
    assert "template Hole" in cli("lint", lab).stdout

    with mimica.Lab(templates=[mimica.template("Hole", subject="supplied_in_request")]) as running:
        export = tmp_path / "forest.ldif"
        export.write_text(running.export_ldif())
    assert cli("lint", "--ldif", export).returncode == 1
    for name, options in (("certipy.json", ()), ("certipy4.json", ("--format", "certipy-4")),
                          ("bloodhound.json", ("--format", "bloodhound")),
                          ("one.json", ("--format", "adcstemplate", "--template", "Hole")), ("again.ldif", ())):
        converted = cli("templates", "convert", export, tmp_path / name, *options)
        assert converted.returncode == 0, converted.stderr
        shown = cli("templates", "show", tmp_path / name, "--template", "Hole")
        assert shown.returncode == 0 and "ENROLLEE_SUPPLIES_SUBJECT" in shown.stdout, name
        if name != "one.json":  # which leaves permissions out
            assert cli("lint", "--export", tmp_path / name).returncode == 1, name
    assert cli("lint", "--export", tmp_path / "one.json").returncode == 0

    sound = tmp_path / "sound.yaml"
    sound.write_text("scenario: A fresh forest\n")
    assert cli("lint", sound).returncode == 0
    assert cli("lint").returncode == 2
    assert cli("lint", "--export", tmp_path / "missing.ldif").returncode == 2
    (tmp_path / "other.json").write_text("{}")
    assert cli("lint", "--export", tmp_path / "other.json").returncode == 2


@pytest.mark.parametrize("patched", [False, True])
def test_requested_application_policies_are_dropped_since_november_2024(patched: bool) -> None:
    ca = mimica.CaSpec()
    ca.application_policy_update = patched
    with mimica.Lab(users=["mallory"], templates=[], ca=ca) as lab:
        lab.templates.edit("WebServer", enroll=["Domain Users"])
        weak = [finding.failed for finding in lab.lint() if not finding.sound]
        assert weak == ([] if patched else [["templates.lint.esc15"]])
        key = rsa.generate_private_key(65537, 2048)
        request = (
            x509.CertificateSigningRequestBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "The Boss")]))
            .add_extension(x509.UnrecognizedExtension(APPLICATION_POLICIES, CLIENT), False)
            .sign(key, hashes.SHA256())
        )
        answer = lab.enroll("mallory", "WebServer", request=request.public_bytes(serialization.Encoding.DER))
        assert answer
        extensions = x509.load_der_x509_certificate(answer.certificate.der).extensions
        carried = [e.value.value for e in extensions if e.oid == APPLICATION_POLICIES]  # type: ignore[attr-defined]
        assert carried == ([] if patched else [CLIENT])
