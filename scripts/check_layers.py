#!/usr/bin/python3
"""Checks the layering of docs/architecture.md in sources and build files.

* A folder includes only headers of the folders it may use, and a room only those of the rooms it may use. Files that stand
  directly in a folder are its vocabulary: every room may use them, they use no room.
* Only files below an io/ folder (and programs: harness/cli, fuzz, python) touch the outside world: sockets, files, threads,
  real clocks, LDAP and SQLite client libraries; and only they include headers of an io/ folder.
* Every source that is no test, no benchmark and no program has a header of its name, which it includes first.
* Every folder's link line names only folders it may use.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

FOLDERS = {
    "core": set(),
    "net": {"core"},
    "ldap": {"core", "net"},
    "templates": {"core", "ldap"},
    "ca": {"core", "net", "ldap", "templates"},
    "kdc": {"core", "net", "ldap"},
    "connector": {"core", "net", "ldap"},
    "audit": {"core", "net", "ldap", "templates", "ca", "kdc", "connector"},
    "harness": {"core", "net", "ldap", "templates", "ca", "kdc", "connector", "audit"},
    "python": {"core", "net", "ldap", "templates", "ca", "kdc", "connector", "audit", "harness"},
    "fuzz": {"core", "net", "ldap", "templates", "ca", "kdc", "connector", "audit", "harness"},
}
# Room -> rooms of the same folder that it may use. io/ and testing/ may use all of their folder.
ROOMS = {
    "core": {
        "base": set(),
        "windows": {"base"},
        "asn1": {"base", "windows"},
        "pki": {"base", "asn1", "windows"},
    },
    "ldap": {
        "schema": set(),
        "store": {"schema"},
        "dsa": {"store", "schema"},
        "forest": {"dsa", "store", "schema"},
        "wire": {"dsa", "store", "schema"},
    },
    "ca": {
        "publication": set(),
        "registry": {"publication"},
        "request": {"registry"},
        "policy": {"registry", "request"},
        "issue": {"policy", "publication", "registry", "request"},
        "store": {"policy", "request"},
        "revocation": {"issue", "store", "registry"},
        "views": {"revocation", "store"},
        "authority": {"issue", "policy", "publication", "registry", "request", "revocation", "store", "views"},
        "faces": {"authority", "issue", "policy", "publication", "registry", "request", "revocation", "store", "views"},
    },
    "kdc": {
        "policy": set(),
        "mapping": {"policy"},
        "pkinit": {"mapping", "policy"},
        "krb5": set(),
        "realm": {"krb5", "mapping", "pkinit", "policy"},
    },
    "connector": {
        "inventory": set(),
        "profile": {"inventory"},
        "names": {"inventory", "profile"},
        "tenant": {"inventory", "names", "profile"},
        "host": {"inventory", "names", "profile", "tenant"},
        "device": {"inventory", "names", "profile", "tenant"},
        "delivery": {"device", "host", "inventory", "names", "profile", "tenant"},
    },
    "audit": {
        "lint": set(),
        "import": {"lint"},
        "assess": {"import", "lint"},
        "fleet": {"assess", "import", "lint"},
    },
    "harness": {
        "lab": set(),
        "schema": set(),
        "operations": {"lab", "schema"},
        "scenario": {"lab", "operations", "schema"},
        "report": {"lab", "operations", "scenario"},
        "assess": {"lab", "report", "scenario"},
        "cli": {"assess", "io", "lab", "report", "scenario"},
    },
}
# Sources that need no header of their name: programs, and what krb5kdc loads by its symbol.
PROGRAMS = {("harness", "cli"), ("fuzz",), ("python",), ("kdc", "io", "krb5kdc")}
# Still open: sources that share the header of another one. Folders go from this list when they are put in order, files too.
SHARED_HEADERS_FOLDERS = {"audit", "ca", "harness"}
SHARED_HEADERS = {
    "connector/delivery/issuance.cc",
    "connector/profile/assignment_filter.cc",
    "connector/profile/profile_writer.cc",
    "connector/tenant/entra_sync.cc",
    "connector/tenant/targeting.cc",
    "core/asn1/dn.cc",
    "core/asn1/name_cert_str.cc",
    "core/pki/crl.cc",
    "core/pki/extensions.cc",
    "core/pki/pem.cc",
    "core/pki/private_key.cc",
    "core/pki/request.cc",
    "core/pki/signing.cc",
    "core/windows/access_check.cc",
    "core/windows/sddl.cc",
}
OUTSIDE = re.compile(
    r"^(boost/asio|boost/beast|ldap\.h|lber\.h|sqlite3\.h|fstream|thread|filesystem|sys/|unistd\.h|netinet|arpa/|dirent\.h"
    r"|fcntl\.h|signal\.h|csignal|krb5|gssapi)"
)
CLOCKS = re.compile(r"\b(system_clock|steady_clock|high_resolution_clock)\b|(?<![\w.>:])(time|gettimeofday|clock_gettime)\s*\(\s*(NULL|nullptr|0|&|CLOCK)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def is_test(path: pathlib.Path) -> bool:
    """Tests, benchmarks and what only they share."""
    return path.stem.endswith(("_test", "_bench")) or "testing" in path.parts


def is_outside_allowed(path: pathlib.Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return "io" in parts or parts[0] in {"fuzz", "python"} or parts[:2] == ("harness", "cli") or is_test(path)


def room_of(parts: tuple[str, ...]) -> str:
    """The room of a path below its folder; empty for what stands in the folder itself."""
    return parts[1] if len(parts) > 2 else ""


def is_root_list(path: str) -> bool:
    """The lists of a folder's rules and events gather what its rooms declare."""
    return path.endswith("/rules.cc")


