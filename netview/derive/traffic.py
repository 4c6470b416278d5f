"""How much goes through the host, each byte counted once, and one sentence about it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from netview.derive.pair import ends, total
from netview.derive.rates import UNKNOWN
from netview.derive.uplinks import uplinks_of
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


class Course(NamedTuple):
    """A wire or an uplink, once."""

    key: LinkKey
    inner: LinkKey | None
    outer: LinkKey | None
    bridge: LinkKey | None


@dataclass(frozen=True, slots=True, eq=False)
class Courses:
    """Where traffic can go, which is the same as long as the topology is."""

    uplinks: tuple[LinkKey, ...]
    bridges: tuple[LinkKey, ...]
    wires: tuple[Course, ...]
    """Without those that are uplinks."""
    loopbacks: tuple[LinkKey, ...]


class _Load(NamedTuple):
    """What goes through wires or uplinks."""

    direct: float | None
    """Through those that pass no bridge; None where nothing of it is known."""
    among: float | None
    """The part of it between two containers."""
    busiest: tuple[float, bool, Course] | None
    """The greatest in one direction, and whether that is into the container."""


def courses(snapshot: Snapshot) -> Courses:
    """What the totals of a topology are made of."""
    uplinks = uplinks_of(snapshot)
    return Courses(
        uplinks,
        tuple(key for key in snapshot.ports if _is_bridge(snapshot, key)),
        tuple(course for course in _wires(snapshot) if course.inner not in uplinks and course.outer not in uplinks),
        tuple(_loopbacks(snapshot)),
    )


def traffic(snapshot: Snapshot, along: Courses | None = None) -> Traffic:
    """The totals of one moment; `along` spares finding the courses again while the topology holds."""
    along = courses(snapshot) if along is None else along
    known = snapshot.rates
    wires = _loaded(snapshot, along.wires)
    switched = [_switched(snapshot, bridge, along.uplinks) for bridge in along.bridges]
    quiet = 0.0 if any(_rates(snapshot, key).rx_bytes is not None for key in snapshot.peers) else None
    carried = total([quiet, *(entered for entered, _ in switched), wires.direct])
    mixed = any(entered is not None and stayed is None for entered, stayed in switched)
    received = total([_rates(snapshot, key).rx_bytes for key in along.uplinks])
    sent = total([_rates(snapshot, key).tx_bytes for key in along.uplinks])
    minor = (carried or 0.0) < (total((received, sent)) or 0.0) * _MINOR
    load = _loaded(snapshot, [Course(key, key, None, None) for key in along.uplinks]) if minor else wires
    return Traffic(
        wires=carried,
        east_west=None if mixed else total([quiet, *(stayed for _, stayed in switched), wires.among]),
        uplink_received=received,
        uplink_sent=sent,
        loopback=total([known[key][0] for key in along.loopbacks if key in known]),
        busiest=None if load.busiest is None else _busiest(snapshot, *load.busiest),
    )


def sentence(snapshot: Snapshot, units: Units = "bit", along: Courses | None = None) -> str:
    """One line that is safe to show, such as "8.1 Mbit/s now · 94 % is nginx-1 ↓ via docker0"."""
    now = traffic(snapshot, along)
    top = now.busiest
    if top is None:
        return "no traffic now" if any(rates.rx_bytes is not None for rates in snapshot.rates.values()) else "measuring…"
    outside = total((now.uplink_received, now.uplink_sent))
    everything = max((outside if top.via is None else now.wires) or 0.0, top.bytes_per_s)
    percent = 100 * top.bytes_per_s / everything
    share = "less than 1 %" if percent < 1 else f"{percent:.0f} %"
    whose = f"{safe(top.place)} {'↓' if top.into else '↑'}"
    where = ", the uplink" if top.via is None else f" via {safe(top.via)}"
    return f"{throughput(everything, units)} now · {share} is {whose}{where}"


def _wires(snapshot: Snapshot) -> Iterator[Course]:
    """Every wire, once."""
    for key, ref in snapshot.peers.items():
        far = ref.key
        if far is not None and far < key and far in snapshot.peers:
            continue  # It came by its other end.
        inner, outer = ends(snapshot, key)
        master = None if outer is None else snapshot.master_of(outer)
        bridge = master if master is not None and _is_bridge(snapshot, master) else None
        yield Course(inner or key, inner, outer, bridge)


def _loaded(snapshot: Snapshot, wires: Iterable[Course]) -> _Load:
    """What goes through them, each by its inner end's own counters, else by its outer end's."""
    known, counters = snapshot.rates, snapshot.counters
    direct: list[float | None] = []
    among: list[float | None] = []
    most, found = 0.0, None
    # Thousands a beat: a call for each would be most of what it takes.
    for course in wires:
        rates, swapped = None if course.inner is None else known.get(course.inner), False
        if rates is None and course.outer is not None and course.inner not in counters:
            rates, swapped = known.get(course.outer), True
        if rates is None:
            continue
        rx, tx = rates[0], rates[1]
        if course.bridge is None:
            direct += (rx, tx)
            if _between_containers(snapshot, course):
                among += (rx, tx)
        if rx is not None and rx > most:
            most, found = rx, (not swapped, course)
        if tx is not None and tx > most:
            most, found = tx, (swapped, course)
    return _Load(total(direct), total(among), None if found is None else (most, *found))


def _is_bridge(snapshot: Snapshot, key: LinkKey) -> bool:
    link = snapshot.link(key)
    return link is not None and link.kind == "bridge"


def _switched(snapshot: Snapshot, bridge: LinkKey, uplinks: tuple[LinkKey, ...]) -> tuple[float | None, float | None]:
    """What entered a bridge, from its ports and from its own host, and the part that stayed among the ports."""
    ports = snapshot.ports_of(bridge)
    known = snapshot.rates
    entered = total([known[port][0] for port in ports if port in known])
    own = _rates(snapshot, bridge)
    if entered is None or own.rx_bytes is None or own.rx_packets is None or own.tx_bytes is None:
        return entered, None
    handed_up = own.rx_bytes + _ETHERNET_HEADER * own.rx_packets
    stayed = None if not frozenset(uplinks).isdisjoint(ports) else max(0.0, entered - handed_up)
    return entered + own.tx_bytes, stayed


def _between_containers(snapshot: Snapshot, course: Course) -> bool:
    return all(end is not None and end.namespace != snapshot.home for end in (course.inner, course.outer))


def _rates(snapshot: Snapshot, key: LinkKey) -> LinkRates:
    return snapshot.rates.get(key, UNKNOWN)


def _loopbacks(snapshot: Snapshot) -> Iterator[LinkKey]:
    for namespace in snapshot.namespaces.values():
        for ifindex, link in namespace.links.items():
            if link.kind == "loopback":
                yield LinkKey(namespace.id, ifindex)


def _busiest(snapshot: Snapshot, value: float, into: bool, course: Course) -> Busiest:
    namespace = None if course.inner is None else snapshot.namespaces.get(course.inner.namespace)
    place = UNKNOWN_NAME if namespace is None else namespace.label
    if course.outer is None and snapshot.peer(course.key) is None:
        link = snapshot.link(course.key)
        return Busiest(course.key, UNKNOWN_NAME if link is None else link.name, None, into, value)
    through = snapshot.link(course.bridge or course.outer or course.key)
    return Busiest(course.key, place, UNKNOWN_NAME if through is None else through.name, into, value)
