"""What the clients of chains, lists and OCSP answers look at: one CA for each kind of key."""
from __future__ import annotations

import datetime
from pathlib import Path

import mimica
from mimica.pytest_plugin import LabFactory

KEYS = ["RSA-2048", "RSA-4096", "P-256", "P-384", "P-521"]


class Issued:
    """A lab on the machine's time, with a good and a revoked certificate, both lists and an OCSP responder; its files."""

    def __init__(self, lab: mimica.Lab, folder: Path) -> None:
        self.lab, self.folder = lab, folder
        jane = lab.add_user("jane")
        self.good = lab.enroll(jane, "User").certificate
        self.bad = lab.enroll(jane, "User").certificate
        assert lab.ca.revoke(self.bad, reason=4)
        assert lab.ca.publish_crl()
        self.responder = lab.endpoints["http"].url + "/ocsp"
        for name, text in (
            ("root.pem", lab.ca.root.pem),
            ("issuing.pem", lab.ca.certificate_pem()),
            ("good.pem", self.good.pem),
            ("bad.pem", self.bad.pem),
        ):
            (folder / name).write_text(text)
        for name, content in (("base.crl", lab.ca.crl()), ("delta.crl", lab.ca.crl_of_key(0, delta=True)),
                              ("root.crl", lab.ca.crl(of_root=True))):  # fmt: skip
            (folder / name).write_bytes(content)

    def path(self, name: str) -> Path:
        return self.folder / name


def issued(lab_factory: LabFactory, folder: Path, key: str) -> Issued:
    """Everything of one kind of CA key, as of now."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return Issued(lab_factory(ca=mimica.CaSpec(key=key, ocsp=True), clock=now, clock_runs=True, profiles=[]), folder)
