"""Decisions as values, and what a failing assertion on one prints."""
from __future__ import annotations

import mimica
import pytest


def refusal(lab: mimica.Lab) -> mimica.Decision:
    lab.templates.add(mimica.template("Staff", enroll=["Domain Admins"], remove=["Domain Users"]))
    return lab.enroll(lab.add_user("jane"), "Staff")


@pytest.mark.mimica(directory="in_process")
def test_a_refusal_is_falsy_and_explains_itself(lab: mimica.Lab) -> None:
    refused = refusal(lab)
    assert not refused and not refused.granted
    assert refused.outcome == "refused"
    assert refused.code == "CERTSRV_E_TEMPLATE_DENIED"
    assert refused.code is not None
    assert (refused.code.number, refused.code.value, refused.code.space) == ("0x80094012", 0x80094012, "hresult")
    assert refused.rule == "templates.permission.enroll"
    explanation = refused.explain()
    assert "CERTSRV_E_TEMPLATE_DENIED (0x80094012)" in explanation
    assert "FAIL  templates.permission.enroll" in explanation
    assert "hint: " in explanation
    assert str(refused) == explanation and "\n" not in repr(refused)
    step = refused.step("templates.permission.enroll")
    assert step is not None and step.verdict == "fail" and step.code == refused.code
    with pytest.raises(ValueError):
        refused.step("no.such.rule")


@pytest.mark.mimica(directory="in_process")
def test_refused_with(lab: mimica.Lab) -> None:
    refused = refusal(lab)
    codes: list[str | int] = ["CERTSRV_E_TEMPLATE_DENIED", "certsrv_e_template_denied", "0x80094012", 0x80094012]
    for code in codes:
        assert refused.refused_with(code)
        assert refused.refused_with(code, rule="templates.permission.enroll")
    check = refused.refused_with("CERTSRV_E_KEY_LENGTH")
    assert not check
    assert "CERTSRV_E_KEY_LENGTH" in check.explain() and "CERTSRV_E_TEMPLATE_DENIED" in check.explain()
    assert not refused.refused_with("CERTSRV_E_TEMPLATE_DENIED", rule="ca.permission.request")
    with pytest.raises(ValueError, match="did you mean CERTSRV_E_TEMPLATE_DENIED"):
        refused.refused_with("CERTSRV_E_TEMPLATE_DENYED")
    with pytest.raises(ValueError, match="did you mean templates.permission.enroll"):
        refused.refused_with("CERTSRV_E_TEMPLATE_DENIED", rule="template.permission.enroll")


@pytest.mark.mimica(directory="in_process")
def test_a_grant_is_truthy(lab: mimica.Lab) -> None:
    granted = lab.enroll(lab.add_user("jane"), "User")
    assert granted and granted.granted
    assert granted.outcome == "issued" and granted.code is None and granted.rule == ""
    assert not granted.refused_with("CERTSRV_E_TEMPLATE_DENIED")
    assert granted.steps and all(step.verdict != "fail" for step in granted.steps)


@pytest.mark.mimica(directory="in_process")
def test_asking_a_refusal_for_its_certificate_raises_the_explanation(lab: mimica.Lab) -> None:
    refused = refusal(lab)
    with pytest.raises(mimica.Refused, match="templates.permission.enroll") as caught:
        refused.certificate
    assert caught.value.decision is refused
    with pytest.raises(mimica.Refused):
        lab.kdc.logon(refused, "jane")


def test_codes_know_their_space() -> None:
    kerberos = mimica.known_code("KDC_ERR_CERTIFICATE_MISMATCH")
    assert (kerberos.value, kerberos.space, str(kerberos)) == (66, "kerberos", "KDC_ERR_CERTIFICATE_MISMATCH (66)")
    assert kerberos == "KDC_ERR_CERTIFICATE_MISMATCH" and kerberos != 66 and kerberos != "66"
    assert mimica.known_code("0x80094012") == mimica.known_code("CERTSRV_E_TEMPLATE_DENIED")
    assert {kerberos: 1}["KDC_ERR_CERTIFICATE_MISMATCH"] == 1  # type: ignore[index]
    with pytest.raises(ValueError):
        mimica.known_code("E_NO_SUCH_THING")


