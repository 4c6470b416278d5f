"""Small networks, each with something in it; what really becomes of a packet there, and what netview says becomes of it."""

import shlex
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from netview.derive.build import build
from netview.derive.capture.agreement import agreement as agreement_of
from netview.derive.capture.agreement import way_of
from netview.derive.capture.journeys import PacketJourneys
from netview.derive.capture.points import links_of
from netview.derive.path.walk import walk
from netview.derive.trace.agreement import Agreement, agreement
from netview.derive.trace.journeys import journeys
from netview.derive.trace.plan import plan
from netview.kernel.capture import Capture, Point
from netview.kernel.live_source import LiveSource
from netview.kernel.trace import Target, Trace
from netview.live import Want
from netview.live.capturing import in_order, scene, sightings
from netview.live.followed import followed
from netview.live.tracing import is_own
from netview.model import Flow, LinkKey, NamespaceId, Snapshot
from netview.model.path import Path
from tests.kernel.lab import Lab, run, wait
from tests.kernel.looking import at_home_in
from tests.kernel.path_probe import Probe, Sighting, Watch
from tests.require import missing

if TYPE_CHECKING:
    from netview.model.packet import Frame
    from netview.model.trace import Traced

Commands = Mapping[str, str]


def _inside(address: str, six: str, gateway: str, gateway6: str) -> str:
    return f"""
        link set lo up
        link set eth0 up
        addr add {address}/24 dev eth0
        addr add {six}/64 dev eth0 nodad
        route add default via {gateway}
        route add ::/0 via {gateway6}
    """


def _plugged(bridge: str, *ports: tuple[str, str]) -> str:
    lines = [
        f"link add {port} type veth peer name eth0 netns @{name}\nlink set {port} master {bridge} up\n" for port, name in ports
    ]
    # With a forward delay the kernel has a port forward in the end, whatever state it was set to.
    return f"link add {bridge} type bridge forward_delay 0\nlink set {bridge} up\n" + "".join(lines)


_HOST = "link set lo up\n" + _plugged("br0", ("v1", "c1"), ("v2", "c2"))
_HOST += "addr add 10.1.0.1/24 dev br0\naddr add 2001:db8:1::1/64 dev br0 nodad\n"
_C1 = _inside("10.1.0.2", "2001:db8:1::2", "10.1.0.1", "2001:db8:1::1")
_C2 = _inside("10.1.0.3", "2001:db8:1::3", "10.1.0.1", "2001:db8:1::1")
BRIDGED: Commands = {"host": _HOST, "c1": _C1, "c2": _C2}
"""Two containers on a bridge."""
_SECOND = _plugged("br1", ("v3", "c3")) + "addr add 10.2.0.1/24 dev br1\naddr add 2001:db8:2::1/64 dev br1 nodad\n"
ROUTED: Commands = {
    "host": _HOST + _SECOND,
    "c1": _C1,
    "c2": _C2,
    "c3": _inside("10.2.0.2", "2001:db8:2::2", "10.2.0.1", "2001:db8:2::1"),
}
"""And a third one on another bridge."""


def _underlay(number: int) -> str:
    return f"""
        link set lo up
        link set u{number} up
        addr add 192.0.2.{number}/24 dev u{number}
        link add vx0 type vxlan id 42 local 192.0.2.{number} dstport 4789 nolearning
    """ + _plugged("br0", ("v1", f"c{number}"))


