"""The lab: a forest, its Enterprise CA, Intune with connectors and devices, and a KDC, started inside a test."""
from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from types import TracebackType
from typing import Iterable, Mapping, Sequence

from mimica import _mimica
from mimica._mimica import (
    CaRight,
    CaSpec,
    Certificate,
    ComputerSpec,
    ConnectorSpec,
    DeviceSpec,
    Endpoint,
    Event,
    GroupSpec,
    KdcConfig,
    ProfileSpec,
    TemplateSpec,
    Trace,
    UserSpec,
)
from mimica.decision import Decision
from mimica.profiles import pkcs_profile

#: A point in time: a datetime (naive means UTC), a date (midnight UTC) or ISO text ("2025-09-10", "2025-09-10T08:00:00Z").
Instant = dt.datetime | dt.date | str
#: The value of a template edit: lists give the edit once per element.
EditValue = str | int | bool | Sequence[str]


def to_seconds(when: Instant) -> int:
    """Seconds since 1970-01-01T00:00:00Z. Raises Fault for text that is no ISO date or time."""
    if isinstance(when, str):
        return _mimica.parse_instant(when)
    if not isinstance(when, dt.datetime):
        when = dt.datetime(when.year, when.month, when.day)
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.timezone.utc)
    return int(when.timestamp())


def _edits(edits: Mapping[str, EditValue]) -> list[tuple[str, str]]:
    spelling = _mimica.template_keys()
    out: list[tuple[str, str]] = []
    for key, value in edits.items():
        key = spelling.get(key, key)
        if isinstance(value, bool):
            out.append((key, "true" if value else "false"))
        elif isinstance(value, (str, int)):
            out.append((key, str(value)))
        else:
            out.extend((key, item) for item in value)
    return out


def template(
    display_name: str, *, name: str = "", duplicate: str = "User", publish: bool = True, **edits: EditValue
) -> TemplateSpec:
    """A template duplicated from another one and edited, as an administrator does it.

    name: cn of the copy; default the display name without spaces. Edits have the names of scenario scripts
    (docs/scenarios.md) or of the edit verbs, and keep their order::

        mimica.template("Intune User", subject="supplied_in_request", private_key="exportable", enroll=["CONNECTOR01$"])
    """
    return TemplateSpec(display_name, name=name, duplicate=duplicate, publish=publish, edits=_edits(edits))


def profile(json_or_path: str | os.PathLike[str], *, assign: Sequence[str] = ("all_users",), source: str = "") -> ProfileSpec:
    """An Intune profile: JSON text (starting with "{"), or the path of a file exported from Microsoft Graph.

    assign: "all_users", "all_devices", names of groups, users or devices; "-" in front excludes.
    """
    if isinstance(json_or_path, str) and json_or_path.lstrip().startswith("{"):
        return ProfileSpec(json_or_path, source=source or "profile", assign=list(assign))
    path = Path(json_or_path)
    return ProfileSpec(path.read_text(encoding="utf-8-sig"), source=source or str(path), assign=list(assign))


class Account:
    """A user, group or computer account of the lab, by name."""

    def __init__(self, lab: Lab, name: str) -> None:
        self._lab = lab
        self.name = name  #: sAMAccountName ("jane", "LAPTOP-01$")

    @property
    def sid(self) -> str:
        """objectSid as text. A Fault for an account that is not in the directory (cloud only)."""
        return self._lab.handle.sid_of(self.name)

    def set(self, attribute: str, *values: str) -> None:
        """Replaces a directory attribute; without values it is removed."""
        self._lab.handle.set_attribute(self.name, attribute, list(values))

    def map(self, certificate: Certificate | Decision, form: str = "issuer_serial") -> None:
        """Adds an explicit mapping to altSecurityIdentities.

        form: "issuer_serial", "ski", "sha1_public_key" (strong), "issuer_subject", "subject", "rfc822" (weak), "issuer_sid".
        """
        self._lab.handle.map_certificate(self.name, _certificate(certificate), form)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Account {self.name}>"


