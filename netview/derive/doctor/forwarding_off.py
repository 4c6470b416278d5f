"""A host that does not pass on what its containers send."""

from collections.abc import Iterator

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of, setting
from netview.derive.path.questions import AskSettings
from netview.model import Family, LinkKey, NamespaceId, Snapshot

_NAMES = {Family.INET: "ipv4/ip_forward", Family.INET6: "ipv6/conf/all/forwarding"}


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Where a container's gateway is an address of a namespace that has a default route of its own, and forwards nothing."""
    for namespace, served in _gateways(snapshot).items():
        for family, (container, gateway) in served.items():
            value = setting(answers, AskSettings(namespace, tuple(_NAMES.values())), _NAMES[family])
            if isinstance(value, str):
                yield check.unknown(f"{name_of(snapshot, namespace)}: {value}")
            elif value == 0:
                yield check.finding(
                    namespace,
                    snapshot,
                    severity="error",
                    confidence="certain",
                    message=f"{name_of(snapshot, namespace)} is the gateway of {name_of(snapshot, container)}"
                    f" ({gateway}) and forwards"
                    f" nothing: {_NAMES[family].replace('/', '.')} is 0, so containers reach nothing beyond their bridge",
                    evidence=evidence(setting=f"net.{_NAMES[family].replace('/', '.')}", value=0, gateway=gateway),
                    command=["sysctl", f"net.{_NAMES[family].replace('/', '.')}"],
                    remedy=f"sysctl -w net.{_NAMES[family].replace('/', '.')}=1, and keep it in /etc/sysctl.d",
                )


def asks(snapshot: Snapshot) -> Iterator[AskSettings]:
    """Of each namespace that is a gateway."""
    return (AskSettings(namespace, tuple(_NAMES.values())) for namespace in _gateways(snapshot))


def _gateways(snapshot: Snapshot) -> dict[NamespaceId, dict[Family, tuple[NamespaceId, str]]]:
    """By namespace and family one container that has it as its gateway; only those that could pass something on."""
    bridged: set[tuple[NamespaceId, str]] = set()
    for namespace in snapshot.namespaces.values():
        mains = [route for route in namespace.tables.routes if route.dst == "default" and route.table == "main"]
        for address in namespace.tables.addresses if mains else ():
            link = namespace.links.get(address.ifindex)
            leads = any(route.family is address.family and route.oif != address.ifindex for route in mains)
            if link is not None and link.kind == "bridge" and leads:
                bridged.add((namespace.id, address.address))
    found: dict[NamespaceId, dict[Family, tuple[NamespaceId, str]]] = {}
    for namespace in snapshot.namespaces.values() if bridged else ():
        for route in namespace.tables.routes:
            if route.dst != "default" or route.gateway is None or route.oif is None:
                continue
            through = snapshot.peer(LinkKey(namespace.id, route.oif))
            host = None if through is None else through.namespace
            if host is not None and host != namespace.id and (host, route.gateway) in bridged:
                found.setdefault(host, {}).setdefault(route.family, (namespace.id, route.gateway))
    return found


CHECK = Check(1, "forwarding off", look, asks)
