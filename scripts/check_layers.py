#!/usr/bin/python3
"""Checks the layering of docs/architecture.md in sources and build files.

* A folder includes only headers of the folders it may use.
* Only files below an io/ folder (and harness/cli, fuzz, python) touch the outside world: sockets, files, threads, real
  clocks, LDAP and SQLite client libraries.
* Every folder's link line names only folders it may use.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

MAY_USE = {
    "core": set(),
    "ldap": {"core"},
    "templates": {"core", "ldap"},
    "ca": {"core", "ldap", "templates"},
    "kdc": {"core", "ldap"},
    "connector": {"core", "ldap"},
    "harness": {"core", "ldap", "templates", "ca", "kdc", "connector"},
    "python": {"core", "ldap", "templates", "ca", "kdc", "connector", "harness"},
    "fuzz": {"core", "ldap", "templates", "ca", "kdc", "connector", "harness"},
}
OUTSIDE = re.compile(
    r"^(boost/asio|boost/beast|ldap\.h|lber\.h|sqlite3\.h|fstream|thread|filesystem|sys/|unistd\.h|netinet|arpa/|dirent\.h"
    r"|fcntl\.h|signal\.h|csignal|krb5|gssapi)"
)
CLOCKS = re.compile(r"\b(system_clock|steady_clock|high_resolution_clock)\b|(?<![\w.>:])(time|gettimeofday|clock_gettime)\s*\(\s*(NULL|nullptr|0|&|CLOCK)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def is_test(path: pathlib.Path) -> bool:
    """Tests, benchmarks and the headers they share (test_*.h, *_testing.h, *_test.h)."""
    return path.stem.endswith(("_test", "_bench", "_testing")) or path.stem.startswith("test_") and path.suffix == ".h"


def is_outside_allowed(path: pathlib.Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return "io" in parts or parts[0] in {"fuzz", "python"} or parts[:2] == ("harness", "cli") or is_test(path)


def main() -> int:
    problems: list[str] = []
    for folder, allowed in MAY_USE.items():
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in {".cc", ".h"}:
                continue
            is_io = "io" in path.relative_to(ROOT).parts
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                where = f"{path.relative_to(ROOT)}:{number}"
                found = INCLUDE.match(line)
                if found:
                    header = found.group(2)
                    top = header.split("/")[0]
                    if found.group(1) == '"' and top in MAY_USE and top != folder and top not in allowed:
                        problems.append(f"{where}: {folder} must not use {top} ({header})")
                    if OUTSIDE.match(header) and not is_outside_allowed(path):
                        problems.append(f"{where}: <{header}> belongs below an io/ folder")
                    if "/io/" in f"/{header}" and found.group(1) == '"' and not is_io and not is_test(path) and folder not in {"harness", "python", "fuzz"}:
                        problems.append(f"{where}: a pure file must not include {header}")
                elif not is_outside_allowed(path) and CLOCKS.search(line.split("//")[0]):
                    problems.append(f"{where}: reads a real clock outside io/")
        build_file = ROOT / folder / "CMakeLists.txt"
        if build_file.exists() and folder not in {"fuzz", "python", "harness"}:
            text = build_file.read_text(encoding="utf-8")
            arguments = re.search(r"DEPS(.*?)(TEST_DEPS|\)|$)", text, re.S)
            for used in re.findall(r"mimica_([a-z]+?)(?:_io)?\b", arguments.group(1) if arguments else ""):
                if used in MAY_USE and used != folder and used not in allowed:
                    problems.append(f"{folder}/CMakeLists.txt: {folder} must not link {used}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
