"""Scenario scripts (docs/scenarios.md) run from Python."""
from __future__ import annotations

import os

from mimica import _mimica
from mimica._mimica import CaseRecord, StepRecord
from mimica.decision import Decision, witness


class ScenarioStep:
    """One step of a scenario that was run."""

    def __init__(self, record: StepRecord) -> None:
        self._record = record
        self.number = record.number  #: from 1
        self.title = record.title  #: 'deliver "Intune User" to LAPTOP-01'
        self.id = record.id  #: the name that `as` gave it, or ""
        self.where = record.where  #: "strong-mapping.yaml:12:5"
        self.status = record.status  #: "as_expected", "failed" (an expectation), "fault", "skipped"
        self.at = record.at  #: lab time when it began
        self.mismatches = record.mismatches  #: expectations that did not hold
        self.fault = record.fault  #: the description of a fault, or ""

    @property
    def decision(self) -> Decision:
        """What the lab answered."""
        return Decision(self._record.report, self.title)

    def __repr__(self) -> str:
        return f"<ScenarioStep {self.number} {self.title}: {self.status}>"


class ScenarioCase:
    """One scenario, or one cell of its matrix. Truthy exactly when everything was as expected."""

    def __init__(self, record: CaseRecord) -> None:
        self._record = record
        self.name = record.name  #: with the cell of the matrix
        self.source = record.source
        self.refs = record.refs
        self.fault = record.fault  #: why the lab did not start, or ""
        self.passed = record.passed
        self.steps = [ScenarioStep(step) for step in record.steps]

    def __bool__(self) -> bool:
        witness(self.explain)
        return self.passed

    def step(self, id: str) -> ScenarioStep:
        """The step that `as` named so. Raises KeyError when there is none."""
        for step in self.steps:
            if step.id == id:
                return step
        raise KeyError(id)

    def explain(self, *, every_step: bool = False, colour: bool = False) -> str:
        """The timeline as `mimica run` prints it; with every_step the whole trace of every step."""
        return self._record.timeline(every_step, colour)

    def __repr__(self) -> str:
        return f"<ScenarioCase {self.name}: {'passed' if self.passed else 'FAILED'}>"


class ScenarioRun:
    """All cases of a scenario file. Truthy exactly when all passed."""

    def __init__(self, records: list[CaseRecord]) -> None:
        self._records = records
        self.cases = [ScenarioCase(record) for record in records]

    @property
    def passed(self) -> bool:
        """Whether every case passed."""
        return all(record.passed for record in self._records)

    def __bool__(self) -> bool:
        witness(self.explain)
        return self.passed

    def explain(self) -> str:
        """The timelines of the cases that failed, or of all when none did."""
        return "".join(case.explain() for case in self.cases if self.passed or not case.passed)

    def json(self) -> str:
        """The report that `mimica run --json` writes."""
        return _mimica.report_json(self._records)

    def __repr__(self) -> str:
        failed = [case.name for case in self.cases if not case.passed]
        return f"<ScenarioRun {len(self.cases)} cases, {len(failed)} failed{': ' + ', '.join(failed) if failed else ''}>"


def run_scenario(path: str | os.PathLike[str]) -> ScenarioRun:
    """Runs a scenario file; files it names are read relative to it.

    Raises Fault for a file that cannot be read or is no valid scenario, with its position; further faults are in the hint.
    An expectation that does not hold is no exception: the answer is falsy and explains itself.
    """
    return ScenarioRun(_mimica.run_scenarios(os.fspath(path)))
