"""kdc/pkinit/decision_table.json with real labs: each row gets a forest, an account and a certificate that a CA issues."""
from __future__ import annotations

import datetime as dt
import functools
import json
from pathlib import Path
from typing import Any

import mimica
import pytest

Row = dict[str, Any]

TABLE: list[Row] = json.loads((Path(__file__).resolve().parent.parent / "kdc" / "pkinit" / "decision_table.json").read_text())["rows"]

CLOCK_SKEW = dt.timedelta(minutes=10)  # by which the CA dates certificates back
FORMS = {
    "X509IssuerSerialNumber": "issuer_serial",
    "X509SKI": "ski",
    "X509SHA1PublicKey": "sha1_public_key",
    "X509IssuerSID": "issuer_sid",
    "X509IssuerSubject": "issuer_subject",
    "X509SubjectOnly": "subject",
    "X509RFC822": "rfc822",
}
NT_AUTH = "CN=NTAuthCertificates,CN=Public Key Services,CN=Services,CN=Configuration,DC=contoso,DC=com"
USERS = "CN=Users,DC=contoso,DC=com"


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00"))


def new_lab(start: dt.datetime, **arguments: Any) -> mimica.Lab:
    return mimica.Lab(
        clock=start, directory="in_process", users=["bob"], templates=[], profiles=[], connectors=[], **arguments
    )


def add_account(lab: mimica.Lab, kind: str) -> mimica.Account:
    return lab.add_computer("PC-07") if kind == "computer" else lab.add_user("alice", mail="-")


@functools.cache
def sid_of(which: str, kind: str) -> str:
    """SIDs follow from the lab's seed, so that certificates can name accounts that are made later."""
    with new_lab(instant("2024-01-01T00:00:00Z")) as lab:
        account = add_account(lab, kind)
        return account.sid if which == "own" else lab.handle.sid_of("bob")


def names(row: Row) -> list[str]:
    certificate, kind = row["certificate"], row["account"]["kind"]
    out = [f"upn={certificate['upn']}"] if certificate.get("upn") else []
    out += [f"dns={name}" for name in certificate.get("dns", [])]
    if "email" in certificate:
        out.append(f"email={certificate['email']}")
    if "sid" in certificate:
        out.append(f"sid={sid_of(certificate['sid'], kind)}")
    uri = certificate.get("uri", "")
    if uri in ("own", "other"):
        out.append(f"url=tag:microsoft.com,2022-09-14:sid:{sid_of(uri, kind)}")
    elif uri:
        out.append("url=" + uri.replace("{own}", sid_of("own", kind)))
    return out


def issue(lab: mimica.Lab, row: Row) -> mimica.Certificate:
    certificate = row["certificate"]
    edits: dict[str, Any] = {"application_policies": certificate.get("eku", ["1.3.6.1.5.5.7.3.2"])}
    if "policies" in certificate:
        edits["issuance_policies"] = certificate["policies"]
    lab.templates.add(mimica.template("Table", subject="supplied_in_request", enroll=["Domain Admins"], **edits))
    subject = certificate.get("subject", "CN=PC-07" if row["account"]["kind"] == "computer" else "CN=alice")
    issued = lab.enroll("Administrator", "Table", subject=subject, sans=names(row))
    assert issued, issued.explain()
    assert issued.certificate.not_before == instant(certificate["not_before"])
    return issued.certificate


def literal(value: str, certificate: mimica.Certificate) -> str:
    issuer = ",".join(reversed(certificate.issuer.split(",")))
    ski = certificate.extensions["2.5.29.14"][2:].hex()
    serial = bytes.fromhex(certificate.serial)[::-1].hex()
    for name, text in {"ski": ski, "thumbprint": certificate.thumbprint, "serial": serial}.items():
        value = value.replace("{" + name + "}", text)
    return value.replace("{issuer in lower case}", issuer.lower())


def map_explicitly(account: mimica.Account, values: list[str], certificate: mimica.Certificate) -> None:
    for value in values:
        if value in FORMS:
            account.map(certificate, FORMS[value])
        else:
            account.set("altSecurityIdentities", literal(value, certificate))


def set_state(lab: mimica.Lab, state: dict[str, str]) -> None:
    lines = [f"dn: CN=alice,{USERS}", "changetype: modify"]
    for attribute, value in state.items():
        text = f"{attribute}:: {value.removeprefix('base64:')}" if value.startswith("base64:") else f"{attribute}: {value}"
        lines += [f"replace: {attribute}", text, "-"]
    if state:
        lab.import_ldif("\n".join(lines) + "\n")


@pytest.mark.parametrize("row", TABLE, ids=[row["id"] for row in TABLE])
def test_row(row: Row) -> None:
    if "not_in_a_lab" in row:
        pytest.skip(row["not_in_a_lab"])
    created, not_before = instant(row["account"]["created"]), instant(row["certificate"]["not_before"])
    start = min(created, not_before) - dt.timedelta(days=2)
    with new_lab(start, kdc=mimica.KdcConfig(**row["config"])) as lab:
        rogue = row["certificate"].get("issuer") == "rogue"
        source = new_lab(start, seed="", ca=mimica.CaSpec(key="P-256")) if rogue else lab  # keys of its own
        account, certificate = None, None
        for when in sorted({created, not_before + CLOCK_SKEW}):
            lab.clock.set(when)
            source.clock.set(when)
            if when == created:
                account = add_account(lab, row["account"]["kind"])
            if when == not_before + CLOCK_SKEW:
                certificate = issue(source, row)
        assert account is not None and certificate is not None
        map_explicitly(account, row["account"].get("mappings", []), certificate)
        set_state(lab, row["account"].get("state", {}))
        if row["certificate"].get("issuer") == "not-in-ntauth":
            lab.import_ldif(f"dn: {NT_AUTH}\nchangetype: modify\nreplace: cACertificate\ncACertificate:: AA==\n-\n")
        lab.clock.set(row["at"])
        if row["certificate"].get("status") == "revoked":
            assert lab.ca.revoke(certificate)
            assert lab.ca.publish_crl()
        got = lab.kdc.logon(certificate, row.get("as", account))
        expected = row["expect"]
        code = "KDC_ERR_NONE" if got else got.code
        assert code == expected["code"], got.explain()
        rule = got.steps[-1].rule.id if got else got.rule
        assert rule == expected["rule"], got.explain()
        assert [{"id": event.id, "level": event.level.capitalize()} for event in got.events] == expected["events"], got.explain()


def test_rows_are_named_once() -> None:
    ids = [row["id"] for row in TABLE]
    assert len(set(ids)) == len(ids) > 250
