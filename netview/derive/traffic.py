"""How much goes through the host, each byte counted once, and one sentence about it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from netview.derive.pair import ends, into_and_out, total, wire_flow
from netview.derive.rates import UNKNOWN
from netview.model import LinkKey, LinkRates, Snapshot
from netview.text import UNKNOWN as UNKNOWN_NAME
from netview.text import Units, safe, throughput

# A bridge counts what it hands up to its own host without the Ethernet header, and what it sends with it.
_ETHERNET_HEADER = 14
# Below this share of the uplink's traffic the containers are not what the sentence is about.
_MINOR = 0.5


@dataclass(frozen=True, slots=True)
class Busiest:
    """One direction of one wire, or of an uplink."""

    key: LinkKey
    """Its inner end, where that is known."""
    place: str
    """Whose it is: a container's label, or the uplink's name; raw."""
    via: str | None
    """The bridge, else the outer end's name; raw. None for an uplink."""
    into: bool
    """Into the container, or received by the host."""
    bytes_per_s: float


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes per second by where they go; the parts are apart and are never added up. None: not measured yet."""

    wires: float | None
    """Carried by bridges and by wires that pass no bridge: every frame once, where it enters."""
    east_west: float | None
    """The part of `wires` that neither came from nor went to the bridges' own hosts; unknown where an uplink is a port."""
    uplink_received: float | None
    uplink_sent: float | None
    loopback: float | None
    """Through every namespace's lo: what it receives is what it sent."""
    busiest: Busiest | None
    """The busiest direction of the greater of wires and uplinks; None where nothing moves."""


class _Wire(NamedTuple):
    """A wire, once, and what goes through it."""

    key: LinkKey
    inner: LinkKey | None
    outer: LinkKey | None
    bridge: LinkKey | None
    into: float | None
    out: float | None


def traffic(snapshot: Snapshot) -> Traffic:
    """The totals of one moment."""
    uplinks = uplinks_of(snapshot)
    wires = [wire for wire in _wires(snapshot) if not {wire.inner, wire.outer} & set(uplinks)]
    switched = [_switched(snapshot, bridge, uplinks) for bridge in snapshot.ports if _is_bridge(snapshot, bridge)]
    direct = [wire for wire in wires if wire.bridge is None]
    quiet = 0.0 if any(_rates(snapshot, key).rx_bytes is not None for key in snapshot.peers) else None
    carried = total([quiet, *(entered for entered, _ in switched), *(total((wire.into, wire.out)) for wire in direct)])
    mixed = any(entered is not None and stayed is None for entered, stayed in switched)
    among = [total((wire.into, wire.out)) for wire in direct if _between_containers(snapshot, wire)]
    received = total([_rates(snapshot, key).rx_bytes for key in uplinks])
    sent = total([_rates(snapshot, key).tx_bytes for key in uplinks])
    outside = [_Wire(key, key, None, None, _rates(snapshot, key).rx_bytes, _rates(snapshot, key).tx_bytes) for key in uplinks]
    minor = (carried or 0.0) < (total((received, sent)) or 0.0) * _MINOR
    return Traffic(
        wires=carried,
        east_west=None if mixed else total([quiet, *(stayed for _, stayed in switched), *among]),
        uplink_received=received,
        uplink_sent=sent,
        loopback=total([_rates(snapshot, key).rx_bytes for key in _loopbacks(snapshot)]),
        busiest=_busiest(snapshot, outside if minor else wires),
    )


def sentence(snapshot: Snapshot, units: Units = "bit") -> str:
    """One line that is safe to show, such as "8.1 Mbit/s now · 94 % is nginx-1 ↓ via docker0"."""
    now = traffic(snapshot)
    if now.wires is None and now.uplink_received is None:
        return "measuring…"
    top = now.busiest
    if top is None:
        return "no traffic now"
    outside = total((now.uplink_received, now.uplink_sent))
    everything = max((outside if top.via is None else now.wires) or 0.0, top.bytes_per_s)
    percent = 100 * top.bytes_per_s / everything
    share = "less than 1 %" if percent < 1 else f"{percent:.0f} %"
    whose = f"{safe(top.place)} {'↓' if top.into else '↑'}"
    where = ", the uplink" if top.via is None else f" via {safe(top.via)}"
    return f"{throughput(everything, units)} now · {share} is {whose}{where}"


