"""The command line: every scenario as users run it, its reports, its exit codes, and `mimica up`."""
from __future__ import annotations

import json
import re
import signal
import subprocess
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import mimica
import pytest
from conftest import ROOT, TIMEOUT, Client

SCENARIOS = sorted((ROOT / "scenarios").rglob("*.yaml"))

SMALL = """\
scenario: A template that nobody may use
why: A small case for the tests of the program itself.
lab:
  users: [{name: jane}]
  templates:
    - {duplicate: User, display_name: Staff, remove: [Domain Users], enroll: [Domain Admins]}
steps:
  - enroll: {as: jane, template: Staff}
    expect: {code: CERTSRV_E_TEMPLATE_DENIED, rule: templates.permission.enroll}
"""


def test_there_are_scenarios() -> None:
    assert len(SCENARIOS) > 10


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: str(path.relative_to(ROOT / "scenarios")))
def test_scenario(cli: Client, tmp_path: Path, path: Path) -> None:
    junit = tmp_path / "junit.xml"
    done = cli("run", path, "--json", "--junit", junit)
    run = json.loads(done.stdout)
    assert done.returncode == 0, cli("run", path).stdout + done.stderr
    assert (run["format"], run["exit"]) == ("mimica.run", 0)
    assert run["scenarios"]
    suites = ElementTree.parse(junit).getroot()
    assert suites.tag == "testsuites"
    cases = suites.findall("testsuite/testcase")
    assert len(cases) == sum(len(scenario["steps"]) for scenario in run["scenarios"])
    assert not suites.findall(".//failure") and not suites.findall(".//error")