HEADER = """
import mimica
import pytest
pytest_plugins = ["mimica.pytest_plugin"]
"""
REFUSED = """
@pytest.fixture
def refused(lab):
    lab.templates.add(mimica.template("Staff", enroll=["Domain Admins"], remove=["Domain Users"]))
    return lab.enroll(lab.add_user("jane"), "Staff")
"""


def failing(pytester: pytest.Pytester, body: str) -> str:
    """What a failing test prints below its assertion, as pytest shows it ("E   ..." lines)."""
    pytester.makeconftest(HEADER)
    pytester.makepyfile("import mimica, pytest\n" + REFUSED + body)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    return "\n".join(line[1:].strip() for line in result.outlines if line.startswith("E "))


@pytest.mark.parametrize(
    "statement",
    [
        "assert refused",
        "assert refused, 'with a message of its own'",
        "assert refused, refused.explain()",
        "assert refused.refused_with('CERTSRV_E_KEY_LENGTH')",
        "assert refused.refused_with(\n        'CERTSRV_E_TEMPLATE_DENIED',\n        rule='ca.permission.request',\n    )",
        "assert refused.code == 'CERTSRV_E_KEY_LENGTH'",
        "assert refused.rule == 'ca.permission.request'",
        "assert not refused or refused.outcome == 'x'\n    assert bool(refused) and True",
        "refused.certificate",
    ],
)
def test_a_failing_assertion_prints_the_trace(pytester: pytest.Pytester, statement: str) -> None:
    printed = failing(pytester, f"def test_it(refused):\n    {statement}\n")
    assert "CERTSRV_E_TEMPLATE_DENIED (0x80094012)" in printed
    assert "FAIL  templates.permission.enroll" in printed
    assert "hint: " in printed
    assert printed.count("FAIL  templates.permission.enroll") == 1, "told once"


def test_a_logon_that_should_have_been_refused_prints_why_it_was_not(pytester: pytest.Pytester) -> None:
    printed = failing(
        pytester,
        "def test_it(lab):\n"
        "    jane = lab.add_user('jane')\n"
        "    issued = lab.enroll(jane, 'User')\n"
        "    assert not lab.kdc.logon(issued, jane)\n",
    )
    assert "logon of jane allowed" in printed
    assert "kdc.mapping.sid" in printed


def test_other_failures_stay_as_they_are(pytester: pytest.Pytester) -> None:
    printed = failing(pytester, "def test_it(refused):\n    assert not refused\n    assert 1 == 2\n")
    assert "templates.permission.enroll" not in printed


def test_the_report_lists_what_the_lab_decided(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(HEADER)
    pytester.makepyfile("def test_it(lab):\n    lab.enroll(lab.add_user('jane'), 'User')\n    assert False\n")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(["*decisions of lab*", "*enrollment of jane for User issued*"])


def test_the_marker_configures_the_lab(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(HEADER)
    pytester.makepyfile(
        """
        import mimica, pytest
        pytestmark = pytest.mark.mimica(domain="example.org", clock="2020-01-01")
        @pytest.mark.mimica(clock="2024-11-20")
        def test_the_nearest_marker_wins(lab):
            assert lab.spec.domain == "example.org"
            assert lab.clock.now.year == 2024
        def test_each_test_has_its_own(lab):
            assert lab.clock.now.year == 2020
        def test_factories_make_several(lab_factory):
            with lab_factory(name="a") as a, lab_factory(name="b") as b:
                assert a.endpoints["ldap"].url != b.endpoints["ldap"].url
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "--strict-markers").assert_outcomes(passed=3)


def test_the_marker_takes_keywords_only(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(HEADER)
    pytester.makepyfile("import pytest\n@pytest.mark.mimica('2024-11-20')\ndef test_it(lab): pass\n")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(["*keyword arguments only*"])


def test_rules_are_documented() -> None:
    rules = mimica.rules()
    assert len({rule.id for rule in rules}) == len(rules) > 30
    for rule in rules:
        assert rule.title and rule.citation and rule.hint, rule.id
        assert rule.provenance in ("documented", "observed", "inferred")
