"""The lab: a forest, its Enterprise CA, Intune with connectors and devices, and a KDC, started inside a test."""
from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Iterable, Mapping, Sequence

from mimica import _mimica
from mimica._mimica import (
    CaRight,
    CaSpec,
    ComputerSpec,
    ConnectorSpec,
    DeviceSpec,
    Endpoint,
    Event,
    Finding,
    GroupSpec,
    KdcConfig,
    ProfileSpec,
    TemplateSpec,
    UserSpec,
    VerbResult,
)
from mimica.decision import Decision
from mimica.kerberos import Kerberos
from mimica.parts import (
    Account,
    CertificationAuthority,
    Connector,
    Device,
    EditValue,
    Instant,
    Kdc,
    LabClock,
    LdapAccess,
    Templates,
    edit_list,
    to_seconds,
)
from mimica.profiles import pkcs_profile
from mimica.verbs import Verb, fields_json


def _keyed(decision: Decision) -> tuple[str, str]:
    """Certificate and private key of an enrollment, as PEM."""
    if decision.private_key is None:
        raise ValueError(f"{decision!r} has no private key here; sign with an enrollment whose key the lab made")
    return decision.certificate.pem, decision.private_key


def template(
    display_name: str, *, name: str = "", duplicate: str = "User", publish: bool = True, **edits: EditValue
) -> TemplateSpec:
    """A template duplicated from another one and edited, as an administrator does it.

    name: cn of the copy; default the display name without spaces. Edits have the names of scenario scripts
    (docs/scenarios.md) or of the edit verbs, and keep their order::

        mimica.template("Intune User", subject="supplied_in_request", private_key="exportable", enroll=["CONNECTOR01$"])
    """
    return TemplateSpec(display_name, name=name, duplicate=duplicate, publish=publish, edits=edit_list(edits))


def profile(json_or_path: str | os.PathLike[str], *, assign: Sequence[str] = ("all_users",), source: str = "") -> ProfileSpec:
    """An Intune profile: JSON text (starting with "{"), or the path of a file exported from Microsoft Graph.

    assign: "all_users", "all_devices", names of groups, users or devices; "-" in front excludes.
    """
    if isinstance(json_or_path, str) and json_or_path.lstrip().startswith("{"):
        return ProfileSpec(json_or_path, source=source or "profile", assign=list(assign))
    path = Path(json_or_path)
    return ProfileSpec(path.read_text(encoding="utf-8-sig"), source=source or str(path), assign=list(assign))


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

        self.handle = _mimica.LabHandle(spec)  #: the engine; its methods follow harness/lab/lab.h
        self.spec = self.handle.spec()  #: what the lab was made from, defaults filled in
        if profiles is None and given:
            self.handle.add_profile(intune_user_profile(self.spec.ca))
        self.clock = LabClock(self.handle)
        self.ca = CertificationAuthority(self)
        self.templates = Templates(self.handle)
        self.kdc = Kdc(self)
        self.kerberos = Kerberos(self)  #: MIT's krb5kdc for real clients; starts at first use
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

    def run(self, verb: Verb, /, *, id: str = "", **fields: object) -> Decision:
        """Runs a verb of scenarios (docs/scenarios.md, mimica.operations()) with its fields::

            first = lab.run("enroll", as_=jane, template="User", id="first")
            lab.run("revoke", certificate="first", reason="key_compromise")

        A field whose name is a keyword of Python takes a trailing underscore. id: later verbs find certificate, key and
        request of this one by it. Files are relative to the process. Raises Fault for fields that the verb does not have
        and for what cannot be carried out; a refusal is a Decision with its code, rule and trace.
        """
        return self.note(self.handle.run(verb, fields_json(fields), id=id), verb)

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
        signed_by: Iterable[Decision] = (),
        on_behalf_of: Account | str = "",
        renews: Decision | None = None,
        same_key: bool = False,
        format: str = "",
    ) -> Decision:
        """Somebody asks the CA directly (certreq).

        caller: the authenticated account. template: its cn. subject: CertStrToName text ("CN=jane, OU=IT").
        sans: "upn=jane@contoso.com", "dns=...", "email=...", "url=...", "sid=S-1-5-..." (the security extension).
        key: "RSA-2048", "RSA-4096", "P-256", "P-384", "P-521". attributes: request attributes ("SAN": "upn=...").
        request: a ready request (DER or PEM) instead of subject, sans and key.

        A signed request: signed_by: earlier enrollments whose certificates sign, for example an agent's.
        on_behalf_of: the account for which they ask. renews: the enrollment whose certificate is renewed and signs;
        same_key keeps its key. format: "cmc" (default) or "pkcs7". ValueError: a decision without certificate and key.
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
            signers=[_keyed(signer) for signer in signed_by],
            on_behalf_of=str(on_behalf_of),
            renews=_keyed(renews) if renews is not None else None,
            same_key=same_key,
            format=format,
        )
        return self.note(report, f"enrollment of {caller} for {template}")

    def certutil(
        self, *arguments: object, as_: Account | str = "", files: Mapping[str, bytes] | None = None, json: bool = False
    ) -> VerbResult:
        """certutil against this lab's CA (docs/certutil.md): lab.certutil("-setreg", r"policy\\EditFlags", "+EDITF_...").

        as_: the account that calls; without it the CA's administrator at its console. files: content of files that the
        arguments name; others are read from disk. What the verb writes is in `files` of the answer; save() writes it.
        """
        return self.handle.certutil(
            [str(argument) for argument in arguments], caller=str(as_), files=dict(files or {}), json=json
        )

    def certreq(
        self, *arguments: object, as_: Account | str = "", files: Mapping[str, bytes] | None = None, json: bool = False
    ) -> VerbResult:
        """certreq: -new, -submit, -retrieve, -accept. Arguments as in certutil()."""
        return self.handle.certreq(
            [str(argument) for argument in arguments], caller=str(as_), files=dict(files or {}), json=json
        )

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

    def lint(self) -> list[Finding]:
        """The CA and every template by the known misconfigurations (ESC1 to ESC16): `finding.failed` holds rule ids."""
        return self.handle.lint()

    def events(
        self,
        *,
        channel: str = "",
        provider: str = "",
        party: str = "",
        id: int | Iterable[int] = (),
        level: str | None = None,
        since: Instant | None = None,
        until: Instant | None = None,
        data: Mapping[str, str] | None = None,
        after: int = 0,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> list[Event]:
        """The event log that CA, connectors and KDC share, on one time line (docs/events.md lists the ids).

        channel: "System", "Security", ... provider: its name. party: "KDC", "ca", "connector". id: one or several.
        level: "error", "warning", "information": this one and graver ones. since, until: lab time, both included.
        data: EventData fields and the values they must have. after: only records with a greater `record`, for following.
        limit: at most so many. newest_first: from the end. Raises ValueError for an unknown level.
        """
        return self.handle.events(
            channel=channel,
            provider=provider,
            party=party,
            ids=[id] if isinstance(id, int) else list(id),
            level=level,
            since=None if since is None else to_seconds(since),
            until=None if until is None else to_seconds(until),
            data=dict(data or {}),
            after=after,
            limit=limit,
            newest_first=newest_first,
        )

    def timeline(self) -> str:
        """Every decision so far, one line each."""
        return "".join(f"{decision!r}\n" for decision in self.history)

    def __repr__(self) -> str:
        return f"<Lab {self.spec.name} {self.spec.domain}{' closed' if self.closed else ''}>"
