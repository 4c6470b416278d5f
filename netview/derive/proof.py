"""The command by which anybody sees the same with the usual tools, as root in the namespace that netview was started in."""

import shlex
from collections.abc import Iterable

from netview.model import (
    Address,
    Family,
    FdbEntry,
    Link,
    LinkKey,
    Namespace,
    NamespaceId,
    Neighbour,
    Process,
    Route,
    Rule,
    Snapshot,
)
from netview.text import safe

Provable = Address | Route | Rule | Neighbour | FdbEntry | Process | None


def proof(snapshot: Snapshot, namespace: NamespaceId, link: LinkKey | None, fact: Provable = None) -> str | None:
    """One shell line that proves a fact of a namespace, else a link of it, else the namespace; None: nothing leads there.

    What a name would do to a shell or to a terminal it does not do: it is quoted, and where it is not plain text its number
    stands for it.
    """
    return inside(snapshot, namespace, _command(snapshot, link, fact))


def inside(snapshot: Snapshot, namespace: NamespaceId, argv: Iterable[str]) -> str | None:
    """A command as one shell line that runs it in a namespace; None: nothing leads there."""
    known = snapshot.namespaces.get(namespace)
    way = None if known is None else _inside(known)
    return None if way is None else shlex.join([*way, *argv])


def _inside(namespace: Namespace) -> list[str] | None:
    """What enters a namespace, the way that lasts the longest first; home is where the shell is."""
    if namespace.home:
        return []
    ways = (*namespace.found.paths, *(f"/proc/{process.pid}/ns/net" for process in namespace.found.processes))
    way = next((path for path in ways if _is_plain(path)), None)
    return None if way is None else ["nsenter", f"--net={way}"]


def _command(snapshot: Snapshot, link: LinkKey | None, fact: Provable) -> list[str]:
    dev = [] if link is None else ["dev", device(snapshot, link)]
    if isinstance(fact, Process):
        return ["ps", "-o", "pid,comm,args", "-p", str(fact.pid)]
    if isinstance(fact, Route):
        return ["ip", *_family(fact.family), "-d", "route", "show", "table", fact.table, "exact", fact.dst]
    if isinstance(fact, Rule):
        return ["ip", *_family(fact.family), "rule", "show", "priority", str(fact.priority)]
    if isinstance(fact, Neighbour):
        return ["ip", *_family(fact.family), "-s", "neighbour", "show", "to", fact.ip, *dev, "nud", "all"]
    if isinstance(fact, FdbEntry):
        return ["bridge", "-s", "fdb", "show", *dev]
    return ["ip", "-s", "-d", "address", "show", *dev]


def _family(family: Family) -> list[str]:
    return ["-6"] if family is Family.INET6 else ["-4"]


def device(snapshot: Snapshot, key: LinkKey) -> str:
    """A link's name; `ip address` and `bridge` take "if7" for the link with that number, too."""
    link: Link | None = snapshot.link(key)
    return link.name if link is not None and _is_plain(link.name) else f"if{key.ifindex}"


def _is_plain(text: str) -> bool:
    return text.isascii() and safe(text) == text and not text.startswith("-")
