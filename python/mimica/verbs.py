"""The verbs of scenarios as operations of a lab: `lab.run("deliver", profile="Intune User", to="LAPTOP-01")`."""
from __future__ import annotations

import datetime as dt
import json
from typing import Literal, Mapping

#: The keys of mimica.operations(), for editors and type checkers.
Verb = Literal[
    "deliver",
    "renew",
    "check_in",
    "enroll",
    "logon",
    "clock",
    "registry",
    "kdc",
    "restart",
    "upgrade",
    "template",
    "ca",
    "publication",
    "revoke",
    "resolve",
    "trust",
    "add",
    "map",
    "set_attribute",
    "delete",
    "lint",
    "check",
]


def _plain(value: object) -> str:
    """Values that JSON does not know, as scenarios write them."""
    if isinstance(value, dt.datetime):
        utc = value if value.tzinfo is None else value.astimezone(dt.timezone.utc)
        return utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, dt.timedelta):
        return f"{int(value.total_seconds())} s"
    return str(value)  # accounts, devices, connectors, dates and paths


def fields_json(fields: Mapping[str, object]) -> str:
    """The fields of an operation as the engine reads them; a trailing "_" is not part of a name (as_)."""
    return json.dumps({key.removesuffix("_"): value for key, value in fields.items()}, default=_plain, ensure_ascii=False)
