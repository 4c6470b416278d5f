"""One end of a wire, or a bridge in use, that is down."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, inner_ends, name_of
from netview.derive.doctor.gist import links_of, wires
from netview.derive.proof import device
from netview.model import LinkFlag, LinkKey, Snapshot
from netview.model.enums import OperState
from netview.model.finding import Finding

_OTHERS = frozenset({"veth", "netkit", "macvlan", "macvtap", "ipvlan", "ipvtap"})
"""Which are told as the two ends of a wire, or by the check of their parents."""
_OFTEN = 4
"""Once down and once up are two."""


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Only what somebody took down, of what something else relies on: an empty bridge has no carrier, and that is no fault."""
    for key, (link, _, far) in wires(snapshot).items():
        if not link.flags & LinkFlag.UP and far.flags & LinkFlag.UP:
            yield _told(check, snapshot, key, "its wire carries nothing, though the other end is up")
    for key, link in links_of(snapshot, "bridge"):
        ports = snapshot.ports_of(key)
        if not link.flags & LinkFlag.UP and ports:
            yield _told(check, snapshot, key, f"its {len(ports)} ports reach nobody by it")
        elif (
            link.carrier is False
            and (plugged := inner_ends(snapshot, key))
            and not any(_is_told(snapshot, *one) for one in plugged)
        ):
            yield _told(check, snapshot, key, f"none of its {len(ports)} ports has a carrier")
    for key, link in links_of(snapshot):
        if link.operstate is OperState.LOWERLAYERDOWN and link.flags & LinkFlag.UP and link.kind not in _OTHERS:
            yield _told(check, snapshot, key, "what it stands on is down")
    yield from _flapping(check, snapshot, answers.before)


def _is_told(snapshot: Snapshot, port: LinkKey, end: LinkKey) -> bool:
    """Whether one end of a wire is down, and the other not."""
    link, far = snapshot.link(port), snapshot.link(end)
    return link is not None and far is not None and bool((link.flags ^ far.flags) & LinkFlag.UP)


def _flapping(check: Check, snapshot: Snapshot, before: Snapshot | None) -> Told:
    """A carrier that has gone and come again, more than once, since the look before."""
    for key, link in links_of(snapshot) if before is not None else ():
        old = before.link(key) if before is not None else None
        if old is None or old is link or old.kind != link.kind or old.address != link.address:
            continue
        times = (link.carrier_changes or 0) - (old.carrier_changes or 0)
        if times >= _OFTEN:
            yield check.finding(
                key,
                snapshot,
                severity="warning",
                confidence="likely",
                message=f"the carrier of {name_of(snapshot, key)} has changed {times} times lately: it comes and goes",
                evidence=evidence(carrier_changes=link.carrier_changes, before=old.carrier_changes),
                command=["ip", "-d", "link", "show", "dev", device(snapshot, key)],
                remedy="look at the other end, at what stands below it, and at who sets it up and down (ip monitor link)",
                by_beat=True,
            )


def _told(check: Check, snapshot: Snapshot, key: LinkKey, what: str) -> Finding:
    link = snapshot.namespaces[key.namespace].links[key.ifindex]
    return check.finding(
        key,
        snapshot,
        severity="error",
        confidence="certain",
        message=f"{name_of(snapshot, key)} is down: {what}",
        evidence=evidence(up=bool(link.flags & LinkFlag.UP), operstate=link.operstate.word, carrier=link.carrier),
        command=["ip", "-d", "link", "show", "dev", device(snapshot, key)],
        remedy="ip link set … up, on it or on what it stands on",
    )


CHECK = Check(18, "link down", look)
