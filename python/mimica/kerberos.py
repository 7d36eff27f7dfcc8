"""Kerberos: MIT's krb5kdc as the lab's domain controller, for real clients."""
from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mimica._mimica import KerberosRealm

if TYPE_CHECKING:
    from mimica.lab import Lab
    from mimica.parts import Account


class Kerberos:
    """The realm of a lab. krb5kdc starts at first use and stops with the lab.

    Principals are the accounts of the directory as it is at each request: users by sAMAccountName and UPN (enterprise
    names), computers, services by servicePrincipalName. Certificates are decided as lab.kdc.logon decides them; the
    decision's events are in lab.kdc.events. Where the lab's time is not the machine's, krb5kdc and the environment for
    clients get the lab's time through libfaketime.

    Raises Fault where krb5-kdc or krb5-pkinit is not installed, or the CA issues no certificate for the KDC.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def start(self) -> Kerberos:
        """Starts krb5kdc now unless it runs."""
        self._realm()
        return self

    def _realm(self) -> KerberosRealm:
        return self._lab.handle.start_kerberos()

    @property
    def realm(self) -> str:
        """ "CONTOSO.COM" """
        return self._realm().realm

    @property
    def port(self) -> int:
        """TCP and UDP port of krb5kdc at 127.0.0.1."""
        return self._realm().port

    @property
    def folder(self) -> Path:
        """Holds krb5.conf, anchors.pem (root certificates), pool.pem (issuing CAs) and krb5kdc.log."""
        return Path(self._realm().folder)

    @property
    def configuration(self) -> Path:
        """The clients' krb5.conf."""
        return Path(self._realm().configuration)

    @property
    def log(self) -> str:
        """What krb5kdc logged so far."""
        return (self.folder / "krb5kdc.log").read_text(encoding="utf-8", errors="replace")

    def environment(self, **more: str) -> dict[str, str]:
        """The environment for a client's process: this process's own with KRB5_CONFIG, KRB5CCNAME and the lab's time.

        Take it anew after the clock was moved. more: variables to add or to replace.
        """
        return {**os.environ, **self._realm().environment, **more}

    def keytab(self, path: str | os.PathLike[str], *principals: Account | str) -> Path:
        """Writes a keytab for services ("HTTP/web.contoso.com") and accounts ("WEB01$").

        An account without a password gets a random one first. Raises Fault for a name that no account has.
        """
        self._lab.handle.write_keytab(os.fspath(path), [str(principal) for principal in principals])
        return Path(path)

    def __repr__(self) -> str:
        return f"<Kerberos of {self._lab!r}>"
