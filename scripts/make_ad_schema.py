#!/usr/bin/python3
"""Makes ldap/schema/schema_attributes.def and ldap/schema/schema_classes.def from the text of MS-ADA1..3 and MS-ADSC.

usage: make_ad_schema.py MS-ADSC.md MS-ADA1.md MS-ADA2.md MS-ADA3.md [output folder, default ldap]

Only facts are taken: names, identifiers, syntaxes, flags and default permissions of the classes listed below and of
every attribute that those classes may hold.
"""
import re
import sys

CLASSES = """
top person organizationalPerson user computer inetOrgPerson contact group securityPrincipal mailRecipient
msDS-GroupManagedServiceAccount msDS-ManagedServiceAccount msDS-CloudExtensions shadowAccount posixAccount posixGroup
container organizationalUnit domain domainDNS samDomain samDomainBase builtinDomain configuration dMD subSchema
classSchema attributeSchema crossRefContainer crossRef sitesContainer site serversContainer server nTDSDSA
applicationSettings applicationSiteSettings nTDSService nTDSSiteSettings foreignSecurityPrincipal controlAccessRight
groupPolicyContainer trustedDomain leaf certificationAuthority cRLDistributionPoint pKIEnrollmentService
pKICertificateTemplate msPKI-Enterprise-Oid msPKI-PrivateKeyRecoveryAgent msPKI-Key-Recovery-Agent lostAndFound
infrastructureUpdate rIDManager rIDSet country locality organization organizationalRole device groupOfNames
serviceConnectionPoint connectionPoint subnetContainer subnet interSiteTransportContainer msDS-QuotaContainer
msDS-Device msDS-DeviceContainer msDS-PasswordSettingsContainer secret
""".split()

SYNTAX = {
    ("2.5.5.12", "64"): "unicode", ("2.5.5.9", "2"): "integer", ("2.5.5.9", "10"): "enumeration",
    ("2.5.5.16", "65"): "large_integer", ("2.5.5.10", "4"): "octets", ("2.5.5.17", "4"): "sid",
    ("2.5.5.1", "127"): "dn", ("2.5.5.7", "127"): "dn_binary", ("2.5.5.14", "127"): "dn_string",
    ("2.5.5.15", "66"): "security_descriptor", ("2.5.5.11", "24"): "generalized_time", ("2.5.5.11", "23"): "utc_time",
    ("2.5.5.8", "1"): "boolean", ("2.5.5.2", "6"): "oid", ("2.5.5.4", "20"): "teletex",
    ("2.5.5.3", "27"): "case_string", ("2.5.5.5", "22"): "ia5", ("2.5.5.5", "19"): "printable",
    ("2.5.5.6", "18"): "numeric", ("2.5.5.13", "127"): "presentation_address", ("2.5.5.10", "127"): "replica_link",
}
PROPERTY_SETS = {
    "59ba2f42-79a2-11d0-9020-00c04fc2d3cf": "general", "77b5b886-944a-11d1-aebd-0000f80367c1": "personal",
    "e48d0154-bcf8-11d1-8702-00c04fb96050": "public_information", "e45795b3-9455-11d1-aebd-0000f80367c1": "web",
    "4c164200-20c0-11d0-a768-00aa006e0529": "account_restrictions", "5f202010-79a5-11d0-9020-00c04fc2d4cf": "logon",
    "bc0ac240-79a9-11d0-9020-00c04fc2d4cf": "membership", "e45795b2-9455-11d1-aebd-0000f80367c1": "mail_options",
    "037088f8-0ae1-11d2-b422-00a0c968f939": "remote_access", "72e39547-7b18-11d1-adef-00c04fd8d5cd": "dns_host_name",
    "c7407360-20bf-11d0-a768-00aa006e0529": "domain_password", "b8119fd0-04f6-4762-ab7a-4986c76b3f9a": "domain_other",
    "5805bc62-bdc9-4428-a5e2-856a0f4c185e": "terminal_server", "91e647de-d96f-4b70-9557-d63ff4f3ccd8": "private_information",
    "ffa6f046-ca4b-4feb-b40d-04dfee722543": "msmq",
}


def sections(path, key_field):
    """Yields {key: value} for each section that describes a class or an attribute."""
    for part in re.split(r"(?m)^## ", open(path, encoding="utf-8").read())[1:]:
        fields, last = {}, None
        for line in part.splitlines()[1:]:
            line = line.replace("\\", "").strip()
            if not line:
                continue
            match = re.match(r"^([A-Za-z][A-Za-z -]*): ?(.*)$", line)
            if match and not line.startswith(("D:", "S:", "CN=")):
                last = match[1].lower()
                fields[last] = fields.get(last, "") + " " + match[2]
            elif last and not line.startswith("<a "):
                fields[last] += " " + line
        if "ldapdisplayname" in fields and key_field in fields:
            yield {k: v.strip() for k, v in fields.items()}


