"""Types of the extension module. Instants are seconds since 1970-01-01T00:00:00Z unless they are datetimes (in UTC)."""
import datetime as dt
from typing import final

class Fault(Exception):
    """The question could not be answered: bad bytes, an unknown name, a full disk. A refusal is no Fault but a Decision."""

    what: str  #: one sentence
    code: Code | None  #: protocol code
    hint: str  #: how to repair it, or ""
    where: str  #: position in the input ("lab.yaml:12:5"), or ""
    source: str
    line: int  #: from 1; 0 unknown
    column: int  #: from 1; 0 unknown

@final
class Code:
    """A protocol code. Equal to another Code of the same space, and to its symbol as str."""

    @property
    def symbol(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def value(self) -> int: ...
    @property
    def space(self) -> str: ...
    @property
    def sentence(self) -> str: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object) -> bool: ...

def code_named(name: str) -> Code | None: ...
def code_symbols() -> list[str]: ...

@final
class Rule:
    """A check as a documented constant (docs/rules.md)."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def citation(self) -> str: ...
    @property
    def hint(self) -> str: ...
    @property
    def provenance(self) -> str: ...
    @property
    def effective(self) -> str: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object) -> bool: ...

@final
class Step:
    """One rule applied: verdict "pass", "fail", "warn" or "n/a", what was found, and the values looked at."""

    @property
    def rule(self) -> Rule: ...
    @property
    def verdict(self) -> str: ...
    @property
    def found(self) -> str: ...
    @property
    def facts(self) -> dict[str, str]: ...
    @property
    def hint(self) -> str: ...
    @property
    def code(self) -> Code | None: ...

@final
class Trace:
    """The rules tried, in order."""

    @property
    def steps(self) -> list[Step]: ...
    @property
    def deciding(self) -> Step | None: ...
    def json(self) -> str: ...
    def explain(self, headline: str = "", code: Code | None = None, colour: bool = False) -> str: ...

@final
class Finding:
    """What the linter says of a CA ("ca") or of a template ("template"): a step for each known misconfiguration."""

    @property
    def kind(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def sound(self) -> bool: ...
    @property
    def trace(self) -> Trace: ...
    @property
    def failed(self) -> list[str]: ...

@final
class Event:
    """One record of the lab's event log, as Windows writes it (docs/events.md).

    level: "error", "warning" or "information". party: who wrote it, "KDC", "ca" or "connector". record: its place on the
    time line, over all channels. data: EventData by name. trace: the decision that it reports, or None.
    text, json, xml: as Event Viewer shows it, as `mimica run --events` writes it, as Windows event XML.
    """

    @property
    def id(self) -> int: ...
    @property
    def level(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def provider(self) -> str: ...
    @property
    def party(self) -> str: ...
    @property
    def computer(self) -> str: ...
    @property
    def record(self) -> int: ...
    @property
    def keywords(self) -> int: ...
    @property
    def data(self) -> dict[str, str]: ...
    @property
    def binary(self) -> bytes: ...
    @property
    def at(self) -> dt.datetime: ...
    @property
    def message(self) -> str: ...
    @property
    def trace(self) -> Trace | None: ...
    @property
    def text(self) -> str: ...
    @property
    def json(self) -> str: ...
    @property
    def xml(self) -> str: ...

@final
class Certificate:
    """An X.509 certificate. Names are RFC 4514 text, leaf first; OIDs dotted; serial and thumbprint lower-case hex.

    sid: the SID of the security extension 1.3.6.1.4.1.311.25.2 (MS-WCCE 2.2.2.7.7.4), or None.
    template: V1 name, cn of the V2 template in its lab, or the template's OID.
    """

    @staticmethod
    def parse(data: bytes | str) -> Certificate: ...
    @property
    def der(self) -> bytes: ...
    @property
    def pem(self) -> str: ...
    @property
    def serial(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def issuer(self) -> str: ...
    @property
    def not_before(self) -> dt.datetime: ...
    @property
    def not_after(self) -> dt.datetime: ...
    @property
    def thumbprint(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def sid(self) -> str | None: ...
    @property
    def upn(self) -> str | None: ...
    @property
    def sans(self) -> list[str]: ...
    @property
    def ekus(self) -> list[str]: ...
    @property
    def extensions(self) -> dict[str, bytes]: ...
    @property
    def template(self) -> str: ...
    @property
    def is_ca(self) -> bool: ...
    def signed_by(self, issuer: Certificate) -> bool: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object) -> bool: ...

def parse_instant(iso: str) -> int: ...
def instant(seconds: int) -> dt.datetime: ...

@final
class UserSpec:
    def __init__(
        self,
        name: str,
        *,
        display_name: str = "",
        upn: str = "",
        mail: str = "",
        password: str = "Passw0rd!",
        groups: list[str] = ...,
        cloud_only: bool = False,
    ) -> None: ...
    name: str
    display_name: str
    upn: str
    mail: str
    password: str
    groups: list[str]
    cloud_only: bool

@final
class GroupSpec:
    def __init__(self, name: str, *, members: list[str] = ...) -> None: ...
    name: str
    members: list[str]

@final
class ComputerSpec:
    def __init__(self, name: str, *, groups: list[str] = ...) -> None: ...
    name: str
    groups: list[str]

@final
class DeviceSpec:
    def __init__(
        self,
        name: str,
        *,
        platform: str = "windows",
        join: str = "",
        user: str = "",
        os_version: str = "",
        os_at_enrollment: str = "",
        attributes: dict[str, str] = ...,
    ) -> None: ...
    name: str
    platform: str
    join: str
    user: str
    os_version: str
    os_at_enrollment: str
    attributes: dict[str, str]

@final
class ProfileSpec:
    def __init__(self, json: str, *, source: str = "profile", assign: list[str] = ...) -> None: ...
    json: str
    source: str
    assign: list[str]

@final
class ConnectorSpec:
    def __init__(
        self,
        name: str = "CONNECTOR01",
        *,
        version: str = "6.2406.0.1001",
        service_account: str = "",
        domain_joined: bool = True,
        sid_extension: bool = False,
    ) -> None: ...
    name: str
    version: str
    service_account: str
    domain_joined: bool
    sid_extension: bool

@final
class CaSpec:
    """key: "RSA-2048", "P-256", ... validity: ValidityPeriod in seconds. edit_flags: "+EDITF_...", "-EDITF_..."."""

    def __init__(
        self,
        *,
        name: str = "CONTOSO-CA",
        host: str = "ca01.contoso.com",
        standalone: bool = False,
        tiers: int = 2,
        key: str = "RSA-2048",
        validity: int | None = None,
        edit_flags: list[str] = ...,
        disable_extensions: list[str] = ...,
        request_disposition: int | None = None,
        ocsp_urls: list[str] = ...,
        ocsp: bool = ...,
        deterministic_good: bool = ...,
    ) -> None: ...
    name: str
    host: str
    standalone: bool
    tiers: int
    key: str
    validity: int | None
    edit_flags: list[str]
    disable_extensions: list[str]
    request_disposition: int | None
    ocsp_urls: list[str]
    ocsp: bool
    deterministic_good: bool
    sid_extension_update: bool
    application_policy_update: bool

@final
class CaRight:
    """rights: "request", "read", "issue_and_manage", "manage_ca"."""

    def __init__(self, account: str, rights: list[str]) -> None: ...
    account: str
    rights: list[str]

@final
class TemplateSpec:
    """edits: verb and value in order; mimica.template() writes them more easily."""

    def __init__(
        self,
        display_name: str,
        *,
        name: str = "",
        duplicate: str = "User",
        publish: bool = True,
        edits: list[tuple[str, str]] = ...,
    ) -> None: ...
    name: str
    duplicate: str
    display_name: str
    publish: bool
    edits: list[tuple[str, str]]

def template_keys() -> dict[str, str]: ...

@final
class KdcConfig:
    """Registry values of a domain controller by their real names, and its update level (KB5014754, KB5057784).

    CertificateBackdatingCompensation in seconds. None: what holds on the date. profile "samba": where Samba's KDC differs;
    then the first two are smb.conf's settings, the second in minutes, and dates do not count.
    """

    def __init__(
        self,
        *,
        profile: str = "windows",
        StrongCertificateBindingEnforcement: int | None = None,
        CertificateBackdatingCompensation: int | None = None,
        UseSubjectAltName: bool = True,
        AllowNtAuthPolicyBypass: int | None = None,
        os_version: int = 2022,
        revocation_unknown_ignored: bool = False,
        StrongNameMatches: list[str] = ...,
        has_kdc_certificate: bool = True,
        uri_mismatch_refused: bool = True,
        uri_list_accepted: bool = False,
        sid_alone_maps: bool = False,
        unresolved_upn_refused: bool = True,
        computer_upn_maps: bool = True,
        nt_auth_before_upn: bool = False,
        nt_auth_bypass_all_forms: bool = True,
        sha1_pukey_takes_key_hash: bool = False,
        password_change_refused: bool = True,
        application_policies_count: bool = False,
    ) -> None: ...
    profile: str
    StrongCertificateBindingEnforcement: int | None
    CertificateBackdatingCompensation: int | None
    UseSubjectAltName: bool
    AllowNtAuthPolicyBypass: int | None
    os_version: int
    revocation_unknown_ignored: bool
    revocation_cache: bool
    StrongNameMatches: list[str]
    has_kdc_certificate: bool
    uri_mismatch_refused: bool
    uri_list_accepted: bool
    sid_alone_maps: bool
    unresolved_upn_refused: bool
    computer_upn_maps: bool
    nt_auth_before_upn: bool
    nt_auth_bypass_all_forms: bool
    sha1_pukey_takes_key_hash: bool
    password_change_refused: bool
    application_policies_count: bool

@final
class LabSpec:
    def __init__(self) -> None: ...
    name: str
    clock: int
    clock_runs: bool
    seed: str
    directory_over_ldap: bool
    domain: str
    netbios_name: str
    ca: CaSpec
    ca_rights: list[CaRight]
    ca_removed: list[str]
    templates: list[TemplateSpec]
    users: list[UserSpec]
    groups: list[GroupSpec]
    computers: list[ComputerSpec]
    devices: list[DeviceSpec]
    profiles: list[ProfileSpec]
    connectors: list[ConnectorSpec]
    ldif_imports: list[tuple[str, str]]
    kdc: KdcConfig
    state_directory: str
    http_port: int
    ldap_port: int

@final
class Report:
    @property
    def ok(self) -> bool: ...
    @property
    def outcome(self) -> str: ...
    @property
    def code(self) -> Code | None: ...
    @property
    def rule(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def trace(self) -> Trace: ...
    @property
    def events(self) -> list[Event]: ...
    @property
    def log(self) -> list[tuple[str, int]]: ...
    @property
    def certificate(self) -> Certificate | None: ...
    @property
    def private_key(self) -> str | None: ...
    @property
    def request_id(self) -> int | None: ...
    @property
    def stages(self) -> list[str]: ...

@final
class KerberosRealm:
    """What a Kerberos client needs. environment: for the client's process; ask again after the clock was moved."""

    @property
    def realm(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def folder(self) -> str: ...
    @property
    def configuration(self) -> str: ...
    @property
    def environment(self) -> dict[str, str]: ...

@final
class Endpoint:
    """A server of the lab: name ("ldap", "http"), url, and client commands ready to paste."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def commands(self) -> list[str]: ...

def kdc_check(
    certificate: Certificate,
    account: str,
    config: KdcConfig,
    at: int,
    ldif: list[str],
    ldif_text: str,
    roots: list[str],
    nt_auth: list[str],
    crls: list[bytes],
) -> list[str]: ...


@final
class VerbResult:
    """What certutil or certreq answers.

    text: what the program prints. error_text: rules and hints behind a refusal. status: the HRESULT, S_OK when `ok`.
    files: what the verb writes, by name; save() puts them on disk. json: with json=True, where the verb can.
    """

    @property
    def ok(self) -> bool: ...
    @property
    def status(self) -> Code | None: ...
    @property
    def text(self) -> str: ...
    @property
    def error_text(self) -> str: ...
    @property
    def json(self) -> str: ...
    @property
    def files(self) -> dict[str, bytes]: ...
    def save(self) -> None: ...

@final
class LabHandle:
    """A running lab. Operations hold no interpreter lock; threads may share a lab, its operations take turns."""

    def __init__(self, spec: LabSpec) -> None: ...
    def close(self) -> None: ...
    @property
    def closed(self) -> bool: ...
    def now(self) -> int: ...
    def set_clock(self, seconds: int) -> None: ...
    def advance(self, seconds: int) -> None: ...
    def add_user(self, spec: UserSpec) -> None: ...
    def add_group(self, spec: GroupSpec) -> None: ...
    def add_computer(self, spec: ComputerSpec) -> None: ...
    def add_member(self, group: str, member: str) -> None: ...
    def set_attribute(self, account: str, attribute: str, values: list[str]) -> None: ...
    def set_kdc_registry(self, name: str, data: str | None) -> None: ...
    def start_kerberos(self) -> KerberosRealm: ...
    def write_keytab(self, path: str, principals: list[str]) -> None: ...
    def map_certificate(self, account: str, certificate: Certificate, form: str) -> None: ...
    def sid_of(self, account: str) -> str: ...
    def import_ldif(self, source: str, ldif: str) -> None: ...
    def export_ldif(self) -> str: ...
    def add_template(self, spec: TemplateSpec) -> None: ...
    def edit_template(self, name: str, edits: list[tuple[str, str]]) -> None: ...
    def publish_template(self, name: str, published: bool) -> None: ...
    def remove_template(self, name: str) -> None: ...
    def add_issuance_policy(self, name: str, oid: str, cps: str, group: str) -> None: ...
    def lint(self) -> list[Finding]: ...
    def set_ca_rights(self, right: CaRight, granted: bool) -> None: ...
    def set_edit_flag(self, flag: str) -> None: ...
    def certutil(self, arguments: list[str], *, caller: str, files: dict[str, bytes], json: bool) -> VerbResult: ...
    def certreq(self, arguments: list[str], *, caller: str, files: dict[str, bytes], json: bool) -> VerbResult: ...
    def publish_crl(self, delta_only: bool = ...) -> Report: ...
    def renew_ca(self, new_key: bool) -> Report: ...
    def ca_certificates(self) -> list[Certificate]: ...
    def crl_of_key(self, key_index: int, delta: bool) -> bytes: ...
    def set_publication(self, reachable: bool, renewed: bool) -> None: ...
    def revoke(self, certificate: Certificate, caller: str, reason: int) -> Report: ...
    def resolve_pending(self, request_id: int, caller: str, issue: bool) -> Report: ...
    def ca_certificate(self) -> Certificate: ...
    def ca_chain(self) -> list[Certificate]: ...
    def crl(self, of_root: bool) -> bytes: ...
    def request_trace(self, request_id: int) -> Trace: ...
    def explain_request(self, request_id: int) -> str: ...
    def explain_certificate(self, certificate: Certificate) -> str: ...
    def add_device(self, spec: DeviceSpec) -> None: ...
    def add_profile(self, spec: ProfileSpec) -> None: ...
    def add_connector(self, spec: ConnectorSpec) -> None: ...
    def set_registry(self, connector: str, path: str, name: str, type: str, value: str) -> None: ...
    def restart_service(self, connector: str, display_name: str) -> None: ...
    def upgrade_connector(self, connector: str, version: str) -> None: ...
    def device_certificates(self, device: str) -> list[Certificate]: ...
    def delivered_pfx(self, device: str) -> tuple[bytes, str]: ...
    def enroll(
        self,
        *,
        caller: str,
        template_name: str,
        subject: str,
        sans: list[str],
        key: str,
        attributes: str,
        request: bytes | None,
        signers: list[tuple[str, str]],
        on_behalf_of: str,
        renews: tuple[str, str] | None,
        same_key: bool,
        format: str,
    ) -> Report: ...
    def deliver(self, profile: str, device: str) -> Report: ...
    def renew(self, profile: str, device: str) -> Report: ...
    def check_in(self, device: str) -> Report: ...
    def trust(self, device: str, trusted: bool) -> Report: ...
    def logon(
        self,
        *,
        account: str,
        device: str = "",
        profile: str = "",
        which: str = "",
        certificate: Certificate | None = None,
    ) -> Report: ...
    def endpoints(self) -> list[Endpoint]: ...
    def events(
        self,
        *,
        channel: str,
        provider: str,
        party: str,
        ids: list[int],
        level: str | None,
        since: int | None,
        until: int | None,
        data: dict[str, str],
        after: int,
        limit: int | None,
        newest_first: bool,
    ) -> list[Event]: ...
    def spec(self) -> LabSpec: ...

@final
class Mismatch:
    """An expectation that did not hold: what ("outcome", "certificate.sid"), what was wanted and what was found."""

    @property
    def what(self) -> str: ...
    @property
    def wanted(self) -> str: ...
    @property
    def found(self) -> str: ...

@final
class StepRecord:
    @property
    def status(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def where(self) -> str: ...
    @property
    def at(self) -> dt.datetime: ...
    @property
    def report(self) -> Report: ...
    @property
    def mismatches(self) -> list[Mismatch]: ...
    @property
    def fault(self) -> str: ...
    @property
    def seconds(self) -> float: ...

@final
class CaseRecord:
    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def refs(self) -> list[str]: ...
    @property
    def steps(self) -> list[StepRecord]: ...
    @property
    def fault(self) -> str: ...
    @property
    def exit(self) -> int: ...
    @property
    def passed(self) -> bool: ...
    @property
    def seconds(self) -> float: ...
    def timeline(self, explain: bool = False, colour: bool = False) -> str: ...

def run_scenarios(path: str) -> list[CaseRecord]: ...
def rules() -> list[Rule]: ...
def report_json(cases: list[CaseRecord]) -> str: ...