OVERLAID: Commands = {
    "host1": "link add u1 type veth peer name u2 netns @host2\n" + _underlay(1) + "link set vx0 master br0 up\n",
    "host2": _underlay(2) + "link set vx0 master br0 up\n",
    "c1": "link set lo up\nlink set eth0 mtu 1450 up\naddr add 10.9.0.1/24 dev eth0\n",
    "c2": "link set lo up\nlink set eth0 mtu 1450 up\naddr add 10.9.0.2/24 dev eth0\n",
}
"""A container on each of two hosts, with a VXLAN between them."""
EVERYBODY: Commands = {
    "host1": "fdb append 00:00:00:00:00:00 dev vx0 dst 192.0.2.2",
    "host2": "fdb append 00:00:00:00:00:00 dev vx0 dst 192.0.2.1",
}
NESTED: Commands = {
    **BRIDGED,
    "host": _HOST + "route add 10.8.0.0/24 via 10.1.0.2\n",
    "c1": _C1 + _plugged("br8", ("v8", "n1")) + "addr add 10.8.0.1/24 dev br8\n",
    "n1": "link set lo up\nlink set eth0 up\naddr add 10.8.0.2/24 dev eth0\nroute add default via 10.8.0.1\n",
}
"""A container inside a container."""
STACKED: Commands = {
    "host": """
        link set lo up
        link add p0 type veth peer name s0 netns @switch
        link set p0 up
        addr add 10.5.0.1/24 dev p0
        link add mv link p0 type macvlan mode bridge
        link set mv netns @c1
        link add mv link p0 type macvlan mode bridge
        link set mv netns @c2
    """,
    "switch": "link set s0 up\naddr add 10.5.0.9/24 dev s0\n",
    "c1": "link set lo up\nlink set mv up\naddr add 10.5.0.2/24 dev mv\n",
    "c2": "link set lo up\nlink set mv up\naddr add 10.5.0.3/24 dev mv\n",
}
"""Two macvlans on one link, and what that link is wired to."""
_SETTINGS = {
    "ipv4/conf/all/forwarding": 1,
    "ipv6/conf/all/forwarding": 1,
    "ipv4/conf/all/rp_filter": 0,
    "ipv4/conf/default/rp_filter": 0,
    "ipv6/conf/default/accept_dad": 0,
}
TOOLS = ("nft", "iptables-nft", "iptables-legacy", "ip6tables-legacy", "ipset")
_TOGETHER = 12
"""Situations that one capture looks at."""
_SETTLED_S, _LONGEST_S = 0.5, 5.0


def changed(base: Commands, name: str, old: str, new: str) -> Commands:
    """A base with something else in one of its namespaces."""
    assert old in base[name]
    return {**base, name: base[name].replace(old, new)}


