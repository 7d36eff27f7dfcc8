"""lab.run: the verbs of scenarios from Python, read from the same table."""
from __future__ import annotations

import datetime as dt
import inspect
import typing
from pathlib import Path

import mimica
import pytest
from mimica.verbs import Verb

REFERENCE = Path(__file__).parent.parent / "docs" / "scenarios.md"


def test_a_certificate_is_delivered_used_revoked_and_then_refused(lab: mimica.Lab) -> None:
    assert lab.run("add", user={"name": "jane"})
    assert lab.run("add", device={"name": "LAPTOP-01", "user": "jane", "join": "hybrid"})
    assert lab.run("deliver", profile="Intune User", to="LAPTOP-01").certificate.template == "IntuneUser"
    assert lab.run("check", device=lab.device("LAPTOP-01"), count=1)
    assert lab.run("enroll", as_="jane", template="User", id="first").certificate.template == "User"
    assert lab.run("logon", as_="jane", certificate="first")
    assert lab.run("revoke", certificate="first", reason="key_compromise")
    assert lab.run("ca", publish_crl=True)
    refused = lab.run("logon", as_="jane", certificate="first")
    assert refused.refused_with("KDC_ERR_CLIENT_NOT_TRUSTED", rule="kdc.chain.revocation")


def test_a_refusal_keeps_its_code_rule_and_trace(lab: mimica.Lab) -> None:
    jane = lab.add_user("jane")
    assert lab.run("template", name="IntuneUser", remove=["Domain Users", "Domain Admins", "Enterprise Admins"])
    refused = lab.run("enroll", as_=jane, template="IntuneUser", subject="CN=jane")
    assert refused.refused_with("CERTSRV_E_TEMPLATE_DENIED", rule="templates.permission.enroll")
    step = refused.step("templates.permission.enroll")
    assert step is not None and step.verdict == "fail"
    assert [s.rule.id for s in refused.steps][-1] == "templates.permission.enroll"


def test_the_clock_takes_instants_and_durations(lab: mimica.Lab) -> None:
    lab.run("clock", set=dt.datetime(2025, 9, 10, 8, tzinfo=dt.timezone.utc))
    lab.run("clock", advance=dt.timedelta(hours=1))
    assert lab.clock.now == dt.datetime(2025, 9, 10, 9, tzinfo=dt.timezone.utc)


def test_another_count_than_wanted_is_no_success(lab: mimica.Lab) -> None:
    lab.add_device("PC")
    assert lab.run("check", device="PC", count=0)
    assert lab.run("check", device="PC", count=3).outcome == "failed"


def test_verbs_and_fields_that_do_not_exist_are_faults(lab: mimica.Lab) -> None:
    run: typing.Any = lab.run
    with pytest.raises(mimica.Fault, match="deliver"):
        run("delver")
    with pytest.raises(mimica.Fault):
        run("check_in", dvice="PC")
    with pytest.raises(mimica.Fault):
        run("revoke", certificate="nothing")


def test_types_and_reference_are_those_of_the_table() -> None:
    operations = mimica.operations()
    assert list(typing.get_args(Verb)) == [operation.key for operation in operations]
    reference = REFERENCE.read_text(encoding="utf-8")
    own = set(inspect.signature(mimica.Lab.run).parameters)
    for operation in operations:
        assert operation.help in reference and operation.example in reference
        for field in operation.fields:
            assert f"`{field.key}`" in reference and field.help and field.type
            assert field.key not in own and not field.key.endswith("_"), "it could not be given to Lab.run"