def uplinks_of(snapshot: Snapshot) -> tuple[LinkKey, ...]:
    """Home's hardware; without any, the links of its default routes."""
    home = snapshot.namespaces.get(snapshot.home)
    if home is None:
        return ()
    hardware = [ifindex for ifindex, link in home.links.items() if link.kind == "device"]
    routed = {route.oif for route in home.tables.routes if route.dst == "default"}
    return tuple(LinkKey(home.id, ifindex) for ifindex in hardware or [known for known in home.links if known in routed])


def _wires(snapshot: Snapshot) -> Iterator[_Wire]:
    """Every wire that is not quiet, once."""
    for key, ref in snapshot.peers.items():
        far = ref.key
        if far is not None and far < key and far in snapshot.peers:
            continue  # It came by its other end.
        if _is_quiet(snapshot, key) and (far is None or _is_quiet(snapshot, far)):
            continue
        inner, outer = ends(snapshot, key)
        master = None if outer is None else snapshot.master_of(outer)
        bridge = master if master is not None and _is_bridge(snapshot, master) else None
        through = wire_flow(snapshot, inner, outer)
        into, out = into_and_out(_rates(snapshot, through.links[0]), swapped=through.swapped)
        yield _Wire(inner or key, inner, outer, bridge, into, out)


def _is_quiet(snapshot: Snapshot, key: LinkKey) -> bool:
    rates = snapshot.rates.get(key)
    return rates is None or not (rates.rx_bytes or rates.tx_bytes)


def _is_bridge(snapshot: Snapshot, key: LinkKey) -> bool:
    link = snapshot.link(key)
    return link is not None and link.kind == "bridge"


def _switched(snapshot: Snapshot, bridge: LinkKey, uplinks: tuple[LinkKey, ...]) -> tuple[float | None, float | None]:
    """What entered a bridge, from its ports and from its own host, and the part that stayed among the ports."""
    ports = snapshot.ports_of(bridge)
    entered = total([_rates(snapshot, port).rx_bytes for port in ports])
    own = _rates(snapshot, bridge)
    if entered is None or own.rx_bytes is None or own.rx_packets is None or own.tx_bytes is None:
        return entered, None
    handed_up = own.rx_bytes + _ETHERNET_HEADER * own.rx_packets
    stayed = None if any(port in uplinks for port in ports) else max(0.0, entered - handed_up)
    return entered + own.tx_bytes, stayed


def _between_containers(snapshot: Snapshot, wire: _Wire) -> bool:
    return all(end is not None and end.namespace != snapshot.home for end in (wire.inner, wire.outer))


def _rates(snapshot: Snapshot, key: LinkKey) -> LinkRates:
    return snapshot.rates.get(key, UNKNOWN)


def _loopbacks(snapshot: Snapshot) -> Iterator[LinkKey]:
    for namespace in snapshot.namespaces.values():
        for ifindex, link in namespace.links.items():
            if link.kind == "loopback":
                yield LinkKey(namespace.id, ifindex)


def _busiest(snapshot: Snapshot, wires: Iterable[_Wire]) -> Busiest | None:
    directions = [(value, into, wire) for wire in wires for value, into in ((wire.into, True), (wire.out, False)) if value]
    if not directions:
        return None
    value, into, wire = max(directions, key=lambda direction: direction[0])
    namespace = None if wire.inner is None else snapshot.namespaces.get(wire.inner.namespace)
    place = UNKNOWN_NAME if namespace is None else namespace.label
    if wire.outer is None and snapshot.peer(wire.key) is None:
        link = snapshot.link(wire.key)
        return Busiest(wire.key, UNKNOWN_NAME if link is None else link.name, None, into, value)
    through = snapshot.link(wire.bridge or wire.outer or wire.key)
    return Busiest(wire.key, place, UNKNOWN_NAME if through is None else through.name, into, value)
