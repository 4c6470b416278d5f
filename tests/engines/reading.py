"""Finding things in the JSON of a snapshot."""

import json
from collections.abc import Sequence
from typing import Any

from tests.engines.host import Host


def namespace_of(told: dict[str, Any], name: str) -> dict[str, Any]:
    """The one namespace with an owner of this name."""
    (found,) = (n for n in told["namespaces"] if name in [owner["name"] for owner in n["owners"]])
    return dict(found)


def home_of(told: dict[str, Any]) -> dict[str, Any]:
    """The namespace that netview was started in."""
    (home,) = (n for n in told["namespaces"] if n["home"])
    return dict(home)


def link(namespace: dict[str, Any], **wanted: object) -> dict[str, Any]:
    """The one link with these attributes."""
    (found,) = (row for row in namespace["links"] if all(row[key] == value for key, value in wanted.items()))
    return dict(found)


def heard(lab: Host, argv: Sequence[str], id_: str, *, name: str | None) -> dict[str, Any]:
    """What a snapshot prints once it tells of a container, by its name: a busy machine's engines take longer than it waits."""
    told: dict[str, Any] = {}
    for _ in range(5):
        told = json.loads(lab.command(*argv))
        names = {owner["id"]: owner["name"] for namespace in told["namespaces"] for owner in namespace["owners"]}
        if names.get(id_) is not None and name in (None, names[id_]):
            break
    return told
