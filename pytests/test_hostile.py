"""Bad arguments end in a Fault, a refusal or a TypeError, never in a crash or in an exception of another kind."""
from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import Callable

import mimica
import pytest

STRINGS = ["", " ", "\x00", "a\x00b", "ü" * 300, "x" * 100_000, "*", "(cn=*)", "CN=,,", '"', "\\", "S-1-", "${x}", "\U0001f600", "$"]

Call = Callable[[mimica.Lab, str], object]
CALLS: dict[str, Call] = {
    "add_user": lambda lab, x: lab.add_user(x),
    "add_user upn": lambda lab, x: lab.add_user("u", upn=x, mail=x, display_name=x),
    "add_user group": lambda lab, x: lab.add_user("u", groups=[x]),
    "add_group": lambda lab, x: lab.add_group(x, [x]),
    "add_member": lambda lab, x: lab.add_member(x, x),
    "add_computer": lambda lab, x: lab.add_computer(x),
    "add_device": lambda lab, x: lab.add_device(x, user=x, join=x, attributes={x: x}),
    "add_device platform": lambda lab, x: lab.add_device("D", platform=x, os_version=x),
    "sid": lambda lab, x: lab.account(x).sid,
    "set": lambda lab, x: lab.account("jane").set(x, x),
    "set value": lambda lab, x: lab.account("jane").set("description", x),
    "map": lambda lab, x: lab.account(x).map(lab.ca.certificate, x),
    "ldif": lambda lab, x: lab.import_ldif(x),
    "ldif entry": lambda lab, x: lab.import_ldif(f"dn: {x}\nchangetype: add\nobjectClass: user\n"),
    "template": lambda lab, x: lab.templates.add(mimica.template(x, name=x, duplicate=x)),
    "template copy": lambda lab, x: lab.templates.add(mimica.template("T", duplicate="User", subject=x)),
    "edit": lambda lab, x: lab.templates.edit("User", enroll=x),
    "publish": lambda lab, x: lab.templates.publish(x),
    "rights": lambda lab, x: lab.ca.allow(x, x),
    "flag": lambda lab, x: lab.ca.set_edit_flag(x),
    "resolve": lambda lab, x: lab.ca.resolve(len(x), issue=True, caller=x),
    "revoke": lambda lab, x: lab.ca.revoke(lab.ca.certificate, caller=x, reason=len(x)),
    "profile": lambda lab, x: lab.add_profile(mimica.ProfileSpec(x, source=x, assign=[x])),
    "profile name": lambda lab, x: lab.add_profile(mimica.profile(mimica.pkcs_profile(x, subject=x), assign=[x])),
    "connector": lambda lab, x: lab.add_connector(x, version=x),
    "registry": lambda lab, x: lab.connector().set_registry(x, x, type=x, path=x),
    "restart": lambda lab, x: lab.connector().restart(x or "x"),
    "upgrade": lambda lab, x: lab.connector().upgrade(x),
    "deliver": lambda lab, x: lab.deliver(x, x),
    "renew": lambda lab, x: lab.renew(x, "LAPTOP-01"),
    "check_in": lambda lab, x: lab.device(x).check_in(),
    "certificates": lambda lab, x: lab.device(x).certificates,
    "pfx": lambda lab, x: lab.device(x).pfx,
    "trust": lambda lab, x: lab.device(x).trust(),
    "enroll": lambda lab, x: lab.enroll(x, x, subject=x, sans=[x], attributes={x: x}),
    "enroll subject": lambda lab, x: lab.enroll("jane", "IntuneUser", subject=x, sans=[f"upn={x}", f"sid={x}"]),
    "enroll request": lambda lab, x: lab.enroll("jane", "User", request=x),
    "enroll key": lambda lab, x: lab.enroll("jane", "User", key=x),
    "logon": lambda lab, x: lab.kdc.logon(lab.ca.certificate, x),
    "logon on device": lambda lab, x: lab.device(x).logon(x, profile=x, which=x),
    "clock": lambda lab, x: lab.clock.set(x),
    "certificate": lambda lab, x: mimica.Certificate.parse(x),
    "explain": lambda lab, x: lab.ca.explain(-len(x)),
    "trace": lambda lab, x: lab.ca.request_trace(2**63 - 1 - len(x)),
}


@pytest.mark.mimica(directory="in_process")
@pytest.mark.parametrize("name", CALLS)
def test_hostile_strings(lab: mimica.Lab, name: str) -> None:
    lab.add_device("LAPTOP-01", user=lab.add_user("jane"))
    for text in STRINGS:
        try:
            CALLS[name](lab, text)
        except mimica.Fault as fault:
            assert fault.what
    assert lab.enroll("jane", "User"), "the lab lives on"


@pytest.mark.parametrize("arguments", [
    {"domain": ""}, {"domain": "x" * 5000}, {"domain": ".."}, {"domain": "a\x00b"}, {"netbios_name": "x" * 500},
    {"users": ["jane", "jane"]}, {"users": [""]}, {"http_port": -1}, {"http_port": 10**6}, {"ldap_port": 70000},
    {"state_directory": "/proc/no/such/folder"}, {"ca": mimica.CaSpec(name="")}, {"ca": mimica.CaSpec(host="elsewhere.org")},
    {"ca": mimica.CaSpec(edit_flags=["EDITF_WHAT"])}, {"ca": mimica.CaSpec(disable_extensions=["1.2.what"])},
    {"ca": mimica.CaSpec(validity=-1)}, {"devices": [mimica.DeviceSpec("D", user="nobody")]},
    {"templates": [mimica.template("T", duplicate="NoSuchTemplate")]}, {"ca_removed": ["nobody"]},
    {"ca_rights": [mimica.CaRight("nobody", ["request"])]}, {"profiles": [mimica.ProfileSpec("{}")]},
], ids=lambda arguments: next(iter(arguments)))  # fmt: skip
def test_hostile_labs(arguments: dict[str, object]) -> None:
    try:
        mimica.Lab(**{"directory": "in_process", **arguments}).close()  # type: ignore[arg-type]
    except mimica.Fault as fault:
        assert fault.what


def test_a_lab_that_is_never_closed_does_not_hold_up_the_interpreter() -> None:
    script = """
        import mimica, threading
        lab = mimica.Lab()
        lab.add_user("jane")
        mimica.Lab(directory="in_process")
        threading.Thread(target=lab.enroll, args=("jane", "User")).start()
        print("done")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_taken_ports_are_faults(lab: mimica.Lab) -> None:
    for name in ("http", "ldap"):
        port = int(lab.endpoints[name].url.rstrip("/").rsplit(":", 1)[1])
        with pytest.raises(mimica.Fault, match=str(port)):
            mimica.Lab(**{f"{name}_port": port})  # type: ignore[arg-type]
