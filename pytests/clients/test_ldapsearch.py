"""OpenLDAP's ldapsearch and friends against the lab's directory."""
from __future__ import annotations

import base64
import re
from typing import Callable

import mimica
import pytest
from conftest import Client

Search = Callable[..., list[dict[str, list[bytes]]]]


def parse(ldif: str) -> list[dict[str, list[bytes]]]:
    """Entries of unfolded LDIF; attribute names in lower case, values as octets."""
    entries: list[dict[str, list[bytes]]] = []
    for block in re.split(r"\n\s*\n", ldif):
        entry: dict[str, list[bytes]] = {}
        for line in block.splitlines():
            if not line or line.startswith("#") or ":" not in line:
                continue
            name, _, value = line.partition(":")
            data = base64.b64decode(value[1:]) if value.startswith(":") else value.strip().encode()
            entry.setdefault(name.lower(), []).append(data)
        if "dn" in entry:
            entries.append(entry)
    return entries


@pytest.fixture
def arguments(lab: mimica.Lab) -> list[str]:
    return ["-x", "-LLL", "-o", "ldif-wrap=no", "-H", lab.ldap.url, "-D", lab.ldap.bind_name, "-w", lab.ldap.password]


@pytest.fixture
def search(lab: mimica.Lab, client: Client, arguments: list[str]) -> Search:
    def run(filter: str, *attributes: str, base: str = "", scope: str = "sub", extra: tuple[str, ...] = ()) -> list[dict[str, list[bytes]]]:
        base = base or lab.ldap.base_dn
        return parse(client("ldapsearch", *arguments, *extra, "-b", base, "-s", scope, filter, *attributes).stdout)

    return run


def sid_octets(sid: str) -> bytes:
    revision, authority, *rest = (int(part) for part in sid.split("-")[1:])
    return bytes([revision, len(rest)]) + authority.to_bytes(6, "big") + b"".join(part.to_bytes(4, "little") for part in rest)


def escaped(octets: bytes) -> str:
    return "".join(f"\\{octet:02x}" for octet in octets)


def test_templates(lab: mimica.Lab, search: Search) -> None:
    found = search("(objectClass=pKICertificateTemplate)", base=lab.ldap.templates_dn, scope="one")
    names = {entry["cn"][0].decode() for entry in found}
    assert {"User", "IntuneUser"} <= names
    copy = next(entry for entry in found if entry["cn"] == [b"IntuneUser"])
    assert copy["displayname"] == [b"Intune User"]
    assert int(copy["mspki-certificate-name-flag"][0]) & 1, "CT_FLAG_ENROLLEE_SUPPLIES_SUBJECT"
    assert int(copy["mspki-private-key-flag"][0]) & 0x10, "CTPRIVATEKEY_FLAG_EXPORTABLE_KEY"
    assert copy["pkiextendedkeyusage"]


def test_the_enrollment_service_lists_what_is_published(lab: mimica.Lab, search: Search) -> None:
    (service,) = search("(objectClass=pKIEnrollmentService)", base=lab.ldap.configuration_dn)
    assert b"IntuneUser" in service["certificatetemplates"]
    assert service["cacertificate"] == [lab.ca.certificate.der]
    lab.templates.unpublish("IntuneUser")
    (service,) = search("(objectClass=pKIEnrollmentService)", base=lab.ldap.configuration_dn)
    assert b"IntuneUser" not in service["certificatetemplates"]


def test_ntauth_holds_the_issuing_ca(lab: mimica.Lab, search: Search) -> None:
    (store,) = search("(cn=NTAuthCertificates)", base=lab.ldap.configuration_dn)
    assert lab.ca.certificate.der in store["cacertificate"]


