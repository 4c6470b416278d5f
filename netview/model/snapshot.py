"""One resolved moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from netview.model.host_facts import HostFacts
from netview.model.ids import LinkKey, LinkRef, NamespaceId
from netview.model.link import Hardware, Link
from netview.model.namespace import Namespace
from netview.model.sample import Notice
from netview.model.socket import Sockets
from netview.model.stats import LinkRates, LinkStats


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Every namespace, link and wire of one moment; relations are keys, never pointers."""

    taken_at: float
    """Seconds since the epoch, UTC."""
    kernel: str
    hostname: str
    user: str
    home: NamespaceId
    namespaces: Mapping[NamespaceId, Namespace]
    """Home first, then by label."""
    counters: Mapping[LinkKey, LinkStats]
    rates: Mapping[LinkKey, LinkRates]
    """Absent for a link seen for the first time."""
    peers: Mapping[LinkKey, LinkRef]
    """Of veth and netkit; a peer whose namespace cannot be seen has namespace None."""
    lowers: Mapping[LinkKey, LinkRef]
    """Of macvlan, ipvlan, vlan and tunnels."""
    ports: Mapping[LinkKey, tuple[LinkKey, ...]]
    """Of every master (bridge, bond, vrf, …), in the order of the ports' ifindex."""
    hardware: Mapping[int, Hardware]
    """By ifindex of the home namespace."""
    notices: tuple[Notice, ...] = ()
    sockets: Mapping[NamespaceId, Sockets] = field(default_factory=dict)
    """Only where they were asked for."""
    mirrored: Mapping[LinkKey, float] = field(default_factory=dict)
    """Links whose bytes and packets are their peer's, swapped, and when their own errors and drops were read (monotonic)."""
    heard: frozenset[str] = frozenset()
    """The engines that the owners are known from."""
    facts: Mapping[int, HostFacts] = field(default_factory=dict)
    """What processes see as their host, by pid; only where it was asked for."""

    def link(self, key: LinkKey) -> Link | None:
        """The link itself, or None once it is gone."""
        namespace = self.namespaces.get(key.namespace)
        return None if namespace is None else namespace.links.get(key.ifindex)

    def peer(self, key: LinkKey) -> LinkRef | None:
        """The other end of a veth or netkit; None: it has none."""
        return self.peers.get(key)

    def ports_of(self, key: LinkKey) -> tuple[LinkKey, ...]:
        """The links whose master it is."""
        return self.ports.get(key, ())

    def master_of(self, key: LinkKey) -> LinkKey | None:
        """The bridge or other master it is plugged into."""
        link = self.link(key)
        return None if link is None or link.master is None else LinkKey(key.namespace, link.master)
