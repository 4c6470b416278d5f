"""macvlan and ipvlan: what is below them, and whom they reach."""

from collections.abc import Iterator
from ipaddress import ip_interface

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import gists, links_of
from netview.derive.proof import device
from netview.model import Address, Link, LinkFlag, LinkKey, Snapshot
from netview.model.enums import OperState
from netview.model.finding import Finding

_KINDS = "macvlan", "macvtap", "ipvlan", "ipvtap"
_APART = {
    "private": "are in private mode: they do not reach each other",
    "vepa": "are in vepa mode: they reach each other only by a switch that sends frames back",
}
_DOWN = frozenset({OperState.DOWN, OperState.LOWERLAYERDOWN})


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """A parent that is down or has no carrier; links that do not reach each other, or their host, on one parent."""
    apart: dict[tuple[LinkKey, str], list[LinkKey]] = {}
    for key, link in links_of(snapshot, *_KINDS):
        lower = snapshot.lowers.get(key)
        parent = None if lower is None or lower.key is None else snapshot.link(lower.key)
        if lower is None or lower.key is None or parent is None:
            continue
        if not parent.flags & LinkFlag.UP or parent.operstate in _DOWN:
            yield _stands_on(check, snapshot, key, lower.key, parent)
        mode = _mode(link)
        if mode in _APART:
            apart.setdefault((lower.key, mode), []).append(key)
        if mode == "passthru":
            yield from _passed_over(check, snapshot, key, lower.key)
        else:
            yield from _beside(check, snapshot, key, lower.key)
    for (parent_key, mode), those in apart.items():
        if len(those) > 1:
            yield check.finding(
                parent_key,
                snapshot,
                severity="notice",
                confidence="certain",
                message=f"{len(those)} links on {name_of(snapshot, parent_key)} {_APART[mode]}",
                evidence=evidence(mode=mode, links=", ".join(name_of(snapshot, one) for one in those)),
                command=["ip", "-d", "link", "show"],
                remedy="if that is not meant: mode bridge",
            )


def _mode(link: Link) -> str:
    """A macvlan's mode; of an ipvlan what its flags say."""
    return link.macvlan.mode if link.macvlan is not None else str(dict(link.details).get("flags", "bridge"))


def _stands_on(check: Check, snapshot: Snapshot, key: LinkKey, lower: LinkKey, parent: Link) -> Finding:
    up = bool(parent.flags & LinkFlag.UP)
    return check.finding(
        key,
        snapshot,
        severity="error",
        confidence="certain",
        message=f"{name_of(snapshot, key)} stands on {name_of(snapshot, lower)}, which"
        f" {'has no carrier' if up else 'is down'}: nothing passes it",
        evidence=evidence(parent=parent.name, parent_up=up, operstate=parent.operstate.word),
        command=["ip", "-d", "link", "show", "dev", device(snapshot, key)],
        remedy="look at the parent's cable or what it stands on" if up else "ip link set … up, on the parent",
    )


def _passed_over(check: Check, snapshot: Snapshot, key: LinkKey, lower: LinkKey) -> Told:
    """It takes all that comes in by its parent."""
    own = _own(snapshot, lower)
    if own:
        yield check.finding(
            lower,
            snapshot,
            severity="notice",
            confidence="certain",
            message=f"{name_of(snapshot, key)} takes all that comes in by {name_of(snapshot, lower)} (passthru):"
            f" {own[0].address} there hears nothing",
            evidence=evidence(mode="passthru", address=own[0].address),
            command=["ip", "-d", "link", "show", "dev", device(snapshot, lower)],
            remedy="if the host is to use its link, too: mode bridge",
        )


def _beside(check: Check, snapshot: Snapshot, key: LinkKey, lower: LinkKey) -> Told:
    """A host that has an address in the same network by the parent sends there by it, and the parent gives it to no child."""
    if key.namespace == lower.namespace:
        return
    for address, other in _neighbours(snapshot, key, lower):
        yield check.finding(
            key,
            snapshot,
            severity="notice",
            confidence="certain",
            message=f"{name_of(snapshot, key.namespace)} ({address.address}) and {name_of(snapshot, lower.namespace)}"
            f" ({other.address}) do not reach each other: a macvlan or ipvlan does not talk to its parent, by design",
            evidence=evidence(address=address.address, parent=name_of(snapshot, lower), host=other.address),
            command=["ip", "-d", "link", "show", "dev", device(snapshot, key)],
            remedy="if they are to: give the host a macvlan of its own on that parent, with a route to the container by it",
        )
        return


def _neighbours(snapshot: Snapshot, key: LinkKey, lower: LinkKey) -> Iterator[tuple[Address, Address]]:
    """Addresses of both in one network."""
    for address in _own(snapshot, key):
        network = ip_interface(f"{address.address}/{address.prefixlen}").network
        for other in _own(snapshot, lower):
            if ip_interface(f"{other.address}/{other.prefixlen}").network == network:
                yield address, other


def _own(snapshot: Snapshot, key: LinkKey) -> list[Address]:
    return [one for one in gists(snapshot)[key.namespace].own if one.ifindex == key.ifindex]


CHECK = Check(33, "macvlan or ipvlan parent", look)
