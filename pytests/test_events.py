"""The event log that CA, connector and KDC share: one time line, and its text, JSON and Windows event XML."""
from __future__ import annotations

import json
import re
import signal
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import mimica
import pytest
from conftest import Client

pytestmark = pytest.mark.mimica(clock="2024-11-20")
NAMESPACE = {"e": "http://schemas.microsoft.com/win/2004/08/events/event"}
KDC = "Microsoft-Windows-Kerberos-Key-Distribution-Center"
SCENARIO = """
scenario: A revocation list is published
lab: {clock: 2024-11-20}
steps:
  - ca: {publish_crl: true}
"""


def system(event: ElementTree.Element, name: str) -> ElementTree.Element:
    found = event.find(f"e:System/e:{name}", NAMESPACE)
    assert found is not None, name
    return found


def data_of(event: ElementTree.Element) -> dict[str, str]:
    return {data.attrib["Name"]: data.text or "" for data in event.iterfind("e:EventData/e:Data", NAMESPACE)}


@pytest.fixture
def refused(lab: mimica.Lab) -> mimica.Lab:
    """A lab in which a certificate without SID was delivered and refused at logon."""
    jane = lab.add_user("jane")
    laptop = lab.add_device("LAPTOP-01", user=jane, join="hybrid")
    issued = lab.deliver("Intune User", laptop)
    lab.clock.set("2025-09-10")
    assert lab.kdc.logon(issued, jane).refused_with("KDC_ERR_CERTIFICATE_MISMATCH", rule="kdc.mapping.strong")
    return lab


def test_one_time_line_over_all_parties(refused: mimica.Lab) -> None:
    events = refused.events(since="2024-11-20")
    ids = [event.id for event in events if event.id not in (4871, 4872, 4882, 4892)]  # of the set-up, or a renewed CRL
    assert ids == [1002, 1020, 4886, 4887, 1050, 1102, 1100, 1000, 39, 4768]
    records = [event.record for event in refused.events()]
    assert records == list(range(1, len(records) + 1))
    assert [event.at for event in events] == sorted(event.at for event in events)
    computers = {event.party: event.computer for event in events}
    assert computers == {"KDC": "dc01.contoso.com", "ca": "ca01.contoso.com", "connector": "connector01.contoso.com"}


def test_queries(refused: mimica.Lab) -> None:
    assert [event.id for event in refused.events(channel="system")] == [39]
    assert [event.id for event in refused.events(id=[4887, 4768])] == [4887, 4768]
    assert [event.id for event in refused.events(provider=KDC)] == [39]
    assert [event.id for event in refused.events(level="error")] == [39]
    assert [event.id for event in refused.events(data={"AccountName": "jane"})] == [39]
    assert [event.id for event in refused.events(since="2025-09-10", party="KDC")] == [39, 4768]
    assert refused.events(until="2020-01-01") == []
    last = refused.events(limit=1, newest_first=True)[0]
    assert last.id == 4768 and refused.events(after=last.record) == []
    assert [event.id for event in refused.kdc.events] == [39, 4768]
    with pytest.raises(ValueError):
        refused.events(level="loud")


def test_refusals_carry_the_trace_that_explains_them(refused: mimica.Lab) -> None:
    for event in refused.events(party="KDC"):
        assert event.trace is not None and event.trace.deciding is not None
        assert event.trace.deciding.rule.id == "kdc.mapping.strong"
        assert "kdc.mapping.strong" in event.text
        assert [step["rule"] for step in json.loads(event.json)["trace"]][-1] == "kdc.mapping.strong"


def test_fields_of_the_audit_record(refused: mimica.Lab) -> None:
    (audit,) = refused.events(id=4768)
    certificate = refused.history[0].certificate
    assert audit.data == {
        "TargetUserName": "jane",
        "TargetDomainName": "CONTOSO.COM",
        "TargetSid": "S-1-0-0",
        "ServiceName": "krbtgt/CONTOSO.COM",
        "ServiceSid": "S-1-0-0",
        "TicketOptions": "0x40810010",
        "Status": "0x42",
        "TicketEncryptionType": "0xffffffff",
        "PreAuthType": "-",
        "IpAddress": "-",
        "IpPort": "-",
        "CertIssuerName": "CONTOSO-CA",
        "CertSerialNumber": certificate.serial.upper(),
        "CertThumbprint": certificate.thumbprint.upper(),
    }
    assert audit.keywords == 0x8010000000000000


