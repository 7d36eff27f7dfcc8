"""docs/divergences.md names only what the program has; the checker finds what it has not."""
from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def checker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_divergences", ROOT / "scripts" / "check_divergences.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_document_names_what_there_is(checker: ModuleType) -> None:
    document = (ROOT / "docs" / "divergences.md").read_text("utf-8")
    assert checker.check(document, checker.Program(ROOT)) == []


GOOD = """\
## KDC (scenario key `kdc`)
| Behaviour | Chosen | Switch |
|---|---|---|
| `<SHA1-PUKEY>` | `kdc.mapping.strong`, `profile: samba` | `sid_alone_maps` |
## Other
| Behaviour | Chosen | Switch |
|---|---|---|
| `certutil -crl delta` | `kdc/pkinit/schannel.h`, `mimica kdc check` | `RetryPolicy` |
| [rules](rules.md), 0x80094012 | `audit_test --gtest_filter=WindowsExports.*` | `CRLFlags` |
"""


def test_everything_that_exists_passes(checker: ModuleType) -> None:
    assert checker.check(GOOD, checker.Program(ROOT)) == []


@pytest.mark.parametrize(
    "right, wrong",
    [
        ("sid_alone_maps", "sid_alone_map"),  # a key of scenarios, spelt wrong
        ("`sid_alone_maps`", "`RetryPolicy`"),  # a word of the sources is no key of scenarios
        ("RetryPolicy", "retryPolicy"),
        ("CRLFlags", "CRLFlagz"),
        ("kdc.mapping.strong", "kdc.mapping.stronger"),
        ("profile: samba", "profil: samba"),
        ("kdc/pkinit/schannel.h", "kdc/schannel.h"),
        ("mimica kdc check", "mimica kdc chek"),
        ("certutil -crl", "certutil -crll"),
        ("(rules.md)", "(rule.md)"),
        ("0x80094012", "0x80094112"),
        ("audit_test", "ca_test"),
    ],
)
def test_what_does_not_exist_is_found(checker: ModuleType, right: str, wrong: str) -> None:
    assert right in GOOD
    faults = checker.check(GOOD.replace(right, wrong), checker.Program(ROOT))
    assert len(faults) == 1, faults
