"""Mimica: an Enterprise CA with its Active Directory, Intune connector, devices and KDC that starts inside a test.

::

    import mimica

    with mimica.Lab(clock="2024-11-20") as lab:
        jane = lab.add_user("jane")
        laptop = lab.add_device("LAPTOP-01", user=jane, join="hybrid")
        issued = lab.deliver("Intune User", laptop)
        assert issued.certificate.sid is None
        lab.clock.set("2025-09-10")
        assert lab.kdc.logon(issued, jane).refused_with("KDC_ERR_CERTIFICATE_MISMATCH", rule="kdc.mapping.strong")

With pytest, use the fixtures of mimica.pytest_plugin. All times are in UTC.
"""
from mimica import kdc
from mimica._mimica import (
    CaRight,
    CaSpec,
    Certificate,
    Code,
    ComputerSpec,
    ConnectorSpec,
    DeviceSpec,
    Endpoint,
    Event,
    Fault,
    Finding,
    GroupSpec,
    KdcConfig,
    Mismatch,
    Operation,
    OperationField,
    ProfileSpec,
    Rule,
    Step,
    TemplateSpec,
    Trace,
    UserSpec,
    VerbResult,
    operations,
    rules,
)
from mimica.decision import Check, Decision, LogEntry, Refused, known_code
from mimica.kerberos import Kerberos
from mimica.lab import Lab, intune_user_profile, intune_user_template, profile, template
from mimica.parts import (
    Account,
    CertificationAuthority,
    Connector,
    Device,
    Instant,
    Kdc,
    LabClock,
    LdapAccess,
    Templates,
)
from mimica.profiles import PKCS_TYPES, pkcs_profile
from mimica.scenario import ScenarioCase, ScenarioRun, ScenarioStep, run_scenario

__all__ = [
    "Account",
    "CaRight",
    "CaSpec",
    "Certificate",
    "CertificationAuthority",
    "Check",
    "Code",
    "ComputerSpec",
    "Connector",
    "ConnectorSpec",
    "Decision",
    "Device",
    "DeviceSpec",
    "Endpoint",
    "Event",
    "Fault",
    "Finding",
    "GroupSpec",
    "Instant",
    "Kdc",
    "KdcConfig",
    "Lab",
    "Kerberos",
    "LabClock",
    "LdapAccess",
    "LogEntry",
    "Mismatch",
    "Operation",
    "OperationField",
    "PKCS_TYPES",
    "ProfileSpec",
    "Refused",
    "Rule",
    "ScenarioCase",
    "ScenarioRun",
    "ScenarioStep",
    "Step",
    "TemplateSpec",
    "Templates",
    "Trace",
    "UserSpec",
    "VerbResult",
    "intune_user_profile",
    "intune_user_template",
    "kdc",
    "known_code",
    "operations",
    "pkcs_profile",
    "profile",
    "rules",
    "run_scenario",
    "template",
]
