"""python-ldap3: a client that reads the schema first and types its answers by it."""
from __future__ import annotations

import uuid
from typing import Any, Iterator

import mimica
import pytest

ldap3 = pytest.importorskip("ldap3", reason="the client python3-ldap3 is not installed")


@pytest.fixture
def connection(lab: mimica.Lab) -> Iterator[Any]:
    server = ldap3.Server(lab.ldap.url, get_info=ldap3.ALL)
    with ldap3.Connection(server, user=lab.ldap.bind_name, password=lab.ldap.password, auto_bind=True) as bound:
        yield bound


def test_server_info(lab: mimica.Lab, connection: Any) -> None:
    info = connection.server.info
    assert lab.ldap.base_dn in info.naming_contexts
    assert info.other["defaultNamingContext"] == [lab.ldap.base_dn]
    assert info.other["configurationNamingContext"] == [lab.ldap.configuration_dn]
    assert "3" in info.supported_ldap_versions
    assert "1.2.840.113556.1.4.319" in [control[0] for control in info.supported_controls]
    assert info.other["dnsHostName"].endswith(".contoso.com")


def test_schema(connection: Any) -> None:
    schema = connection.server.schema
    for name in ("user", "group", "computer", "pKICertificateTemplate", "pKIEnrollmentService", "certificationAuthority"):
        assert name in schema.object_classes
    for name in ("objectSid", "altSecurityIdentities", "msPKI-Cert-Template-OID", "certificateTemplates", "pKIExtendedKeyUsage"):
        assert name in schema.attribute_types
    assert schema.attribute_types["sAMAccountName"].single_value
    assert not schema.attribute_types["member"].single_value
    assert "cn" in [name.lower() for name in schema.object_classes["pKICertificateTemplate"].must_contain or []] or (
        schema.object_classes["pKICertificateTemplate"].superior == ["top"]
    )


def test_values_are_typed_by_the_schema(lab: mimica.Lab, connection: Any) -> None:
    jane = lab.add_user("jane")
    assert connection.search(lab.ldap.base_dn, "(sAMAccountName=jane)", attributes=ldap3.ALL_ATTRIBUTES)
    (entry,) = connection.entries
    assert entry.objectSid.value == jane.sid
    uuid.UUID(entry.objectGUID.value)
    assert entry.userAccountControl.value & 0x200
    assert entry.whenCreated.value == lab.clock.now
    assert entry.userPrincipalName.value == "jane@contoso.com"
    assert entry.objectClass.values == ["top", "person", "organizationalPerson", "user"]


def test_paged_search(lab: mimica.Lab, connection: Any) -> None:
    for number in range(12):
        lab.add_user(f"user{number:02}")
    found = connection.extend.standard.paged_search(
        lab.ldap.base_dn, "(&(objectCategory=person)(sAMAccountName=user*))", attributes=["sAMAccountName"], paged_size=5, generator=False
    )
    names = sorted(entry["attributes"]["sAMAccountName"] for entry in found if entry["type"] == "searchResEntry")
    assert names == [f"user{number:02}" for number in range(12)]


def test_abstraction_layer(lab: mimica.Lab, connection: Any) -> None:
    lab.add_user("jane", display_name="Jane Doe")
    person = ldap3.ObjectDef("user", connection)
    (entry,) = ldap3.Reader(connection, person, lab.ldap.base_dn, "userPrincipalName: jane@contoso.com").search()
    assert entry.displayName == "Jane Doe"


def test_templates_carry_security_descriptors(lab: mimica.Lab, connection: Any) -> None:
    control = ldap3.protocol.microsoft.security_descriptor_control(sdflags=0x07)
    assert connection.search(
        lab.ldap.templates_dn, "(cn=IntuneUser)", attributes=["nTSecurityDescriptor", "pKIExpirationPeriod"], controls=control
    )
    (entry,) = connection.entries
    assert entry["nTSecurityDescriptor"].raw_values[0][:1] == b"\x01"
    assert len(entry["pKIExpirationPeriod"].raw_values[0]) == 8


def test_writes(lab: mimica.Lab, connection: Any) -> None:
    users = f"CN=Users,{lab.ldap.base_dn}"
    dn = f"CN=Bob Builder,{users}"
    assert connection.add(dn, ["user"], {"sAMAccountName": "bob", "userPrincipalName": "bob@contoso.com"}), connection.result
    assert lab.account("bob").sid.startswith("S-1-5-21-")
    assert not connection.add(dn, ["user"], {"sAMAccountName": "bob2"})
    assert connection.result["description"] == "entryAlreadyExists"
    assert connection.modify(dn, {"description": [(ldap3.MODIFY_REPLACE, ["can we fix it"])]})
    assert connection.compare(dn, "description", "can we fix it")
    assert connection.modify_dn(dn, "CN=Bob")
    assert connection.search(users, "(sAMAccountName=bob)", attributes=["cn"])
    assert connection.entries[0].cn == "Bob"
    assert connection.delete(f"CN=Bob,{users}")
    assert not connection.search(users, "(sAMAccountName=bob)")


def test_who_am_i(connection: Any) -> None:
    assert connection.extend.standard.who_am_i() == "u:CONTOSO\\Administrator"


def test_wrong_password(lab: mimica.Lab) -> None:
    server = ldap3.Server(lab.ldap.url)
    connection = ldap3.Connection(server, user=lab.ldap.bind_name, password="wrong")
    assert not connection.bind()
    assert connection.result["result"] == 49
