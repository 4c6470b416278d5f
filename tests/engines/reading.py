"""Finding things in the JSON of a snapshot."""

from typing import Any


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