def test_python_runs_scenarios_too(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    run = mimica.run_scenario(path)
    assert run
    (case,) = run.cases
    (step,) = case.steps
    assert step.status == "as_expected" and step.where.endswith("small.yaml:8:5")
    assert step.decision.refused_with("CERTSRV_E_TEMPLATE_DENIED", rule="templates.permission.enroll")
    assert json.loads(run.json())["exit"] == 0
    assert "PASS" in case.explain()


def test_a_wrong_expectation_exits_1_and_names_the_rule(cli: Client, tmp_path: Path) -> None:
    path, junit = tmp_path / "wrong.yaml", tmp_path / "junit.xml"
    path.write_text(SMALL.replace("{code: CERTSRV_E_TEMPLATE_DENIED, rule: templates.permission.enroll}", "{outcome: issued}"))
    done = cli("run", path, "--junit", junit)
    assert done.returncode == 1
    assert "FAIL" in done.stdout
    assert "CERTSRV_E_TEMPLATE_DENIED (0x80094012)" in done.stdout
    assert "templates.permission.enroll" in done.stdout and "hint:" in done.stdout
    (failure,) = ElementTree.parse(junit).getroot().findall(".//failure")
    assert "templates.permission.enroll" in (failure.text or "")
    assert json.loads(cli("run", path, "--json").stdout)["exit"] == 1

    run = mimica.run_scenario(path)
    assert not run
    (mismatch,) = run.cases[0].steps[0].mismatches
    assert mismatch.what == "outcome" and (mismatch.wanted, mismatch.found) == ("issued", "refused")
    assert "templates.permission.enroll" in run.explain()


@pytest.mark.parametrize(
    "old, new, line, column, hint",
    [
        ("expect:", "expct:", 9, 5, "expect"),
        ("code: CERTSRV_E_TEMPLATE_DENIED", "code: CERTSRV_E_TEMPLATE_DENYED", 9, 20, "CERTSRV_E_TEMPLATE_DENIED"),
        ("users: [{name: jane}]", "usres: [{name: jane}]", 4, 3, "users"),
        ("rule: templates.permission.enroll", "rule: templates.permission.enrol", 9, 53, "templates.permission.enroll"),
    ],
)
def test_a_slip_of_the_pen_exits_2_with_its_position(
    cli: Client, tmp_path: Path, old: str, new: str, line: int, column: int, hint: str
) -> None:
    path = tmp_path / "slip.yaml"
    assert old in SMALL
    path.write_text(SMALL.replace(old, new))
    done = cli("run", path)
    assert done.returncode == 2
    assert f"slip.yaml:{line}:{column}: " in done.stdout + done.stderr
    assert hint in done.stdout + done.stderr
    with pytest.raises(mimica.Fault) as caught:
        mimica.run_scenario(path)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.where == f"{path}:{line}:{column}"


@pytest.mark.parametrize("text", ["", "[", "a: b: c", "- 1\n- 2", "scenario: x\nsteps: 7\n", "\x00", "a: &a [*a, *a]"])
def test_no_scenario_at_all_exits_2(cli: Client, tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    assert cli("run", path).returncode == 2
    with pytest.raises(mimica.Fault):
        mimica.run_scenario(path)


def test_a_missing_file_exits_2(cli: Client, tmp_path: Path) -> None:
    done = cli("run", tmp_path / "nowhere.yaml")
    assert done.returncode == 2
    assert "nowhere.yaml" in done.stdout + done.stderr


def test_help_is_there_for_everything(cli: Client) -> None:
    overview = cli("--help")
    assert overview.returncode == 0
    commands = [name for name in ("run", "up", "explain", "rules") if re.search(rf"^\s+{name}\b", overview.stdout, re.M)]
    assert commands == ["run", "up", "explain", "rules"]
    for command in commands:
        assert cli(command, "--help").returncode == 0
    assert cli("no-such-command").returncode == 2
    assert cli("run", "--no-such-option").returncode == 2


class Up:
    """A running `mimica up --json`."""

    def __init__(self, program: Path, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [str(program), "up", "--json", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.announced: dict[str, Any] = json.loads(self.process.stdout.readline())
        self.urls = {endpoint["name"]: endpoint["url"] for endpoint in self.announced["endpoints"]}

    def stop(self, number: int) -> tuple[str, str]:
        self.process.send_signal(number)
        return self.process.communicate(timeout=TIMEOUT)

    def __enter__(self) -> Up:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_up_serves_until_it_is_told_to_stop(program: Path, client: Client, number: int) -> None:
    with Up(program) as lab:
        assert lab.announced["format"] == "mimica.up" and lab.announced["pid"] == lab.process.pid
        base = "DC=contoso,DC=com"
        bind = ["-x", "-LLL", "-H", lab.urls["ldap"], "-D", "Administrator@contoso.com", "-w", "Passw0rd!"]
        assert "dn: " in client("ldapsearch", *bind, "-b", base, "-s", "base", "(objectClass=*)", "objectSid").stdout
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{lab.urls['http'].rstrip('/')}/no-such-file", timeout=TIMEOUT)
        out, errors = lab.stop(number)
        assert lab.process.returncode == 0, out + errors
        assert client("ldapsearch", *bind, "-b", base, "-s", "base", ok=False).returncode != 0


def test_up_takes_the_lab_of_a_scenario_and_runs_its_commands(program: Path, client: Client, tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    with Up(program, path) as lab:
        for endpoint in lab.announced["endpoints"]:
            assert endpoint["commands"], endpoint
            for command in endpoint["commands"]:
                client("sh", "-c", f"cd {tmp_path} && {command} >/dev/null")
        bind = ["-x", "-LLL", "-H", lab.urls["ldap"], "-D", "jane@contoso.com", "-w", "Passw0rd!"]
        assert "cn: Staff" in client("ldapsearch", *bind, "-b", "CN=Configuration,DC=contoso,DC=com", "(cn=Staff)", "cn").stdout


def test_up_twice_takes_two_sets_of_ports(program: Path) -> None:
    with Up(program) as one, Up(program) as two:
        assert not set(one.urls.values()) & set(two.urls.values())
        taken = one.urls["http"].rstrip("/").rsplit(":", 1)[1]
        done = subprocess.run([str(program), "up", "--http-port", taken], capture_output=True, text=True, timeout=TIMEOUT)
        assert done.returncode == 3, "a port that is taken is the environment's fault"


def test_state_outlives_the_process(program: Path, cli: Client, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with Up(program, "--state", state) as lab:
        lab.stop(signal.SIGTERM)
    assert any(state.iterdir())


def test_explain_tells_what_a_certificate_is_good_for(cli: Client, tmp_path: Path) -> None:
    certificate = tmp_path / "jane.pem"
    with mimica.Lab() as lab:
        jane = lab.add_user("jane")
        certificate.write_text(lab.enroll(jane, "User").certificate.pem)
        sid = jane.sid
    done = cli("explain", certificate)
    assert done.returncode == 0
    assert sid in done.stdout and "jane@contoso.com" in done.stdout
    (tmp_path / "garbage.pem").write_bytes(b"\x30\x80\xff")
    assert cli("explain", tmp_path / "garbage.pem").returncode == 2


def test_keep_writes_what_openssl_reads(cli: Client, client: Client, tmp_path: Path) -> None:
    path = tmp_path / "issue.yaml"
    path.write_text(
        """\
scenario: One certificate
lab:
  users: [{name: jane}]
steps:
  - enroll: {as: jane, template: User}
    expect: {outcome: issued, certificate: {sid: jane}}
"""
    )
    done = cli("run", path, "--keep", tmp_path / "kept")
    assert done.returncode == 0, done.stdout + done.stderr
    (folder,) = (tmp_path / "kept").iterdir()
    certificate = next(file for file in folder.glob("*.pem") if file.name[:1].isdigit())
    assert "1.3.6.1.4.1.311.25.2" in client("openssl", "x509", "-in", certificate, "-noout", "-text").stdout
    client("openssl", "crl", "-inform", "DER", "-in", folder / "issuing.crl", "-noout")