def test_object_sid_as_text_and_as_octets(lab: mimica.Lab, search: Search) -> None:
    jane = lab.add_user("jane")
    lab.add_user("bob")
    for value in (jane.sid, escaped(sid_octets(jane.sid))):
        (entry,) = search(f"(objectSid={value})", "objectSid", "sAMAccountName")
        assert entry["samaccountname"] == [b"jane"]
        assert entry["objectsid"] == [sid_octets(jane.sid)]
    assert search(f"(objectSid={jane.sid}9)") == []


def test_a_base_may_be_a_sid_or_guid(lab: mimica.Lab, search: Search) -> None:
    jane = lab.add_user("jane")
    (entry,) = search("(objectClass=*)", "objectGUID", base=f"<SID={jane.sid}>", scope="base")
    (same,) = search("(objectClass=*)", "sAMAccountName", base=f"<GUID={entry['objectguid'][0].hex()}>", scope="base")
    assert same["samaccountname"] == [b"jane"]


def test_paging(lab: mimica.Lab, search: Search) -> None:
    for number in range(25):
        lab.add_user(f"user{number:02}")
    for size in (1, 7, 25, 1000):
        found = search("(&(objectCategory=person)(sAMAccountName=user*))", "cn", extra=("-E", f"pr={size}/noprompt"))
        assert sorted(entry["cn"][0] for entry in found) == [f"user{number:02}".encode() for number in range(25)]


def test_bit_rules(search: Search) -> None:
    workstations_and_servers = search("(userAccountControl:1.2.840.113556.1.4.804:=12288)", "sAMAccountName")
    assert workstations_and_servers
    assert all(entry["samaccountname"][0].endswith(b"$") for entry in workstations_and_servers)
    normal = search("(userAccountControl:1.2.840.113556.1.4.803:=512)", "sAMAccountName")
    assert b"Administrator" in [entry["samaccountname"][0] for entry in normal]
    assert not any(entry["samaccountname"][0].endswith(b"$") for entry in normal)


def test_membership_in_chain(lab: mimica.Lab, search: Search) -> None:
    jane, _ = lab.add_user("jane"), lab.add_user("bob")
    inner = lab.add_group("inner", [jane])
    middle = lab.add_group("middle", [inner])
    lab.add_group("outer", [middle])
    (outer,) = search("(sAMAccountName=outer)", "member")
    dn = outer["dn"][0].decode()
    assert search(f"(&(objectCategory=person)(memberOf={dn}))") == []
    (found,) = search(f"(&(objectCategory=person)(memberOf:1.2.840.113556.1.4.1941:={dn}))", "sAMAccountName")
    assert found["samaccountname"] == [b"jane"]


def test_only_the_attributes_asked_for(lab: mimica.Lab, search: Search) -> None:
    lab.add_user("jane")
    (entry,) = search("(sAMAccountName=jane)", "cn", "noSuchAttribute")
    assert set(entry) == {"dn", "cn"}
    (nothing,) = search("(sAMAccountName=jane)", "1.1")
    assert set(nothing) == {"dn"}


def test_the_security_descriptor_comes_with_its_control(lab: mimica.Lab, search: Search) -> None:
    # SDFlagsRequestValue ::= SEQUENCE { INTEGER 7 }
    control = "1.2.840.113556.1.4.801=::" + base64.b64encode(bytes.fromhex("3003020107")).decode()
    (entry,) = search("(cn=IntuneUser)", "nTSecurityDescriptor", base=lab.ldap.templates_dn, extra=("-E", control))
    assert entry["ntsecuritydescriptor"][0][:2] == b"\x01\x00"


def test_the_root_dse(lab: mimica.Lab, search: Search, client: Client) -> None:
    anonymous = client("ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-H", lab.ldap.url, "-s", "base", "-b", "", "*", "+").stdout
    (root,) = parse(anonymous)
    assert root["defaultnamingcontext"] == [lab.ldap.base_dn.encode()]
    assert root["configurationnamingcontext"] == [lab.ldap.configuration_dn.encode()]
    assert b"1.2.840.113556.1.4.319" in root["supportedcontrol"]
    assert b"3" in root["supportedldapversion"]


