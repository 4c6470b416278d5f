"""A host that does not pass on what its containers send."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of, setting
from netview.derive.doctor.probes import Behind, behind, known_link, way_out
from netview.derive.path.questions import AskSettings
from netview.model import Family, LinkKey, Namespace, Snapshot

_WHOLE = {Family.INET: "ipv4/ip_forward", Family.INET6: "ipv6/conf/all/forwarding"}


class _Served(NamedTuple):
    """A bridge that is a gateway, and one container behind it."""

    one: Behind
    names: tuple[str, ...]
    """The settings that decide whether its namespace forwards what comes from the bridge, and what comes back."""
    force: str | None
    """What overrules them."""

    @property
    def question(self) -> AskSettings:
        """All of them."""
        return AskSettings(self.one.bridge.namespace, (*self.names, *(() if self.force is None else (self.force,))))


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Where a container's gateway is a bridge whose namespace has routes that lead further, and forwards nothing."""
    for served in _served(snapshot):
        host = served.one.bridge.namespace
        values = {name: setting(answers, served.question, name) for name in served.question.names}
        words = next((value for value in values.values() if isinstance(value, str)), None)
        if words is not None:
            yield check.unknown(f"{name_of(snapshot, host)}: {words}")
            continue
        off = _off(served, {name: value for name, value in values.items() if isinstance(value, int)})
        if off is None or (served.force is not None and values[served.force]):
            continue
        dotted = f"net.{off.replace('/', '.')}"
        whole = off in _WHOLE.values()
        yield check.finding(
            host if whole else served.one.bridge,
            snapshot,
            severity="error",
            confidence="certain",
            message=f"{name_of(snapshot, host)} is the gateway of {name_of(snapshot, served.one.end.namespace)}"
            f" ({served.one.gateway}) and does not forward: {dotted} is 0, so "
            + (
                "containers reach nothing beyond their bridge" if whole else "packets of containers, or answers to them, end here"
            ),
            evidence=evidence(setting=dotted, value=0, gateway=served.one.gateway),
            command=["sysctl", dotted],
            remedy=f"sysctl -w {dotted}=1, and keep it in /etc/sysctl.d",
        )


def _off(served: _Served, values: Mapping[str, int]) -> str | None:
    """What is to be set; a link's own value counts, and the whole namespace's sets those of all links."""
    whole, *links = served.names
    decisive = [name for name in links if name in values] or [whole]
    off = next((name for name in decisive if values.get(name) == 0), None)
    return whole if off is not None and values.get(whole) == 0 else off


@lru_cache(maxsize=1)
def _served(snapshot: Snapshot) -> tuple[_Served, ...]:
    return tuple(_each(snapshot))


def _each(snapshot: Snapshot) -> Iterator[_Served]:
    """For each bridge and family one; where there is nowhere to forward to nothing is missed."""
    known: set[tuple[LinkKey, Family]] = set()
    for one in behind(snapshot):
        key = one.bridge, one.family
        if key in known:
            continue
        known.add(key)
        host = snapshot.namespaces[one.bridge.namespace]
        if _leads_on(host, one):
            yield _settings(host, one, known_link(snapshot, one.bridge).name)


def _settings(host: Namespace, one: Behind, bridge: str) -> _Served:
    """IPv4 goes by the link that a packet came in by; IPv6 by the namespace, unless the link overrules it (Linux 6.17)."""
    whole = _WHOLE[one.family]
    named = "/" not in bridge
    if one.family is Family.INET6:
        return _Served(one, (whole,), f"ipv6/conf/{bridge}/force_forwarding" if named else None)
    uplink = way_out(host, Family.INET)
    links = [bridge] if uplink is None else [bridge, host.links[uplink].name]
    return _Served(one, (whole, *(f"ipv4/conf/{name}/forwarding" for name in links if "/" not in name)), None)


def _leads_on(host: Namespace, one: Behind) -> bool:
    return any(
        route.family is one.family
        and route.table == "main"
        and route.type == "unicast"
        and route.oif is not None
        and route.oif in host.links
        and host.links[route.oif].kind not in {"bridge", "loopback"}
        and not route.dst.startswith(("fe80:", "ff00:"))
        for route in host.tables.routes
    )


def asks(snapshot: Snapshot) -> Iterator[AskSettings]:
    """Of each bridge that is a gateway."""
    return (served.question for served in _served(snapshot))


CHECK = Check(1, "forwarding off", look, asks)