def check_header(path: pathlib.Path) -> list[str]:
    """One concept, one pair: x.cc defines what x.h declares."""
    name = path.relative_to(ROOT)
    parts = name.parts
    if path.suffix != ".cc" or is_test(path) or path.stem == "main":
        return []
    if any(parts[: len(program)] == program for program in PROGRAMS):
        return []
    is_open = parts[0] in SHARED_HEADERS_FOLDERS or str(name) in SHARED_HEADERS
    if not path.with_suffix(".h").exists():
        return [] if is_open else [f"{name}: has no header of its name"]
    if str(name) in SHARED_HEADERS:
        return [f"{name}: has a header of its name now; take it off the list in scripts/check_layers.py"]
    first = next((found.group(2) for line in path.read_text(encoding="utf-8").splitlines() if (found := INCLUDE.match(line))), "")
    if is_open or first == str(name.with_suffix(".h")):
        return []
    return [f"{name}: includes {first or 'nothing'} before its own header"]


def check_file(folder: str, path: pathlib.Path) -> list[str]:
    problems = []
    parts = path.relative_to(ROOT).parts
    room = room_of(parts)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path.relative_to(ROOT)}:{number}"
        found = INCLUDE.match(line)
        if not found:
            if not is_outside_allowed(path) and CLOCKS.search(line.split("//")[0]):
                problems.append(f"{where}: reads a real clock outside io/")
            continue
        header = found.group(2)
        target = tuple(header.split("/"))
        if OUTSIDE.match(header) and not is_outside_allowed(path):
            problems.append(f"{where}: <{header}> belongs below an io/ folder")
        if found.group(1) != '"' or target[0] not in FOLDERS:
            continue
        if target[0] != folder and target[0] not in FOLDERS[folder]:
            problems.append(f"{where}: {folder} must not use {target[0]} ({header})")
        if is_test(path):
            continue
        if "testing" in target:
            problems.append(f"{where}: only tests may use {header}")
        if "io" in target[:-1] and not is_outside_allowed(path):
            problems.append(f"{where}: a pure file must not include {header}")
        other = room_of(target)
        if target[0] != folder or folder not in ROOMS or room in {other, "io"} or not other:
            continue
        if not room and is_root_list("/".join(parts)):
            continue
        if other not in ROOMS[folder].get(room, set()):
            problems.append(f"{where}: {folder}/{room or '.'} must not use {folder}/{other} ({header})")
    return problems


def check_rooms(folder: str) -> list[str]:
    """Every room is listed, and the rooms have an order."""
    problems = []
    rooms = ROOMS.get(folder, {})
    for path in (ROOT / folder).iterdir():
        if path.is_dir() and folder in ROOMS and path.name not in {"io", "testing", *rooms} and any(path.rglob("*.cc")):
            problems.append(f"{path.relative_to(ROOT)}: this room is not listed in scripts/check_layers.py")
    placed: set[str] = {"io"}
    while len(placed) - 1 < len(rooms):
        ready = {room for room, uses in rooms.items() if room not in placed and uses <= placed}
        if not ready:
            problems.append(f"{folder}: its rooms use each other in a circle: {', '.join(sorted(set(rooms) - placed))}")
            break
        placed |= ready
    return problems


def main() -> int:
    problems: list[str] = []
    for folder, allowed in FOLDERS.items():
        problems += check_rooms(folder)
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".cc", ".h"}:
                problems += check_file(folder, path) + check_header(path)
        build_file = ROOT / folder / "CMakeLists.txt"
        if build_file.exists() and folder not in {"fuzz", "python", "harness"}:
            text = build_file.read_text(encoding="utf-8")
            arguments = re.search(r"DEPS(.*?)(TEST_DEPS|\)|$)", text, re.S)
            for used in re.findall(r"mimica_([a-z]+?)(?:_io)?\b", arguments.group(1) if arguments else ""):
                if used in FOLDERS and used != folder and used not in allowed:
                    problems.append(f"{folder}/CMakeLists.txt: {folder} must not link {used}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