def names(fields, *keys):
    out = []
    for key in keys:
        for name in re.split(r"[,\s]+", fields.get(key, "")):
            if name and name not in out:
                out.append(name)
    return out


def main():
    adsc, *ada = [a for a in sys.argv[1:] if a.endswith(".md")]
    folder = sys.argv[-1] if not sys.argv[-1].endswith(".md") else "ldap"
    classes = {f["ldapdisplayname"]: f for f in sections(adsc, "governsid")}
    attributes = {}
    for path in ada:
        for f in sections(path, "attributeid"):
            attributes[f["ldapdisplayname"].lower()] = f
    wanted = set("""member memberOf tokenGroups tokenGroupsGlobalAndUniversal tokenGroupsNoGCAcceptable primaryGroupToken
        msDS-KeyVersionNumber objectClasses attributeTypes dITContentRules extendedClassInfo extendedAttributeInfo
        msDS-PrincipalName userPassword unicodePwd managedObjects""".split())
    with open(folder + "/schema_classes.def", "w", encoding="utf-8") as out:
        out.write("// Object classes. Facts from MS-ADSC; made by scripts/make_ad_schema.py.\n"
                  "// MIMICA_CLASS(name, cn, governsID, kind, superclass, naming attribute, schemaIDGUID, default category, hidden,\n"
                  "//   auxiliary classes, must, may, possible superiors, default security descriptor). Lists are separated by blanks.\n")
        for name in CLASSES:
            f = classes[name]
            kind = {"0": "class88", "1": "structural", "2": "abstract", "3": "auxiliary"}[f["objectclasscategory"]]
            must = names(f, "systemmustcontain", "mustcontain")
            may = names(f, "systemmaycontain", "maycontain")
            may = [m for m in may if m.lower() in attributes]
            wanted.update(must + may)
            aux = [a for a in names(f, "systemauxiliaryclass", "auxiliaryclass") if a in CLASSES]
            superiors = [s for s in names(f, "systemposssuperiors", "posssuperiors") if s in CLASSES]
            sddl = re.sub(r"\s+", "", f.get("defaultsecuritydescriptor", ""))
            category = re.match(r"CN=([^,]+),", f["defaultobjectcategory"])[1]
            guid = f["schemaidguid"].lower()
            out.write(f'MIMICA_CLASS("{name}", "{f["cn"]}", "{f["governsid"]}", {kind}, "{f["subclassof"]}", '
                      f'"{f.get("rdnattid", "cn")}", "{guid}", "{category}", '
                      f'{"true" if f.get("defaulthidingvalue") == "TRUE" else "false"},\n')
            for words in (aux, must, may, superiors):
                text = " ".join(words)
                lines = re.findall(r".{1,108}(?: |$)", text) or [""]
                out.write("  " + "\n  ".join(f'"{line}"' for line in lines) + ",\n")
            lines = re.findall(r".{1,110}", sddl) or [""]
            out.write("  " + "\n  ".join(f'"{line}"' for line in lines) + ")\n")
    with open(folder + "/schema_attributes.def", "w", encoding="utf-8") as out:
        out.write("// Attributes. Facts from MS-ADA1, MS-ADA2 and MS-ADA3; made by scripts/make_ad_schema.py.\n"
                  "// MIMICA_ATTRIBUTE(name, cn, attributeID, syntax, flags, linkID, property set, schemaIDGUID)\n"
                  "// flags: s single-valued, o system only, i indexed, n ANR, c constructed, p operational, f confidential.\n")
        for name in sorted({w.lower() for w in wanted}):
            f = attributes[name]
            syntax = SYNTAX[(f["attributesyntax"], f["omsyntax"])]
            flags = "".join(letter for letter, yes in (
                ("s", f["issinglevalued"] == "TRUE"), ("o", f.get("systemonly") == "TRUE"),
                ("i", "fATTINDEX" in f.get("searchflags", "")), ("n", "fANR" in f.get("searchflags", "")),
                ("c", "FLAG_ATTR_IS_CONSTRUCTED" in f.get("systemflags", "")),
                ("p", "FLAG_ATTR_IS_OPERATIONAL" in f.get("systemflags", "")),
                ("f", "fCONFIDENTIAL" in f.get("searchflags", ""))) if yes)
            guid = f["schemaidguid"].lower()
            sets = PROPERTY_SETS.get(f.get("attributesecurityguid", "").lower().strip(), "none")
            link = int(f.get("linkid", "0") or 0)
            out.write(f'MIMICA_ATTRIBUTE("{f["ldapdisplayname"]}", "{f["cn"]}", "{f["attributeid"]}", {syntax}, "{flags}", '
                      f'{link}, {sets}, "{guid}")\n')


main()
