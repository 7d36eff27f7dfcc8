"""Shared fixtures. Run with PYTHONPATH=<build>/python; `./dev pytest` does all of it."""
from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Callable

import mimica
import pytest

pytest_plugins = ["mimica.pytest_plugin", "pytester"]

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 60  # seconds for any one client; far more than any needs

Client = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def program() -> Path:
    """The command-line program: $MIMICA_PROGRAM, or the one of the build that the Python module comes from."""
    given = os.environ.get("MIMICA_PROGRAM")
    path = Path(given) if given else Path(mimica.__file__).resolve().parents[2] / "harness" / "mimica"
    if not path.is_file():
        pytest.fail(f"there is no program at {path}: build the target 'mimica' or set MIMICA_PROGRAM")
    return path


@pytest.fixture
def cli(program: Path, tmp_path: Path) -> Client:
    """Runs the program in a temporary folder."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(program), *map(str, arguments)], cwd=tmp_path, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )

    return run


@pytest.fixture
def client() -> Client:
    """Runs an installed program; skips the test, naming it, when it is missing."""

    def run(name: str, *arguments: object, ok: bool = True, **options: Any) -> subprocess.CompletedProcess[str]:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"the client {name} is not installed")
        done = subprocess.run(
            [found, *map(str, arguments)], capture_output=True, text=True, timeout=TIMEOUT, check=False, **options
        )
        if ok:
            assert done.returncode == 0, f"{name} {' '.join(map(str, arguments))}\n{done.stdout}\n{done.stderr}"
        return done

    return run


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Exports of real systems: the folder $MIMICA_SHARED_DATA."""
    folder = os.environ.get("MIMICA_SHARED_DATA")
    if not folder:
        pytest.skip("MIMICA_SHARED_DATA is not set: no exports of real systems at hand")
    return Path(folder)