@dataclass(frozen=True)
class Situation:
    """One network, one packet, and what is to become of it."""

    name: str
    base: Commands
    to: str
    verdict: str
    at: str
    """Where netview has to say that it ends: "c2 eth0"."""
    seen: str | None = None
    """The last link that sees it, in truth; None: many do, or the same as `at`."""
    start: str = "c1"
    source: str = ""
    port: int = 0
    """0: an echo request, else TCP."""
    size: int = 0
    back: str = "delivered"
    back_at: str = "c1 eth0"
    mtu: int = 0
    ip: Commands = field(default_factory=dict)
    """`ip` commands after the base's."""
    ip6: Commands = field(default_factory=dict)
    """`ip -6` commands."""
    bridge: Commands = field(default_factory=dict)
    rules: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Commands of nft, iptables and the like, by namespace."""
    sysctl: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    listen: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    extra: Sequence[str] = ()
    """Further namespaces."""


class Truth(NamedTuple):
    """What became of the real packet."""

    answered: bool
    refused: bool
    seen: str
    """The last link that saw it, or that saw who asked for its next hop."""
    arrived: frozenset[str]
    """The namespaces that saw it."""


class Told(NamedTuple):
    """What netview said, with places as words."""

    path: Path
    at: str
    back_at: str


class Captured(NamedTuple):
    """What captures saw of a packet."""

    last: set[str]
    """The links that saw it last, each in its own journey."""
    agreements: list[Agreement]
    """Of it and of its replies."""


class Worlds:
    """All situations at once: one look of netview, then every packet."""

    def __init__(self, lab: Lab, situations: Sequence[Situation]) -> None:
        self._lab = lab
        self._situations = situations
        self._listening: list[socket.socket] = []
        self._now: Snapshot | None = None
        self._paths: list[Path] = []
        self._traced: list[Traced] = []
        self._armed: frozenset[NamespaceId] = frozenset()
        self.lost = 0
        """What neither traces nor captures had room for."""
        self._points: list[tuple[LinkKey, ...]] = []
        self._frames: dict[int, list[Frame]] = {number: [] for number in range(len(situations))}

    def build(self) -> None:
        """Make all of them."""
        for tool in TOOLS:
            if shutil.which(tool) is None:
                missing(f"needs the command {tool}")
        for number, situation in enumerate(self._situations):
            self._build(f"s{number}", situation)
        for number, situation in enumerate(self._situations):
            for name, lines in situation.bridge.items():
                # A port's state can be set once the kernel has noticed its carrier.
                assert wait(partial(self._bridged, f"s{number}{name}", lines)), f"{situation.name}: {lines}"

    def close(self) -> None:
        """Close what listens."""
        for one in self._listening:
            one.close()

    def told(self) -> list[Told]:
        """What netview says of each."""

        def ask() -> list[Told]:
            source = LiveSource(thorough=True)
            try:
                self._now = now = build(source.sample(Want()))
                places = {name: one.id for one in now.namespaces.values() for name in one.found.names}
                return [self._ask(now, places, source, f"s{n}", one) for n, one in enumerate(self._situations)]
            finally:
                source.close()

        told = at_home_in(self._lab, f"s0{next(iter(self._situations[0].base))}", ask)
        self._paths = [one.path for one in told]
        return told

    def truth(self) -> list[Truth]:
        """What becomes of a packet of each, all sent at once, traced and captured."""
        with self._tracing(), self._capturing():
            return self.sent()

    def agreements(self) -> list[list[Agreement]]:
        """How the traced packets of each, and their replies, compare with what was told."""
        assert self._now is not None
        found: list[list[Agreement]] = []
        for path in self._paths:
            of = set(plan(path).namespaces)
            whole = journeys([line for line in self._traced if line.namespace in of], is_own)
            judged = (agreement(self._now, one, path, self._armed) for one in whole)
            found.append([one for one in judged if one is not None])
        return found

    def captured(self) -> list[Captured]:
        """How the captured packets of each, and their replies, compare with what was told."""
        assert self._now is not None
        found: list[Captured] = []
        for number, path in enumerate(self._paths):
            points = self._points[number]
            journeys, where = PacketJourneys(), scene(self._now, points, path)
            for _, seen in sightings(in_order(self._frames[number], where.depths), where.ports):
                if seen is not None:
                    journeys.add(seen)
            judged = [(one, agreement_of(self._now, one, points, path, watched=range(len(points)))) for one in journeys.kept]
            mine = [(one, told) for one, told in judged if told is not None]
            forth = [one for one, _ in mine if way_of(one, path) is path]
            last = {self._called(f"s{number}", points[one.seen[-1].point]) for one in forth}
            found.append(Captured(last, [told for _, told in mine]))
        return found

    def _called(self, prefix: str, key: LinkKey) -> str:
        assert self._now is not None
        (name,), link = self._now.namespaces[key.namespace].found.names, self._now.link(key)
        return f"{name.removeprefix(self._lab.full(prefix))} {'-' if link is None else link.name}"

    @contextmanager
    def _capturing(self) -> Iterator[None]:
        """Capture at every link of every situation."""
        assert self._now is not None
        places = {name: one.id for one in self._now.namespaces.values() for name in one.found.names}
        for number, one in enumerate(self._situations):
            names = dict.fromkeys((one.start, *one.base, *one.extra))
            of = [places[self._lab.full(f"s{number}{name}")] for name in names]
            self._points.append(tuple(key for namespace in of for key in links_of(self._now, namespace)))
        batches = [range(first, min(first + _TOGETHER, len(self._points))) for first in range(0, len(self._points), _TOGETHER)]

        def follow(ready: threading.Event, over: threading.Event) -> None:
            captures = []
            for batch in batches:
                keys = [(number, index, key) for number in batch for index, key in enumerate(self._points[number])]
                inodes = (self._now.namespaces[key.namespace].found.inode or 0 for _, _, key in keys if self._now is not None)
                captures.append((keys, Capture([Point(key, inode) for (*_, key), inode in zip(keys, inodes, strict=True)])))
            ready.set()
            ended = False
            while not ended:
                ended = over.is_set()
                for keys, capture in captures:
                    for frame in capture.read(0.1 if ended else 0):
                        number, index, _ = keys[frame.point]
                        self._frames[number].append(frame._replace(point=index))
                time.sleep(0.02)
            for _, capture in captures:
                self.lost += sum(counted.lost for counted in capture.counts().values())
                capture.close()

        with _beside(follow):
            yield

    @contextmanager
    def _tracing(self) -> Iterator[None]:
        """Trace every flow in its own namespaces."""
        assert self._now is not None
        targets: dict[NamespaceId, Target] = {}
        for path in self._paths:
            names, matches = plan(path)
            inodes = {name: self._now.namespaces[name].found.inode for name in names}
            targets |= {name: Target(inode, matches) for name, inode in inodes.items() if inode is not None}

        def follow(ready: threading.Event, over: threading.Event) -> None:
            trace = Trace(targets)
            self._armed = trace.armed
            ready.set()
            while not over.is_set():
                self._traced += trace.read(0.1)
            self._traced += trace.read(0.1)
            self.lost += trace.lost
            trace.close()

        with _beside(follow):
            yield

    def sent(self) -> list[Truth]:
        """The same without a trace."""
        watches = [self._watch(f"s{number}", one) for number, one in enumerate(self._situations)]
        probes = [self._probe(f"s{number}", number, one) for number, one in enumerate(self._situations)]
        began = time.monotonic()
        last = began
        while time.monotonic() < min(last + _SETTLED_S, began + _LONGEST_S):
            for probe in probes:
                if not (probe.answered or probe.refused) and probe.look():
                    last = time.monotonic()
            time.sleep(0.02)
        for probe in probes:
            probe.socket.close()
        return [_truth(watch, probe, number) for number, (watch, probe) in enumerate(zip(watches, probes, strict=True))]

    def _watch(self, prefix: str, one: Situation) -> list[Watch]:
        names = dict.fromkeys((one.start, *one.base, *one.extra))
        return [at_home_in(self._lab, prefix + name, partial(Watch, name)) for name in names]

    def _probe(self, prefix: str, number: int, one: Situation) -> Probe:
        return at_home_in(self._lab, prefix + one.start, lambda: Probe(number, one.source, one.to, one.port, one.size))

    def _ask(self, now: Snapshot, places: Mapping[str, NamespaceId], source: LiveSource, prefix: str, one: Situation) -> Told:
        six = ":" in one.to
        if one.port:
            flow = Flow("tcp", one.source, one.to, port=one.port)
        else:
            flow = Flow("icmpv6" if six else "icmp", one.source, one.to, icmp_type=128 if six else 8, icmp_code=0)
        path = followed(walk(now, places[self._lab.full(prefix + one.start)], flow, size=one.size), source.answer)
        return Told(path, self._place(now, prefix, path), "" if path.back is None else self._place(now, prefix, path.back))

    def _place(self, now: Snapshot, prefix: str, path: Path) -> str:
        if path.at is None:
            return ""
        link = None if path.at.link is None else now.link(path.at.link)
        (name,) = now.namespaces[path.at.namespace].found.names
        return f"{name.removeprefix(self._lab.full(prefix))} {'-' if link is None else link.name}"

    def _bridged(self, name: str, lines: str) -> bool:
        try:
            self._lab.bridge(name, lines)
        except AssertionError:
            return False
        return True

    def _build(self, prefix: str, one: Situation) -> None:
        lab = self._lab
        names = [*one.base, *one.extra]
        lab.add(*(prefix + name for name in names))
        for name in names:
            at_home_in(lab, prefix + name, lambda: _set(_SETTINGS))
        for commands, options in ((one.base, ()), (one.ip, ()), (one.ip6, ("-6",))):
            for name, lines in commands.items():
                lab.ip(prefix + name, lines.replace("@", f"@{prefix}"), *options)
        for name, commands_ in one.rules.items():
            for command in commands_:
                run(lab.inside(prefix + name, shlex.split(command)))
        for name, settings in one.sysctl.items():
            at_home_in(lab, prefix + name, partial(_set, settings))
        for name, place in one.listen.items():
            self._listening.append(at_home_in(lab, prefix + name, partial(_listener, *place)))


@contextmanager
def _beside(follow: Callable[[threading.Event, threading.Event], None]) -> Iterator[None]:
    """Have something go on in a thread of its own; it says when it is ready, and is told when it is over."""
    ready, over = threading.Event(), threading.Event()
    thread = threading.Thread(target=follow, args=(ready, over))
    thread.start()
    assert ready.wait(60.0)
    try:
        yield
    finally:
        over.set()
        thread.join()


def _truth(watches: Sequence[Watch], probe: Probe, number: int) -> Truth:
    # A frame keeps its time stamp from link to link: then the order in which it was received decides.
    sightings: list[Sighting] = sorted((one for watch in watches for one in watch.sightings(number)), key=lambda one: one.at)
    requests = [one for one in sightings if one.kind == "request"]
    seen = requests or [one for one in sightings if one.kind == "ask"]
    arrived = frozenset(one.place.partition(" ")[0] for one in requests)
    return Truth(probe.answered, probe.refused, seen[-1].place if seen else "", arrived)


def _set(settings: Mapping[str, int]) -> None:
    for name, value in settings.items():
        with open(f"/proc/sys/net/{name}", "w", encoding="ascii") as file:  # noqa: PTH123 - as the thread sees it
            file.write(str(value))


def _listener(address: str, port: int) -> socket.socket:
    six = ":" in address
    listening = socket.create_server((address, port), family=socket.AF_INET6 if six else socket.AF_INET, dualstack_ipv6=six)
    listening.setblocking(False)
    return listening
