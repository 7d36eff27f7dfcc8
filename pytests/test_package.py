"""The package itself: its types are strict, and the stubs say what the module holds."""
from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import mimica
import pytest

PACKAGE = Path(mimica.__file__).resolve().parent


def module(*arguments: object) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("mypy", reason="mypy is not installed")
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)], cwd=PACKAGE.parent, capture_output=True, text=True, timeout=240, check=False
    )


def test_mypy_strict(tmp_path: Path) -> None:
    done = module("mypy", "--strict", "--cache-dir", tmp_path, PACKAGE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stubs_agree_with_the_module(tmp_path: Path) -> None:
    configuration = tmp_path / "mypy.ini"
    configuration.write_text(f"[mypy]\ncache_dir = {tmp_path}\n")
    done = module("mypy.stubtest", "--mypy-config-file", configuration, "--concise", "mimica._mimica")
    # What pybind11 always differs in: its metaclass, and that a class without a constructor still takes any arguments.
    expected = re.compile(r"metaclass differs$|__init__ is inconsistent, stub does not have \*args argument|^mimica\._mimica$")
    different = [line for line in done.stdout.splitlines() if line and not expected.search(line)]
    assert not different, "\n".join(different) + done.stderr
    assert "LabHandle" in done.stdout, "nothing was compared: " + done.stdout + done.stderr


def test_everything_exported_is_documented() -> None:
    assert (PACKAGE / "py.typed").is_file()
    for name in mimica.__all__:
        assert hasattr(mimica, name)
    for kind in (mimica.Lab, mimica.Decision, mimica.CertificationAuthority, mimica.Device, mimica.Account, mimica.Kdc):
        assert kind.__doc__
        for name, member in vars(kind).items():
            if not name.startswith("_") and (callable(member) or isinstance(member, property)):
                assert member.__doc__, f"{kind.__name__}.{name} has no docstring"