class Device:
    """A device managed by Intune."""

    def __init__(self, lab: Lab, name: str) -> None:
        self._lab = lab
        self.name = name

    @property
    def account(self) -> Account:
        """The computer account of a hybrid joined device."""
        return Account(self._lab, f"{self.name}$")

    @property
    def certificates(self) -> list[Certificate]:
        """Certificates in the device's store, newest first."""
        return self._lab.handle.device_certificates(self.name)

    @property
    def pfx(self) -> tuple[bytes, str]:
        """The last PFX as it was delivered (PKCS #12 DER), and its password. A Fault when none was delivered."""
        return self._lab.handle.delivered_pfx(self.name)

    def check_in(self) -> Decision:
        """The device asks Intune for everything that is assigned and due."""
        return self._lab.note(self._lab.handle.check_in(self.name), f"check-in of {self.name}")

    def trust(self, trusted: bool = True) -> Decision:
        """Puts the lab's root into the device's store, or takes it out."""
        return self._lab.note(self._lab.handle.trust(self.name, trusted), f"trust on {self.name}")

    def logon(self, account: Account | str, *, profile: str = "", which: str = "") -> Decision:
        """Logs on with a certificate of this device's store.

        profile: display name; "" takes any. which: "" the newest matching certificate, "previous" the one before.
        """
        name = str(account)
        report = self._lab.handle.logon(account=name, device=self.name, profile=profile, which=which)
        return self._lab.note(report, f"logon of {name} on {self.name}")

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Device {self.name}>"


class Connector:
    """An installation of the Certificate Connector for Microsoft Intune."""

    #: Display names of the two services that read EnableSidSecurityExtension when they start.
    SERVICES = (
        "PFX Create Legacy Connector for Microsoft Intune",
        "PFX Create Certificate Connector for Microsoft Intune",
    )

    def __init__(self, lab: Lab, name: str) -> None:
        self._lab = lab
        self.name = name

    def set_registry(self, name: str, value: str | int, *, type: str = "REG_DWORD", path: str = "") -> None:
        """Sets a registry value. path: "" is the connector's documented key. Running services do not notice."""
        self._lab.handle.set_registry(self.name, path, name, type, str(value))

    def restart(self, *services: str) -> None:
        """Restarts services by display name; without arguments both of SERVICES."""
        for service in services or self.SERVICES:
            self._lab.handle.restart_service(self.name, service)

    def upgrade(self, version: str) -> None:
        """Installs another version ("6.2406.0.1001")."""
        self._lab.handle.upgrade_connector(self.name, version)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Connector {self.name}>"