@pytest.mark.parametrize("form", ["upn", "dn", "netbios"])
def test_forms_of_simple_bind(lab: mimica.Lab, client: Client, form: str) -> None:
    lab.add_user("jane", password="S3cret!pass")
    name = {"upn": "jane@contoso.com", "dn": f"CN=jane,CN=Users,{lab.ldap.base_dn}", "netbios": "CONTOSO\\jane"}[form]
    bind = ["-x", "-H", lab.ldap.url, "-D", name]
    assert "jane" in client("ldapwhoami", *bind, "-w", "S3cret!pass").stdout
    wrong = client("ldapwhoami", *bind, "-w", "wrong", ok=False)
    assert wrong.returncode == 49 and "data 52e" in wrong.stderr


def test_administrators_write_and_others_do_not(lab: mimica.Lab, client: Client, search: Search) -> None:
    lab.add_user("jane")
    dn = f"CN=jane,CN=Users,{lab.ldap.base_dn}"
    change = f"dn: {dn}\nchangetype: modify\nreplace: description\ndescription: written by ldapmodify\n"
    own = ["-x", "-H", lab.ldap.url, "-D", "jane@contoso.com", "-w", "Passw0rd!"]
    assert client("ldapmodify", *own, input=change, ok=False).returncode == 50
    admin = ["-x", "-H", lab.ldap.url, "-D", lab.ldap.bind_name, "-w", lab.ldap.password]
    client("ldapmodify", *admin, input=change)
    (entry,) = search("(sAMAccountName=jane)", "description")
    assert entry["description"] == [b"written by ldapmodify"]


def test_what_a_client_writes_the_kdc_sees(lab: mimica.Lab, client: Client) -> None:
    """altSecurityIdentities set over LDAP repairs a logon that full enforcement refused."""
    jane = lab.add_user("jane")
    certificate = lab.deliver("Intune User", lab.add_device("LAPTOP-01", user=jane)).certificate
    assert certificate.sid is None and not lab.kdc.logon(certificate, jane)
    issuer = ",".join(reversed(lab.ca.certificate.subject.split(",")))
    serial = bytes.fromhex(certificate.serial)[::-1].hex()
    change = (
        f"dn: CN=jane,CN=Users,{lab.ldap.base_dn}\nchangetype: modify\n"
        f"replace: altSecurityIdentities\naltSecurityIdentities: X509:<I>{issuer}<SR>{serial}\n"
    )
    client("ldapmodify", "-x", "-H", lab.ldap.url, "-D", lab.ldap.bind_name, "-w", lab.ldap.password, input=change)
    assert lab.kdc.logon(certificate, jane)


def test_anonymous_clients_see_nothing(lab: mimica.Lab, client: Client) -> None:
    done = client("ldapsearch", "-x", "-LLL", "-H", lab.ldap.url, "-b", lab.ldap.base_dn, "(objectClass=user)", ok=False)
    assert done.returncode == 1
    assert "dn:" not in done.stdout


def test_bad_input(lab: mimica.Lab, client: Client, arguments: list[str]) -> None:
    missing = client("ldapsearch", *arguments, "-b", f"CN=nowhere,{lab.ldap.base_dn}", "(objectClass=*)", ok=False)
    assert missing.returncode == 32
    malformed = client("ldapsearch", *arguments, "-b", "this is no DN", "(objectClass=*)", ok=False)
    assert malformed.returncode in (34, 32)
    critical = client("ldapsearch", *arguments, "-b", lab.ldap.base_dn, "-s", "base", "-e", "!1.2.3.4.5", ok=False)
    assert critical.returncode == 12


def test_the_commands_of_the_endpoint_work(lab: mimica.Lab, client: Client) -> None:
    assert lab.endpoints["ldap"].commands
    for command in lab.endpoints["ldap"].commands:
        client("sh", "-c", f"{command} >/dev/null")
