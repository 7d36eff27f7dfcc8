"""What a domain controller makes of a certificate: now, in each enforcement mode, after each date; and what helps.

::

    found = mimica.kdc.check(certificate, ldif="export.ldif", account="jane", at="2025-01-15")
    assert found.modes["Compatibility"].allowed and not found.ready
    print(found.mappings[0].ldif)  # for ldapmodify
"""
from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import dataclass
from typing import Any, Sequence

from mimica import _mimica
from mimica._mimica import Certificate, KdcConfig

Files = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


@dataclass(frozen=True)
class Verdict:
    """The answer to one logon."""

    allowed: bool
    strong: bool  #: of an allowed logon
    how: str  #: of an allowed logon: "sid", "uri", "key-trust", "alt-security-identity", "name-policy", "weak"
    mapping: str  #: of an allowed logon: what mapped
    code: str  #: of a refusal: "KDC_ERR_CERTIFICATE_MISMATCH"
    rule: str  #: id of the rule that decided a refusal
    events: tuple[int, ...]

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True)
class Period:
    """A stretch of time in which domain controllers patched to the day answer the same."""

    since: dt.datetime | None  #: None: before the first date
    until: dt.datetime | None  #: the first instant after it; None: from then on
    verdict: Verdict


@dataclass(frozen=True)
class Mapping:
    """A value of altSecurityIdentities with which the logon passes under Full Enforcement; it was tried."""

    form: str  #: "X509IssuerSerialNumber", "X509SKI", "X509SHA1PublicKey", "X509IssuerSID"
    value: str
    note: str
    ldif: str  #: a change record for ldapmodify


@dataclass(frozen=True)
class Assessment:
    """One certificate and one account."""

    account: str  #: sAMAccountName; "": the certificate leads to nobody
    now: Verdict
    ready: bool  #: passes under Full Enforcement
    modes: dict[str, Verdict]  #: "Disabled", "Compatibility", "Full Enforcement"
    periods: tuple[Period, ...]
    refused_from: dt.datetime | None
    strongly_by: tuple[str, ...]
    weakly_by: tuple[str, ...]
    mappings: tuple[Mapping, ...]  #: best first
    repairs: tuple[str, ...]  #: other ways
    notes: tuple[str, ...]  #: what could not be checked

    @classmethod
    def from_json(cls, text: str) -> Assessment:
        """From the output of `mimica kdc check --json`."""
        found: dict[str, Any] = json.loads(text)
        return cls(
            account=found["account"]["name"] if found["account"] else "",
            now=_verdict(found["now"]),
            ready=found["ready"],
            modes={mode["mode"]: _verdict(mode) for mode in found["modes"]},
            periods=tuple(Period(_instant(one["from"]), _instant(one["until"]), _verdict(one)) for one in found["periods"]),
            refused_from=_instant(found["refused_from"]),
            strongly_by=tuple(found["mapped_strongly_by"]),
            weakly_by=tuple(found["mapped_weakly_by"]),
            mappings=tuple(Mapping(one["form"], one["value"], one["note"], one["ldif"]) for one in found["mappings"]),
            repairs=tuple(one["text"] for one in found["repairs"]),
            notes=tuple(found["notes"]),
        )


def check_all(
    certificate: Certificate,
    *,
    account: str = "",
    ldif: Files = (),
    ldif_text: str = "",
    at: str | dt.datetime | None = None,
    config: KdcConfig | None = None,
    roots: Files = (),
    nt_auth: Files = (),
    crls: Sequence[bytes] = (),
) -> list[Assessment]:
    """Assesses the certificate for the account, or for every account that it leads to (one without account for none).

    ldif: files of one export; ldif_text: the export itself. roots, nt_auth: certificate files beside the directory's.
    crls: DER or PEM; without any, revocation is not checked. at: default now. Raises mimica.Fault for bad input.
    """
    when = dt.datetime.now(dt.timezone.utc) if at is None else at
    seconds = _mimica.parse_instant(when) if isinstance(when, str) else int(when.timestamp())
    answers = _mimica.kdc_check(
        certificate, account, config or KdcConfig(), seconds, _paths(ldif), ldif_text, _paths(roots), _paths(nt_auth), list(crls)
    )
    return [Assessment.from_json(answer) for answer in answers]


def check(
    certificate: Certificate,
    *,
    account: str = "",
    ldif: Files = (),
    ldif_text: str = "",
    at: str | dt.datetime | None = None,
    config: KdcConfig | None = None,
    roots: Files = (),
    nt_auth: Files = (),
    crls: Sequence[bytes] = (),
) -> Assessment:
    """The first answer of check_all: that for the account that the certificate names."""
    return check_all(
        certificate, account=account, ldif=ldif, ldif_text=ldif_text, at=at, config=config, roots=roots, nt_auth=nt_auth, crls=crls
    )[0]


def _paths(files: Files) -> list[str]:
    return [os.fspath(files)] if isinstance(files, (str, os.PathLike)) else [os.fspath(file) for file in files]


def _instant(text: str | None) -> dt.datetime | None:
    return None if text is None else dt.datetime.fromisoformat(text.replace("Z", "+00:00"))


def _verdict(found: dict[str, Any]) -> Verdict:
    return Verdict(
        allowed=found["allowed"],
        strong=found.get("strong", False),
        how=found.get("how", ""),
        mapping=found.get("mapping", ""),
        code=found.get("code", ""),
        rule=found.get("rule", ""),
        events=tuple(found["events"]),
    )
