#!/usr/bin/env python3
"""Checks that what docs/divergences.md names in backticks exists in the program.

- files, folders and the targets of links exist in the tree;
- rule ids stand in docs/rules.md;
- scenario keys (`key: value`) and the switches of a table whose heading names a scenario key are keys of scenarios/schema.json;
- commands (`mimica ...`, `certutil -verb`) are commands that the program has;
- HRESULTs of the certificate services (0x8009...., 0x800B....) are codes of docs/errors.md, in backticks or not;
- a filter of a test program names a suite of that folder;
- every other name (switch, registry value, flag, type, option) is a word of the sources.
"""
from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Iterator

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("core", "net", "ldap", "templates", "ca", "kdc", "connector", "audit", "harness", "python")
SOURCES = (".cc", ".h", ".def", ".py", ".txt")
RULE = re.compile(r"[a-z_]+(\.[a-z0-9_]+){2,}")
FILE = re.compile(r"[\w./-]+/[\w.-]*|[\w-]+\.(md|json|yaml|cc|h|py)")
SUITE = re.compile(r"(\w+)_test --gtest_filter=(\w+)\.\*")
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,}")


def sources(root: Path, tests: bool) -> Iterator[str]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SOURCES and ("_test." in path.name) == tests:
                yield path.read_text("utf-8", "replace")


def keys_of(schema: object) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(keys_of, schema))
    if not isinstance(schema, dict):
        return set()
    own = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
    return own.union(*map(keys_of, schema.values()))


class Program:
    """What the program has that a document may name."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.rules = set(re.findall(r"`([a-z0-9_.]+)`", (root / "docs/rules.md").read_text("utf-8")))
        self.keys = keys_of(json.loads((root / "scenarios/schema.json").read_text("utf-8")))
        text = "\n".join(sources(root, tests=False))
        self.words = set(WORD.findall(text))
        self.environment = set(re.findall(r"MIMICA_[A-Z_]+", "\n".join(sources(root, tests=True))))  # what tests ask for
        self.folded = {word.lower() for word in self.words}  # verbs of certutil, whose case does not matter
        self.codes = set(re.findall(r"0x[0-9A-F]{8}", (root / "docs/errors.md").read_text("utf-8")))
        self.commands = set(re.findall(r'add_subcommand\(\s*"([a-z0-9]+)"', text))

    def fault(self, token: str, in_switches_of_scenario: bool) -> str | None:
        """What is wrong with a token; None when all of it exists."""
        if FILE.fullmatch(token):
            return None if (self.root / token).exists() else "no such file"
        if RULE.fullmatch(token):
            return None if token in self.rules else "no such rule"
        if in_switches_of_scenario:
            return None if token in self.keys else "no such key of a scenario"
        if key := re.match(r"([a-z_]+): ", token):
            if key.group(1) not in self.keys:
                return "no such key of a scenario"
        if token.startswith("mimica "):
            missing = [word for word in token.split()[1:] if not word.startswith("-") and word not in self.commands]
            return f"no command '{missing[0]}'" if missing else None
        if suite := SUITE.fullmatch(token):
            folder, name = suite.groups()
            tests = (path.read_text("utf-8") for path in (self.root / folder).rglob("*_test.cc"))
            here = any(re.search(rf"^TEST(_F|_P)?\({name}, ", test, re.M) for test in tests)
            return None if here else f"the folder '{folder}' has no such suite"
        verb = token.startswith(("-", "certutil "))
        for word in WORD.findall(token):
            if word not in self.words | self.environment and not (verb and word.lower() in self.folded):
                return f"the sources have no '{word}'"
        return None


def check(document: str, program: Program) -> list[str]:
    """'line: `token`: what is wrong' for everything that the document names and the program has not."""
    faults: list[str] = []
    scenario_table = switch_column = fenced = False
    for number, line in enumerate(document.splitlines(), 1):
        if line.startswith("```"):
            fenced = not fenced
        if line.startswith("#"):
            scenario_table, switch_column = "scenario key" in line, False
        if fenced:
            continue
        cells = re.split(r"(?<!\\)\|", line.strip().strip("|")) if line.startswith("|") else [line]
        if line.startswith("|") and "Switch" in cells[-1]:
            switch_column = True
        if not line.startswith("|"):
            switch_column = False
        for index, cell in enumerate(cells):
            strict = scenario_table and switch_column and index == len(cells) - 1
            for token in re.findall(r"`([^`]+)`", cell):
                if wrong := program.fault(token, strict):
                    faults.append(f"{number}: `{token}`: {wrong}")
        for code in re.findall(r"0x800[9B][0-9A-F]{4}", line):
            if code not in program.codes:
                faults.append(f"{number}: {code}: no such code")
        for target in re.findall(r"\]\(([^)#:]+)\)", line):
            if not (program.root / "docs" / target).exists():
                faults.append(f"{number}: ({target}): no such file")
    return faults


def main() -> int:
    path = Path("docs/divergences.md")
    faults = check((ROOT / path).read_text("utf-8"), Program(ROOT))
    for fault in faults:
        print(f"{path}:{fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
