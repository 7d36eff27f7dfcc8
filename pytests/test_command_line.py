"""What the program says about itself and about scenario files: steps that are not run, the starter, the version."""
from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path

from conftest import Client

LAB = """\
scenario: A hole that a step makes
lab:
  templates: [{name: Quiet}]
steps:
  - template: {name: Quiet, subject: supplied_in_request}
  - clock: {advance: 1 d}
"""


def note_of(stderr: str) -> str:
    return "".join(line for line in stderr.splitlines() if "note:" in line)


def test_lint_says_that_steps_are_not_run_and_runs_them_on_request(cli: Client, tmp_path: Path) -> None:
    lab = tmp_path / "lab.yaml"
    lab.write_text(LAB)
    before = cli("lint", lab)
    assert before.returncode == 0, before.stdout
    assert "2 steps" in note_of(before.stderr)
    after = cli("lint", lab, "--after-steps", "--json")
    assert after.returncode == 1, after.stderr
    assert [f["subject"] for f in json.loads(after.stdout)["findings"] if not f["sound"]] == ["Quiet"]
    assert not note_of(after.stderr)

    lab.write_text(LAB + "  - enroll: {as: Administrator, template: NoSuchTemplate}\n")
    wrong = cli("lint", lab, "--after-steps")
    assert wrong.returncode == 1
    assert "lab.yaml:7:5" in note_of(wrong.stderr), "a step that did not go as expected is named"
    lab.write_text(LAB + "  - template: {name: NoSuchTemplate, publish: true}\n")
    assert cli("lint", lab, "--after-steps").returncode == 2
    lab.write_text("scenario: No steps\n")
    assert not note_of(cli("lint", lab).stderr)
    assert cli("lint", lab, "--after-steps").returncode == 0
    export = tmp_path / "export.ldif"
    export.write_text("dn: CN=Nobody,DC=contoso,DC=com\nobjectClass: top\ncn: Nobody\n")
    assert cli("lint", export, "--after-steps").returncode == 2, "an export has no steps"


def test_up_says_that_steps_are_not_run(program: Path, tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text(LAB)
    up = subprocess.Popen(
        [program, "up", "lab.yaml", "--json", "--no-kerberos"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    assert up.stdout is not None
    assert json.loads(up.stdout.readline())["format"] == "mimica.up"
    up.send_signal(signal.SIGTERM)
    assert "2 steps" in note_of(up.communicate(timeout=60)[1])


def test_the_starter_names_the_schema_that_ships(cli: Client, tmp_path: Path) -> None:
    schema = json.loads(cli("schema").stdout)

    def schema_of(scenario: Path) -> Path:
        named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", scenario.read_text().splitlines()[0])
        assert named and "://" not in named[1]
        return (scenario.parent / named[1]).resolve()

    alone = tmp_path / "alone" / "first.yaml"
    assert cli("new", alone).returncode == 0
    assert json.loads(schema_of(alone).read_text()) == schema
    assert cli("run", alone).returncode == 0

    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "schema.json").write_text(cli("schema").stdout)
    below = tmp_path / "scenarios" / "mine" / "first.yaml"
    assert cli("new", below).returncode == 0
    assert schema_of(below) == (tmp_path / "scenarios" / "schema.json").resolve(), "the one above is taken"
    assert [path.name for path in below.parent.iterdir()] == ["first.yaml"]


def test_version_and_help(cli: Client) -> None:
    assert cli("--version").stdout == cli("version").stdout
    assert re.fullmatch(r"mimica \d+\.\d+\.\d+\n", cli("--version").stdout)
    alone = cli()
    assert alone.returncode == 2 and "lint" in alone.stderr
