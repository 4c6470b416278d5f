"""A bridge with containers made by hand, and a kernel that agrees with their tables."""

import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from netview.derive.build import build
from netview.derive.path.questions import (
    Answer,
    AskConnections,
    AskControlled,
    AskPolicies,
    AskPrograms,
    AskRoute,
    AskRuleset,
    AskSettings,
    AskSockets,
    AskVlans,
    Policies,
    Programs,
    Question,
    RouteAnswer,
    Settings,
    Tracked,
    Unanswered,
    Vlans,
)
from netview.derive.path.routing import decide
from netview.model import BridgePort, LinkKey, NamespaceId, PortState, Route, Sample, Snapshot, Sockets, Tables
from netview.model.ruleset import Ruleset
from tests.factories import HOME, a_link, a_route, a_sample, an_address, found, stats, tables

_ON = {"forwarding": 1}
_ERRORS = {"blackhole": errno.EINVAL, "unreachable": errno.EHOSTUNREACH, "prohibit": errno.EACCES}


def container(number: int) -> NamespaceId:
    """The identity of a container, from 1."""
    return NamespaceId(f"c{100 + number}")


def address(number: int) -> str:
    """The address of a container, from 1."""
    return f"10.1.{(number + 1) // 256}.{(number + 1) % 256}"


def local(ifindex: int, ip: str) -> Route:
    """A route to the namespace itself."""
    return a_route(f"{ip}/32", ifindex, table="local", type="local", protocol="kernel", scope="host")


def _inside(number: int) -> Tables:
    return tables(
        [a_link(1, "lo", "loopback"), a_link(2, "eth0", link=1000 + number, link_nsid=0, address=_mac(number))],
        addresses=(an_address(2, f"{address(number)}/16"),),
        routes=(local(2, address(number)), a_route("10.1.0.0/16", 2), a_route("default", 2, "10.1.0.1")),
        nsids={0: HOME},
    )


def _mac(number: int) -> str:
    return f"02:00:00:00:{number // 256:02x}:{number % 256:02x}"


def snapshot(count: int = 2, **changes: Callable[[Tables], Tables]) -> Snapshot:
    """The same, resolved."""
    return build(sample(count, 0.0, **changes))


def sample(count: int = 2, at: float = 0.0, **changes: Callable[[Tables], Tables]) -> Sample:
    """A host with br0 and so many containers on it; `changes` by "host", "c1", … alter their tables."""
    port = BridgePort(3, PortState.FORWARDING, cost=2, priority=32, number=1, hairpin=False, isolated=False, learning=True)
    plugged: dict[str, Any] = {"master": 3, "port": port, "port_kind": "bridge"}
    ports = [a_link(1000 + n, f"v{n}", link=2, link_nsid=n, **plugged) for n in range(1, count + 1)]
    bridge = a_link(3, "br0", "bridge", address="02:00:00:00:ff:01")
    host = tables(
        [
            a_link(1, "lo", "loopback"),
            a_link(2, "up0", "device"),
            bridge,
            *ports,
        ],
        addresses=(an_address(3, "10.1.0.1/16"), an_address(2, "192.0.2.1/24")),
        routes=(
            local(3, "10.1.0.1"),
            local(2, "192.0.2.1"),
            a_route("10.1.0.0/16", 3),
            a_route("192.0.2.0/24", 2),
            a_route("default", 2, "192.0.2.254"),
        ),
        nsids={n: container(n) for n in range(1, count + 1)},
    )
    contents = {HOME: host} | {container(n): _inside(n) for n in range(1, count + 1)}
    for name, change in changes.items():
        key = HOME if name == "host" else container(int(name[1:]))
        contents[key] = change(contents[key])
    names = {key: "host" if key == HOME else f"web-{int(key[1:]) - 100}" for key in contents}
    everyone = {key: found(key, names=(name,), paths=(f"/run/netns/{name}",)) for key, name in names.items()}
    counters = {LinkKey(key, ifindex): stats(int(2_000_000 * at)) for key, one in contents.items() for ifindex in one.links}
    return a_sample(everyone, contents, counters, at=at)


@dataclass
class Kernel:
    """Answers as the tables say; what is set here goes before."""

    snapshot: Snapshot
    settings: Mapping[str, int] = field(default_factory=dict)
    rules: Mapping[NamespaceId, Answer] = field(default_factory=dict)
    programs: Mapping[LinkKey, tuple[str, ...]] = field(default_factory=dict)
    sockets: Mapping[NamespaceId, Answer] = field(default_factory=dict)
    routes: Mapping[NamespaceId, Answer] = field(default_factory=dict)
    connections: Mapping[NamespaceId, Answer] = field(default_factory=dict)
    vlans: Answer = field(default_factory=lambda: Vlans({}))
    asked: list[Question] = field(default_factory=list)

    def answer(self, question: Question) -> Answer:
        """For `followed`."""
        self.asked.append(question)
        if isinstance(question, AskRoute):
            return self.routes.get(question.namespace) or self._route(question)
        if isinstance(question, AskSettings):
            return Settings({name: self.settings.get(name, _ON.get(name.rpartition("/")[2], 0)) for name in question.names})
        if isinstance(question, AskRuleset | AskConnections):
            nothing = Ruleset() if isinstance(question, AskRuleset) else Tracked(())
            return (self.rules if isinstance(question, AskRuleset) else self.connections).get(question.namespace, nothing)
        if isinstance(question, AskPolicies | AskControlled | AskVlans):
            none = self.vlans if isinstance(question, AskVlans) else Programs(())
            return Policies(()) if isinstance(question, AskPolicies) else none
        if isinstance(question, AskPrograms):
            return Programs(self.programs.get(LinkKey(question.namespace, question.ifindex), ()))
        known = self.sockets.get(question.namespace, Sockets()) if isinstance(question, AskSockets) else None
        return known or Unanswered("nobody knows")

    def _route(self, question: AskRoute) -> RouteAnswer:
        decision = decide(self.snapshot.namespaces[question.namespace].tables, question.lookup)
        route = decision.route
        told = _ERRORS.get(decision.type or "", errno.ENETUNREACH) if route is None or not decision.ways else route
        return RouteAnswer(told, told)
