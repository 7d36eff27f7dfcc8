"""pytest plugin: labs as fixtures, and failures that explain the decision they are about.

Enable it with `-p mimica.pytest_plugin`, or `pytest_plugins = ["mimica.pytest_plugin"]` in the top conftest.py.

lab           a lab for this test, closed afterwards; `@pytest.mark.mimica(clock="2024-11-20", ...)` gives the arguments of
              mimica.Lab. Markers of the class and module count too; the one nearest to the test wins for each argument.
lab_factory   a function that makes labs (same arguments as mimica.Lab); all are closed after the test.

An assertion that fails while looking at a Decision gets the decision's explanation in its message, and the report
gets a section with everything that the test's labs decided.
"""
from __future__ import annotations

from typing import Any, Iterator

import pytest

from mimica import decision as decisions
from mimica._mimica import Code
from mimica.lab import Lab

_LABS = pytest.StashKey[list[Lab]]()


class LabFactory:
    """Makes labs for a test and closes them when it is over."""

    def __init__(self) -> None:
        self.labs: list[Lab] = []

    def __call__(self, **arguments: Any) -> Lab:
        lab = Lab(**arguments)
        self.labs.append(lab)
        return lab

    def close(self) -> None:
        """Closes all labs, the newest first."""
        for lab in reversed(self.labs):
            lab.close()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "mimica(**arguments): arguments of mimica.Lab for the lab fixture (clock, templates, ca, kdc, ...)"
    )


@pytest.fixture
def lab_factory(request: pytest.FixtureRequest) -> Iterator[LabFactory]:
    """A function that makes labs, with the arguments of mimica.Lab; all are closed after the test."""
    factory = LabFactory()
    request.node.stash[_LABS] = factory.labs
    yield factory
    factory.close()
    del request.node.stash[_LABS]


@pytest.fixture
def lab(request: pytest.FixtureRequest, lab_factory: LabFactory) -> Lab:
    """A lab of its own for this test, configured by @pytest.mark.mimica."""
    arguments: dict[str, Any] = {}
    for marker in request.node.iter_markers("mimica"):
        if marker.args:
            raise pytest.UsageError("@pytest.mark.mimica takes keyword arguments only: those of mimica.Lab")
        arguments = {**marker.kwargs, **arguments}
    return lab_factory(**arguments)


def pytest_runtest_setup() -> None:
    decisions.sightings = []


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    # Not a wrapper: this runs before pytest's own implementation makes the report from the exception and the sections.
    if call.excinfo is None or call.excinfo.errisinstance(pytest.skip.Exception):
        return
    error = call.excinfo.value
    if isinstance(error, AssertionError) and not isinstance(error, decisions.Refused):
        _explain(error, decisions.sightings or [])
    if call.when == "call":
        for lab in item.stash.get(_LABS, []):
            if lab.history:
                item.add_report_section("call", f"decisions of {lab.spec.name}", lab.timeline())


def _explain(error: AssertionError, sightings: list[decisions.Sighting]) -> None:
    """Adds the explanations of the decisions that the failing statement looked at (PEP 678 notes)."""
    traceback = error.__traceback__
    places = set()
    while traceback is not None:
        places.add((traceback.tb_frame.f_code, traceback.tb_lineno))
        traceback = traceback.tb_next
    told: list[str] = []
    for sighting in sightings:
        if (sighting.code, sighting.line) in places:
            text = sighting.explain().rstrip("\n")
            # The explanation of a check holds that of its decision: the longer one tells all.
            told = [other for other in told if other not in text]
            if not any(text in other for other in told):
                told.append(text)
    # A message of the test's own may hold the explanation already, indented.
    message = " ".join(str(error).split())
    for text in told:
        if " ".join(text.split()) not in message:
            error.add_note(text)


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Code) and isinstance(other, (str, Code)) and op in ("==", "!="):
            return [f"{left} {op} {right}", one.sentence]
    return None