def test_xml_is_that_of_windows(refused: mimica.Lab) -> None:
    (weak,) = refused.events(id=39)
    event = ElementTree.fromstring(weak.xml)
    assert [child.tag.split("}")[1] for child in event] == ["System", "EventData"]
    assert [child.tag.split("}")[1] for child in event[0]] == [
        "Provider", "EventID", "Version", "Level", "Task", "Opcode", "Keywords", "TimeCreated", "EventRecordID",
        "Correlation", "Execution", "Channel", "Computer", "Security",
    ]  # fmt: skip
    guid = "{3FD9DA1A-5A54-46C5-9A26-9BD7C0685056}"
    assert system(event, "Provider").attrib == {"Name": KDC, "Guid": guid, "EventSourceName": "KDC"}
    assert system(event, "EventID").attrib == {"Qualifiers": "32768"} and system(event, "EventID").text == "39"
    assert system(event, "Level").text == "2" and system(event, "Keywords").text == "0x80000000000000"
    assert system(event, "TimeCreated").attrib["SystemTime"].startswith("2025-09-10T00:00:00")
    assert system(event, "EventRecordID").text == str(weak.record)
    assert list(data_of(event)) == ["AccountName", "Subject", "Issuer", "SerialNumber", "Thumbprint"]


def test_every_event_reads_back_from_its_xml_and_json(refused: mimica.Lab) -> None:
    for event in refused.events():
        parsed = ElementTree.fromstring(event.xml)
        assert data_of(parsed) == event.data
        assert system(parsed, "Channel").text == event.channel and system(parsed, "Computer").text == event.computer
        assert system(parsed, "Keywords").text == hex(event.keywords)
        values = json.loads(event.json)
        assert (values["id"], values["data"], values["record"]) == (event.id, event.data, event.record)
        assert event.message in event.text and values["message"] == event.message


def test_hostile_text_stays_text(lab: mimica.Lab) -> None:
    subject = "<b>&]]>\"'\x01\x1b[31m\u202e\U0001f600"
    decision = lab.enroll("Administrator", "User", attributes={"Note": subject})
    (received,) = lab.events(id=4886, data={"RequestId": str(decision.request_id)})
    parsed = data_of(ElementTree.fromstring(received.xml))["Attributes"]
    assert parsed == received.data["Attributes"].replace("\x01", "\ufffd").replace("\x1b", "\ufffd")
    assert "\x1b" not in received.text and "\x1b" not in repr(received)


def run_with_events(cli: Client, folder: Path, name: str) -> Path:
    (folder / "case.yaml").write_text(SCENARIO)
    target = folder / name
    done = cli("run", "case.yaml", "--events", target)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def test_run_writes_the_time_line(cli: Client, client: Client, tmp_path: Path) -> None:
    target = run_with_events(cli, tmp_path, "events.xml")
    events = list(ElementTree.parse(target).getroot())
    ids = [system(event, "EventID").text for event in events]
    assert ids[-3:] == ["4871", "4872", "4872"]  # a base and a delta CRL
    records = json.loads(run_with_events(cli, tmp_path, "events.json").read_text())
    assert [str(record["id"]) for record in records] == ids
    listing = run_with_events(cli, tmp_path, "events.txt").read_text()
    assert listing.count("Log Name:      ") == len(ids) and "Event ID:      4872\n" in listing
    assert cli("run", "case.yaml", "--events", "events.evtx").returncode == 2
    client("xmllint", "--noout", target)


def test_up_follows_the_events(program: Path, tmp_path: Path) -> None:
    target = tmp_path / "events.json"
    lab = subprocess.Popen(
        [str(program), "up", "--json", "--events", str(target)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert lab.stdout is not None and lab.stdout.readline()
        end = time.monotonic() + 20
        while "4872" not in target.read_text() and time.monotonic() < end:
            time.sleep(0.05)
        assert re.search(r'"id":4872\b', target.read_text())
    finally:
        lab.send_signal(signal.SIGINT)
        lab.communicate(timeout=20)
    assert 4872 in [record["id"] for record in json.loads(target.read_text())]
