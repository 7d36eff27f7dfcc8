"""certutil, crlutil and vfychain of NSS verify chains, revocation lists and OCSP answers of every kind of CA key."""
from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Client
from issued import KEYS, Issued, issued
from mimica.pytest_plugin import LabFactory

REVOKED = "-8180"  # SEC_ERROR_REVOKED_CERTIFICATE


class Store:
    """An NSS database that trusts the lab's root."""

    def __init__(self, scene: Issued, client: Client) -> None:
        self.scene, self.client = scene, client
        folder = scene.folder / "nss"
        folder.mkdir()
        self.db = f"sql:{folder}"
        client("certutil", "-N", "-d", self.db, "--empty-password")
        client("certutil", "-A", "-d", self.db, "-n", "root", "-t", "CT,C,C", "-a", "-i", scene.path("root.pem"))
        client("certutil", "-A", "-d", self.db, "-n", "issuing", "-t", ",,", "-a", "-i", scene.path("issuing.pem"))

    def verify(self, name: str, *options: str) -> str:
        """The words of vfychain about a certificate for a TLS client."""
        done = self.client("vfychain", "-d", self.db, "-pp", *options, "-u", "0", "-a", self.scene.path(name), ok=False)
        return done.stdout + done.stderr


@pytest.fixture(params=KEYS)
def store(request: pytest.FixtureRequest, lab_factory: LabFactory, tmp_path: Path, client: Client) -> Store:
    return Store(issued(lab_factory, tmp_path, request.param), client)


def test_vfychain_accepts_the_chain(store: Store) -> None:
    assert "Chain is good!" in store.verify("good.pem")


def test_lists_are_imported_and_decide(store: Store, client: Client) -> None:
    client("crlutil", "-I", "-d", store.db, "-t", "1", "-i", store.scene.path("root.crl"))
    client("crlutil", "-I", "-d", store.db, "-t", "1", "-i", store.scene.path("base.crl"))
    listed = client("crlutil", "-L", "-d", store.db, "-n", "issuing").stdout
    assert store.scene.bad.serial in "".join(listed.split()).replace(":", "").lower()
    crl = ("-g", "leaf", "-m", "crl", "-s", "failIfNoInfo")
    assert "Chain is good!" in store.verify("good.pem", *crl)
    assert REVOKED in store.verify("bad.pem", *crl)


def test_the_responder_is_asked(store: Store) -> None:
    ocsp = ("-g", "leaf", "-m", "ocsp", "-s", "failIfNoInfo")
    assert "Chain is good!" in store.verify("good.pem", *ocsp)
    assert REVOKED in store.verify("bad.pem", *ocsp)


def test_nss_knows_no_delta_lists(store: Store, client: Client) -> None:
    """Their indicator is critical, so that such readers refuse them instead of taking them for the whole list."""
    done = client("crlutil", "-I", "-d", store.db, "-t", "1", "-i", store.scene.path("delta.crl"), ok=False)
    assert done.returncode != 0 and "SEC_ERROR_CRL_UNKNOWN_CRITICAL_EXTENSION" in done.stdout + done.stderr