class LabClock:
    """The lab's policy time. It stands still until a test moves it."""

    def __init__(self, handle: _mimica.LabHandle) -> None:
        self._handle = handle

    @property
    def now(self) -> dt.datetime:
        """The lab's time, in UTC."""
        return _mimica.instant(self._handle.now())

    def set(self, when: Instant) -> None:
        """Moves the clock to an instant, forwards or backwards."""
        self._handle.set_clock(to_seconds(when))

    def advance(self, *, weeks: float = 0, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Moves the clock by a length of time, in whole seconds."""
        delta = dt.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        self._handle.advance(int(delta.total_seconds()))

    def __repr__(self) -> str:
        return f"<LabClock {self.now.isoformat()}>"


class CertificationAuthority:
    """The lab's issuing CA, as its administrator sees it."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    @property
    def certificate(self) -> Certificate:
        """The CA's own certificate (certutil -ca.cert)."""
        return self._lab.handle.ca_certificate()

    @property
    def chain(self) -> list[Certificate]:
        """The issuing CA first, the root last."""
        return self._lab.handle.ca_chain()

    @property
    def root(self) -> Certificate:
        """The self-signed end of the chain."""
        return self.chain[-1]

    def certificate_pem(self) -> str:
        """The CA's own certificate as PEM."""
        return self.certificate.pem

    def chain_pem(self) -> str:
        """All CA certificates as PEM, the issuing CA first, the root last."""
        return "".join(certificate.pem for certificate in self.chain)

    def crl(self, *, of_root: bool = False) -> bytes:
        """The published base CRL as DER: the issuing CA's, or the root's."""
        return self._lab.handle.crl(of_root)

    def publish_crl(self) -> Decision:
        """Signs and publishes a new base CRL (certutil -CRL)."""
        return self._lab.note(self._lab.handle.publish_crl(), "publication of the CRL")

    def revoke(self, certificate: Certificate | Decision, *, caller: Account | str = "Administrator", reason: int = 0) -> Decision:
        """Revokes a certificate; it appears on the next CRL. reason: RFC 5280 5.3.1 (1 keyCompromise, 4 superseded, ...)."""
        wanted = _certificate(certificate)
        return self._lab.note(self._lab.handle.revoke(wanted, str(caller), reason), f"revocation of {wanted.serial}")

    def resolve(self, request_id: int, *, issue: bool, caller: Account | str = "Administrator") -> Decision:
        """Issues (certutil -resubmit) or denies (certutil -deny) a pending request."""
        report = self._lab.handle.resolve_pending(request_id, str(caller), issue)
        return self._lab.note(report, f"request {request_id}")

    def allow(self, account: Account | str, *rights: str) -> None:
        """Grants rights on the CA: "request", "read", "issue_and_manage", "manage_ca". Default: "request"."""
        self._lab.handle.set_ca_rights(CaRight(str(account), list(rights or ("request",))), True)

    def remove(self, account: Account | str, *rights: str) -> None:
        """Takes rights on the CA away again. Default: "request"."""
        self._lab.handle.set_ca_rights(CaRight(str(account), list(rights or ("request",))), False)

    def set_edit_flag(self, flag: str) -> None:
        """certutil -setreg policy\\EditFlags: "+EDITF_ATTRIBUTESUBJECTALTNAME2" sets, "-EDITF_..." clears."""
        self._lab.handle.set_edit_flag(flag)

    def request_trace(self, request_id: int) -> Trace:
        """The stored trace of a request in the database."""
        return self._lab.handle.request_trace(request_id)

    def explain(self, request: int | Certificate) -> str:
        """Why a request was answered as it was, or what a certificate is and what it can be used for."""
        if isinstance(request, int):
            return self._lab.handle.explain_request(request)
        return self._lab.handle.explain_certificate(request)

    def __repr__(self) -> str:
        return f"<CertificationAuthority {self._lab.spec.ca.host}\\{self._lab.spec.ca.name}>"


class Templates:
    """The certificate templates of the forest and the CA's list of published ones."""

    def __init__(self, handle: _mimica.LabHandle) -> None:
        self._handle = handle

    def add(self, spec: TemplateSpec) -> None:
        """Duplicates, edits and publishes a template (see mimica.template)."""
        self._handle.add_template(spec)

    def edit(self, name: str, **edits: EditValue) -> None:
        """Edits a template in place: `edit("IntuneUser", private_key="exportable")`. name: its cn."""
        self._handle.edit_template(name, _edits(edits))

    def publish(self, name: str) -> None:
        """Adds a template to the CA's list."""
        self._handle.publish_template(name, True)

    def unpublish(self, name: str) -> None:
        """Takes a template off the CA's list."""
        self._handle.publish_template(name, False)


class Kdc:
    """The domain controller's key distribution centre."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def logon(self, certificate: Certificate | Decision, account: Account | Device | str) -> Decision:
        """May this certificate log on as this account, at the lab's time? (PKINIT: chain, NTAuth, EKU, mapping)

        account: "jane", "jane@contoso.com", "LAPTOP-01$". The decision of an issuance stands for its certificate.
        """
        name = account.account.name if isinstance(account, Device) else str(account)
        report = self._lab.handle.logon(account=name, certificate=_certificate(certificate))
        return self._lab.note(report, f"logon of {name}")

    @property
    def events(self) -> list[Event]:
        """All KDC events of the lab so far, oldest first."""
        return self._lab.handle.kdc_events()

    def __repr__(self) -> str:
        return f"<Kdc of {self._lab!r}>"


class LdapAccess:
    """Where the directory listens, and how to bind as its administrator."""

    def __init__(self, url: str, spec: _mimica.LabSpec) -> None:
        self.url = url  #: "ldap://127.0.0.1:40389"
        self.base_dn = ",".join(f"DC={label}" for label in spec.domain.split("."))
        self.configuration_dn = f"CN=Configuration,{self.base_dn}"
        self.templates_dn = f"CN=Certificate Templates,CN=Public Key Services,CN=Services,{self.configuration_dn}"
        self.bind_name = f"Administrator@{spec.domain}"  #: UPN for a simple bind
        self.bind_dn = f"CN=Administrator,CN=Users,{self.base_dn}"
        self.password = "Passw0rd!"

    def __repr__(self) -> str:
        return f"<LdapAccess {self.url}>"


def _certificate(value: Certificate | Decision) -> Certificate:
    return value.certificate if isinstance(value, Decision) else value


def _users(users: Iterable[UserSpec | str]) -> list[UserSpec]:
    return [UserSpec(user) if isinstance(user, str) else user for user in users]


def _computers(computers: Iterable[ComputerSpec | str]) -> list[ComputerSpec]:
    return [ComputerSpec(computer) if isinstance(computer, str) else computer for computer in computers]


def intune_user_template(connector: str = "CONNECTOR01") -> TemplateSpec:
    """The template a lab has unless `templates` is given: User, subject supplied in the request, exportable key."""
    return template(
        "Intune User", subject="supplied_in_request", private_key="exportable", enroll=[f"{connector}$"]
    )


def intune_user_profile(ca: CaSpec) -> ProfileSpec:
    """The profile a lab has unless `profiles` is given: Windows, user store, UPN in the SAN, assigned to all users."""
    return profile(
        pkcs_profile("Intune User", ca_host=ca.host, ca_name=ca.name, template="IntuneUser"),
        assign=["all_users"],
        source="Intune User",
    )


class Lab:
    """A lab: one domain with directory, Enterprise CA, KDC, Intune tenant, connector and devices.

    Use it as a context manager. It listens on loopback only, on free ports, and keeps its state in memory unless
    `state_directory` says otherwise. The clock stands still (see `clock`). Equal arguments give equal labs: keys, SIDs and
    serial numbers come from `seed`; an empty seed asks for real randomness and fresh keys.

    clock: the lab's time at start; default 2026-01-05T08:00:00Z. clock_runs: it goes on with the machine's from there.
    directory: "ldap" (look-ups go through the LDAP client library and a loopback socket) or "in_process".
    domain: DNS name; netbios_name: default its first label in capitals.
    ca: name, host, tiers, key, flags of the CA; in another domain the defaults are ca01.DOMAIN and NETBIOS-CA. ca_rights: grants on the CA. ca_removed: accounts whose entries leave its
    security, for example "Authenticated Users".
    users, groups, computers, devices: what exists at start; more can be added later.
    templates: default one, "Intune User" (see intune_user_template). profiles: default one, "Intune User" for Windows (see
    intune_user_profile). connectors: default one, CONNECTOR01. Give [] for none.
    ldif: files (paths) to import into the directory.
    kdc: registry and update level of the domain controller.
    http_port, ldap_port: 0 takes a free one.

    Raises Fault, naming the part that is wrong.
    """

    def __init__(
        self,
        *,
        name: str = "lab",
        clock: Instant | None = None,
        clock_runs: bool = False,
        seed: str = "mimica",
        directory: str = "ldap",
        domain: str = "contoso.com",
        netbios_name: str = "",
        ca: CaSpec | None = None,
        ca_rights: Iterable[CaRight] = (),
        ca_removed: Iterable[str] = (),
        users: Iterable[UserSpec | str] = (),
        groups: Iterable[GroupSpec] = (),
        computers: Iterable[ComputerSpec | str] = (),
        devices: Iterable[DeviceSpec] = (),
        templates: Iterable[TemplateSpec] | None = None,
        profiles: Iterable[ProfileSpec] | None = None,
        connectors: Iterable[ConnectorSpec] | None = None,
        ldif: Iterable[str | os.PathLike[str]] = (),
        kdc: KdcConfig | None = None,
        state_directory: str | os.PathLike[str] = "",
        http_port: int = 0,
        ldap_port: int = 0,
    ) -> None:
        if directory not in ("ldap", "in_process"):
            raise ValueError(f"directory must be 'ldap' or 'in_process', not {directory!r}")
        spec = _mimica.LabSpec()
        spec.name = name
        if clock is not None:
            spec.clock = to_seconds(clock)
        spec.clock_runs = clock_runs
        spec.seed = seed
        spec.directory_over_ldap = directory == "ldap"
        spec.domain = domain
        spec.netbios_name = netbios_name
        spec.ca = ca if ca is not None else CaSpec()
        spec.ca_rights = list(ca_rights)
        spec.ca_removed = list(ca_removed)
        spec.users = _users(users)
        spec.groups = list(groups)
        spec.computers = _computers(computers)
        spec.devices = list(devices)
        given = list(connectors) if connectors is not None else [ConnectorSpec()]
        spec.connectors = given
        if templates is not None:
            spec.templates = list(templates)
        elif not spec.ca.standalone and given:
            spec.templates = [intune_user_template(given[0].name)]
        spec.profiles = list(profiles or ())
        spec.ldif_imports = [(str(path), Path(path).read_text(encoding="utf-8")) for path in ldif]
        spec.kdc = kdc if kdc is not None else KdcConfig()
        spec.state_directory = os.fspath(state_directory)
        spec.http_port = http_port
        spec.ldap_port = ldap_port

        self.handle = _mimica.LabHandle(spec)  #: the engine; its methods follow harness/lab.h
        self.spec = self.handle.spec()  #: what the lab was made from, defaults filled in
        if profiles is None and given:
            self.handle.add_profile(intune_user_profile(self.spec.ca))
        self.clock = LabClock(self.handle)
        self.ca = CertificationAuthority(self)
        self.templates = Templates(self.handle)
        self.kdc = Kdc(self)
        self.history: list[Decision] = []  #: every decision of this lab, oldest first
        self._first_connector = given[0].name if given else ""

    def __enter__(self) -> Lab:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stops the servers and forgets the lab. Later operations raise Fault. May be called twice."""
        self.handle.close()

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self.handle.closed

    def note(self, report: _mimica.Report, operation: str) -> Decision:
        """Wraps a report of the engine as a Decision and adds it to `history`."""
        decision = Decision(report, operation)
        self.history.append(decision)
        return decision

    # ---- people and devices ----------------------------------------------------------------------------------------

    def add_user(
        self,
        name: str,
        *,
        display_name: str = "",
        upn: str = "",
        mail: str = "",
        password: str = "Passw0rd!",
        groups: Iterable[str] = (),
        cloud_only: bool = False,
    ) -> Account:
        """Adds a user. name: sAMAccountName. upn: default name@domain. mail: default the UPN; "-" for none.

        cloud_only: exists in Entra ID only: no account in the directory, so no SID. Raises Fault for a name that is taken.
        """
        self.handle.add_user(
            UserSpec(
                name,
                display_name=display_name,
                upn=upn,
                mail=mail,
                password=password,
                groups=list(groups),
                cloud_only=cloud_only,
            )
        )
        return Account(self, name)

    def add_group(self, name: str, members: Iterable[Account | str] = ()) -> Account:
        """Adds a security group with members."""
        self.handle.add_group(GroupSpec(name, members=[str(member) for member in members]))
        return Account(self, name)

    def add_member(self, group: Account | str, member: Account | str) -> None:
        """Adds an account (or a group) to a group."""
        self.handle.add_member(str(group), str(member))

    def add_computer(self, name: str, *, groups: Iterable[str] = ()) -> Account:
        """Adds a computer account. name: without the "$"."""
        self.handle.add_computer(ComputerSpec(name, groups=list(groups)))
        return Account(self, f"{name}$")

    def add_device(
        self,
        name: str,
        *,
        user: Account | str = "",
        platform: str = "windows",
        join: str = "",
        os_version: str = "",
        os_at_enrollment: str = "",
        attributes: Mapping[str, str] | None = None,
    ) -> Device:
        """Enrols a device in Intune.

        platform: windows, ios, macos, android_work_profile, android_device_owner, aosp, android_device_administrator.
        join: hybrid (also makes the computer account), entra, registered; default hybrid on Windows, registered elsewhere.
        user: primary user; "" for a device without one. attributes: serialNumber, imei, wiFiMacAddress, ...
        """
        self.handle.add_device(
            DeviceSpec(
                name,
                platform=platform,
                join=join,
                user=str(user),
                os_version=os_version,
                os_at_enrollment=os_at_enrollment,
                attributes=dict(attributes or {}),
            )
        )
        return Device(self, name)

    def account(self, name: str) -> Account:
        """An account that exists, by sAMAccountName."""
        return Account(self, name)

    def device(self, name: str) -> Device:
        """A device that exists, by name."""
        return Device(self, name)

    # ---- Intune ----------------------------------------------------------------------------------------------------

    def add_profile(self, spec: ProfileSpec) -> None:
        """Adds and assigns an Intune profile (see mimica.profile and mimica.pkcs_profile)."""
        self.handle.add_profile(spec)

    def add_connector(self, name: str, *, version: str = "6.2406.0.1001", sid_extension: bool = False) -> Connector:
        """Installs another connector. name: host name; its computer account is made when it is missing."""
        self.handle.add_connector(ConnectorSpec(name, version=version, sid_extension=sid_extension))
        return Connector(self, name)

    def connector(self, name: str = "") -> Connector:
        """A connector by name; without one the first. Raises ValueError when the lab started without connectors."""
        chosen = name or self._first_connector
        if not chosen:
            raise ValueError("this lab was started without connectors")
        return Connector(self, chosen)

    def deliver(self, profile: str, device: Device | str) -> Decision:
        """Delivers a profile (by display name) to a device: Intune, connector, CA, PFX, device."""
        return self.note(self.handle.deliver(profile, str(device)), f"delivery of {profile!r} to {device}")

    def renew(self, profile: str, device: Device | str) -> Decision:
        """Renews the certificate that a profile delivered to a device."""
        return self.note(self.handle.renew(profile, str(device)), f"renewal of {profile!r} on {device}")

    # ---- the CA's own front door -----------------------------------------------------------------------------------

    def enroll(
        self,
        caller: Account | str,
        template: str,
        *,
        subject: str = "",
        sans: Iterable[str] = (),
        key: str = "RSA-2048",
        attributes: Mapping[str, str] | None = None,
        request: bytes | str | None = None,
    ) -> Decision:
        """Somebody asks the CA directly (certreq).

        caller: the authenticated account. template: its cn. subject: CertStrToName text ("CN=jane, OU=IT").
        sans: "upn=jane@contoso.com", "dns=...", "email=...", "url=...", "sid=S-1-5-..." (the security extension).
        key: "RSA-2048", "RSA-4096", "P-256", "P-384", "P-521". attributes: request attributes ("SAN": "upn=...").
        request: a ready PKCS #10 (DER or PEM) instead of subject, sans and key.
        """
        lines = "\n".join(f"{name}:{value}" for name, value in (attributes or {}).items())
        report = self.handle.enroll(
            caller=str(caller),
            template_name=template,
            subject=subject,
            sans=list(sans),
            key=key,
            attributes=lines,
            request=request.encode() if isinstance(request, str) else request,
        )
        return self.note(report, f"enrollment of {caller} for {template}")

    # ---- the outside -----------------------------------------------------------------------------------------------

    @property
    def endpoints(self) -> dict[str, Endpoint]:
        """Where the lab's servers listen, by name ("ldap", "http"), with client commands ready to paste."""
        return {endpoint.name: endpoint for endpoint in self.handle.endpoints()}

    @property
    def ldap(self) -> LdapAccess:
        """The directory's URL and an administrator's credentials."""
        return LdapAccess(self.endpoints["ldap"].url, self.spec)

    def import_ldif(self, text: str, *, source: str = "LDIF") -> None:
        """Applies LDIF text (content or change records) to the directory. source: its name in messages."""
        self.handle.import_ldif(source, text)

    def export_ldif(self) -> str:
        """The whole directory as LDIF."""
        return self.handle.export_ldif()

    def timeline(self) -> str:
        """Every decision so far, one line each."""
        return "".join(f"{decision!r}\n" for decision in self.history)

    def __repr__(self) -> str:
        return f"<Lab {self.spec.name} {self.spec.domain}{' closed' if self.closed else ''}>"
