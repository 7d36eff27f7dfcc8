"""What a lab consists of, as tests hold it: accounts, devices, connectors, clock, CA, templates, KDC, directory."""
from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Mapping, Sequence

from mimica import _mimica, kdc
from mimica._mimica import CaRight, Certificate, Event, TemplateSpec, Trace
from mimica.decision import Decision
from mimica.kdc import Assessment

if TYPE_CHECKING:
    from mimica.lab import Lab

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


def edit_list(edits: Mapping[str, EditValue]) -> list[tuple[str, str]]:
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
        self._lab.handle.map_certificate(self.name, certificate_of(certificate), form)

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

    @property
    def certificates(self) -> list[Certificate]:
        """All certificates of the CA itself by their index; renewals add to them, the newest comes last."""
        return self._lab.handle.ca_certificates()

    def crl_of_key(self, key_index: int, *, delta: bool = False) -> bytes:
        """The base or delta CRL in force, as DER, of one of the CA's keys: 0, or what a renewal with a new key began."""
        return self._lab.handle.crl_of_key(key_index, delta)

    def publish_crl(self, *, delta_only: bool = False) -> Decision:
        """Signs and publishes a new base CRL and a delta CRL (certutil -CRL), or a delta CRL alone (certutil -CRL delta)."""
        return self._lab.note(self._lab.handle.publish_crl(delta_only), "publication of the CRL")

    def renew(self, *, new_key: bool = True) -> Decision:
        """Renews the certificate of the CA (certutil -renewCert [ReuseKeys]); new certificates come from the newest key."""
        return self._lab.note(self._lab.handle.renew_ca(new_key), "renewal of the CA")

    def set_publication(self, *, reachable: bool = True, renewed: bool = True) -> None:
        """How the places where CRLs and CA certificates are published work from now on.

        reachable: False, neither the HTTP server nor, for the KDC, the directory gives them out. renewed: False, CRLs that
        are due are not published; the last ones stay.
        """
        self._lab.handle.set_publication(reachable, renewed)

    def revoke(self, certificate: Certificate | Decision, *, caller: Account | str = "Administrator", reason: int = 0) -> Decision:
        """Revokes a certificate; it appears on the next CRL. reason: RFC 5280 5.3.1 (1 keyCompromise, 4 superseded, ...)."""
        wanted = certificate_of(certificate)
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
        self._handle.edit_template(name, edit_list(edits))

    def publish(self, name: str) -> None:
        """Adds a template to the CA's list."""
        self._handle.publish_template(name, True)

    def unpublish(self, name: str) -> None:
        """Takes a template off the CA's list."""
        self._handle.publish_template(name, False)

    def remove(self, name: str) -> None:
        """Deletes a template: off the CA's list, and with its OID object. Raises Fault for built-in ones."""
        self._handle.remove_template(name)

    def add_policy(self, name: str, *, oid: str = "", cps: str = "", group: str = "") -> None:
        """Adds an issuance policy to the forest; templates name it by this name or by its OID.

        cps: URL of the certification practice statement. group: whose members the holders become.
        """
        self._handle.add_issuance_policy(name, oid, cps, group)


class Kdc:
    """The domain controller's key distribution centre."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def logon(self, certificate: Certificate | Decision, account: Account | Device | str) -> Decision:
        """May this certificate log on as this account, at the lab's time? (PKINIT: chain, NTAuth, EKU, mapping)

        account: "jane", "jane@contoso.com", "LAPTOP-01$". The decision of an issuance stands for its certificate.
        """
        name = account.account.name if isinstance(account, Device) else str(account)
        report = self._lab.handle.logon(account=name, certificate=certificate_of(certificate))
        return self._lab.note(report, f"logon of {name}")

    def set_registry(self, name: str, value: str | int | None) -> None:
        """Sets a registry value of the domain controller, effective from the next logon on; None deletes it.

        name: StrongCertificateBindingEnforcement, CertificateBackdatingCompensation (seconds), UseSubjectAltName,
        AllowNtAuthPolicyBypass, UseCachedCRLOnlyAndIgnoreRevocationUnknownErrors, StrongNameMatches (lines of rules).
        Whether a value still counts at the lab's time is the policy's matter (KB5014754). Raises Fault for another name.
        """
        self._lab.handle.set_kdc_registry(name, None if value is None else str(value))

    def check(self, certificate: Certificate | Decision, account: Account | Device | str = "") -> Assessment:
        """What the domain controller makes of the certificate now, in each mode and after each date, and what helps.

        account: default: the one that the certificate leads to. Judged against the directory and revocation list of the
        lab, at its time.
        """
        name = account.account.name if isinstance(account, Device) else str(account)
        return kdc.check(
            certificate_of(certificate),
            account=name,
            ldif_text=self._lab.export_ldif(),
            at=self._lab.clock.now,
            config=self._lab.handle.spec().kdc,
            crls=[self._lab.ca.crl()],
        )

    @property
    def events(self) -> list[Event]:
        """Everything the KDC logged so far, audit records (4768) included, oldest first."""
        return self._lab.events(party="KDC")

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


def certificate_of(value: Certificate | Decision) -> Certificate:
    return value.certificate if isinstance(value, Decision) else value
