"""Decisions: what a lab operation answered, and why."""
from __future__ import annotations

import difflib
import sys
from types import CodeType
from typing import Callable, NamedTuple

from mimica import _mimica
from mimica._mimica import Certificate, Code, Event, Step, Trace


class Refused(AssertionError):
    """A certificate was wanted from an operation that did not issue one. The message is the explanation."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(f"there is no certificate: {decision.explain()}")
        self.decision = decision


class LogEntry(NamedTuple):
    """One entry of an event log other than the KDC's."""

    channel: str  #: "connector/Admin", "ca/Security"
    id: int  #: event id


class Decision:
    """What an operation answered. Truthy exactly when it was granted (issued, allowed or done).

    Tests assert on codes and rule ids, never on prose::

        assert lab.kdc.logon(certificate, jane)
        assert lab.kdc.logon(old, jane).refused_with("KDC_ERR_CERTIFICATE_MISMATCH", rule="kdc.mapping.strong")

    Under the pytest plugin a failing assertion on a decision prints its whole trace.
    """

    def __init__(self, report: _mimica.Report, operation: str) -> None:
        self._report = report
        self.operation = operation  #: what was asked, for example "logon of jane"

    def __bool__(self) -> bool:
        witness(self.explain)
        return self._report.ok

    @property
    def granted(self) -> bool:
        """The same as bool(decision), without the pytest plugin taking note of it."""
        return self._report.ok

    @property
    def outcome(self) -> str:
        """"issued", "allowed", "done", "pending", "refused" or "failed"."""
        witness(self.explain)
        return self._report.outcome

    @property
    def code(self) -> Code | None:
        """The protocol code of a refusal: an HRESULT of the CA, a Kerberos error of the KDC. None when granted."""
        witness(self.explain)
        return self._report.code

    @property
    def rule(self) -> str:
        """Id of the rule that decided a refusal (docs/rules.md lists them all); "" when granted."""
        witness(self.explain)
        return self._report.rule

    @property
    def message(self) -> str:
        """One line for people. Not for assertions."""
        return self._report.message

    @property
    def trace(self) -> Trace:
        """The rules tried, in order."""
        return self._report.trace

    @property
    def steps(self) -> list[Step]:
        """The steps of the trace, in order."""
        return self._report.trace.steps

    def step(self, rule: str) -> Step | None:
        """The first step that applied this rule; None when it was not tried. Raises ValueError for an unknown id."""
        _known_rule(rule)
        witness(self.explain)
        return next((step for step in self.steps if step.rule.id == rule), None)

    @property
    def events(self) -> list[Event]:
        """Events the KDC wrote for a logon, allowed or refused (KB5014754: 39, 40, 41, ...)."""
        witness(self.explain)
        return self._report.events

    @property
    def event_ids(self) -> list[int]:
        """The ids of `events`, in order."""
        witness(self.explain)
        return [event.id for event in self._report.events]

    @property
    def log(self) -> list[LogEntry]:
        """Entries of the other event logs (CA, connector), in order."""
        return [LogEntry(channel, number) for channel, number in self._report.log]

    @property
    def stages(self) -> list[str]:
        """The way of the request through the parties, one line each."""
        return self._report.stages

    @property
    def request_id(self) -> int | None:
        """Row of the CA's database; None when no request reached the CA."""
        return self._report.request_id

    @property
    def certificate(self) -> Certificate:
        """The certificate that was issued or used. Raises Refused when there is none."""
        found = self._report.certificate
        if found is None:
            raise Refused(self)
        return found

    @property
    def private_key(self) -> str | None:
        """The key as PEM (PKCS#8), of an enrolment for which the lab made the key pair; otherwise None."""
        return self._report.private_key

    @property
    def has_certificate(self) -> bool:
        """Whether `certificate` answers."""
        return self._report.certificate is not None

    def explain(self, colour: bool = False) -> str:
        """The explanation that every face of the lab renders: headline with code, then one line per rule, with hints."""
        text = self._report.trace.explain(f"{self.operation} {self._report.outcome}", self._report.code, colour)
        if not self._report.trace.steps and self._report.message:
            text += f"  {self._report.message}\n"
        for event in self._report.events:
            text += f"  event {event.id}\n"
        return text

    def refused_with(self, code: str | int, rule: str | None = None) -> Check:
        """Was this refused with that code (and by that rule)? The answer is truthy or falsy and explains itself.

        code: a symbol ("CERTSRV_E_TEMPLATE_DENIED"), an HRESULT as text ("0x80094012"), or a number.
        rule: a rule id ("templates.permission.enroll"); None: any.
        Raises ValueError for a symbol or rule id that does not exist, since such a check could never hold.
        """
        if rule is not None:
            _known_rule(rule)
        wanted = known_code(code) if isinstance(code, str) else None
        expected = f"refused with {wanted if wanted is not None else code}" + (f" by {rule}" if rule is not None else "")
        actual = self._report.code
        same_code = actual is not None and (actual == wanted if wanted is not None else actual.value == code)
        held = not self._report.ok and same_code and (rule is None or self._report.rule == rule)
        return Check(held, expected, self)

    def __repr__(self) -> str:
        code = self._report.code
        why = f": {code}" if code is not None else ""
        by = f" by {self._report.rule}" if self._report.rule else ""
        return f"<Decision {self.operation} {self._report.outcome}{why}{by}>"

    def __str__(self) -> str:
        return self.explain()


class Check:
    """The answer of an expectation on a decision: truthy when it held, and explained either way."""

    def __init__(self, held: bool, expected: str, decision: Decision) -> None:
        self.held = held
        self.expected = expected
        self.decision = decision

    def __bool__(self) -> bool:
        witness(self.explain)
        return self.held

    def explain(self) -> str:
        """What was expected, then the decision's explanation."""
        return f"expected {self.decision.operation} to be {self.expected}\n{self.decision.explain()}"

    def __repr__(self) -> str:
        return f"<Check {'held' if self.held else 'FAILED'}: expected {self.expected}, got {self.decision!r}>"

    def __str__(self) -> str:
        return self.explain()


def known_code(name: str) -> Code:
    """The code with that symbol ("KDC_ERR_CLIENT_NOT_TRUSTED") or HRESULT text ("0x80094012").

    Raises ValueError, naming the nearest symbols, when no table has it.
    """
    code = _mimica.code_named(name)
    if code is None:
        near = difflib.get_close_matches(name.upper(), _mimica.code_symbols(), n=3)
        raise ValueError(f"no code is called {name!r}" + (f"; did you mean {' or '.join(near)}?" if near else ""))
    return code


def _known_rule(id: str) -> None:
    known = [rule.id for rule in _mimica.rules()]
    if id not in known:
        near = difflib.get_close_matches(id, known, n=3)
        raise ValueError(f"no rule is called {id!r}" + (f"; did you mean {' or '.join(near)}?" if near else ""))


# ---- what the pytest plugin needs ------------------------------------------------------------------------------------


class Sighting(NamedTuple):
    """A decision that an expression looked at: where, and how it explains itself."""

    code: CodeType
    line: int
    explain: Callable[[], str]


#: The newest sightings of the running test; None: nobody is interested (no pytest plugin).
sightings: list[Sighting] | None = None
_KEEP = 64


def witness(explain: Callable[[], str]) -> None:
    """Takes note of the first frame outside this module that looks at a decision."""
    if sightings is None:
        return
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    if len(sightings) >= _KEEP:
        del sightings[0]
    sightings.append(Sighting(frame.f_code, frame.f_lineno, explain))
