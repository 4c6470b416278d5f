"""A container whose name servers cannot be reached from inside it."""

from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.probes import LEGACY, around, doubt, rules_of
from netview.derive.netfilter.hook import at_hook
from netview.derive.path.questions import AskBelieved, AskSockets, Believed, Unanswered
from netview.derive.path.routing import Lookup, decide
from netview.derive.resolver import resolver
from netview.model import Family, Flow, Namespace, Packet, Runtime, Snapshot, Socket, Sockets
from netview.model.host_facts import HostFacts
from netview.model.ruleset import Ruleset

_PORT, _DOCKERS = 53, "127.0.0.11"
_MOST = 32
_NO_CONTAINERS = frozenset({Runtime.PROCESS, Runtime.NETNS, Runtime.SYSTEMD})
_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104  # as sockets tell of all addresses
_LIBRARY_TAKES = 3
"""Name servers beyond the first three are not asked (MAXNS)."""


class _Trouble(NamedTuple):
    """Why a name server does not answer."""

    what: str
    led_to: str | None = None
    """Where the container's own rules lead what is sent to it."""


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """By the resolv.conf that its processes see: a server on the loopback that nobody is, another that no route leads to."""
    those = list(_containers(snapshot))
    for namespace in those[:_MOST]:
        believed = answers.get(AskBelieved(namespace.id))
        if not isinstance(believed, Believed):
            reason = believed.reason if isinstance(believed, Unanswered) else "no answer"
            yield check.unknown(f"{name_of(snapshot, namespace.id)}: {reason}")
            continue
        for facts in dict.fromkeys(believed.by_process.values()):
            yield from _judged(check, snapshot, answers, namespace, facts)
    if len(those) > _MOST:
        yield check.unknown(f"{len(those) - _MOST} containers were not looked at: only {_MOST} are")


def _judged(check: Check, snapshot: Snapshot, answers: Answers, namespace: Namespace, facts: HostFacts) -> Told:
    if facts.resolv_conf is None:
        why = "; ".join(f"{one.field}: {one.reason}" for one in facts.unknown)
        yield check.unknown(f"{name_of(snapshot, namespace.id)}: {why}")
        return
    # Without any the resolver asks the loopback (resolv.conf(5)).
    servers = resolver(facts.resolv_conf).nameservers[:_LIBRARY_TAKES] or ("127.0.0.1",)
    troubles: dict[str, _Trouble] = {}
    for text in dict.fromkeys(servers):
        told = _trouble(answers, namespace, text)
        if isinstance(told, str):
            yield check.unknown(f"{name_of(snapshot, namespace.id)}: {told}")
        elif told is not None:
            troubles[text] = told
    for text, trouble in troubles.items():
        every = len(troubles) == len(set(servers))
        yield check.finding(
            namespace.id,
            snapshot,
            severity="error" if every else "notice",
            confidence="likely",
            message=f"{name_of(snapshot, namespace.id)} asks {text} for names, and {trouble.what}"
            + ("" if every else ": each look-up tries that in vain before it asks another"),
            evidence=evidence(server=text, led_to=trouble.led_to, nameservers=" ".join(servers)),
            command=_command(text),
            remedy="restart the container: the engine then writes its rules anew (a firewall inside may have flushed them)"
            if text == _DOCKERS
            else "give it a name server that it reaches (docker run --dns, or the engine's own configuration)",
        )


def _command(server: str) -> list[str]:
    address = _address(server)
    if address is None:
        return ["cat", "/etc/resolv.conf"]
    if address.is_loopback:
        return ["sh", "-c", f"nft list ruleset; ss -lnu src {server}"]
    return ["ip", "route", "get", str(address)]


def _trouble(answers: Answers, namespace: Namespace, text: str) -> _Trouble | str | None:
    """What is wrong with a server; None: nothing that is seen from here; words: why that is not known."""
    address = _address(text)
    if address is None:
        return _Trouble("that is no address")
    return _nobody(answers, namespace, address) if address.is_loopback else _unreached(namespace, address)


def _nobody(answers: Answers, namespace: Namespace, address: IPv4Address | IPv6Address) -> _Trouble | str | None:
    """Docker's own is led to another port by rules of the container."""
    ruleset, told = rules_of(answers, namespace.id), answers.get(AskSockets(namespace.id))
    if isinstance(ruleset, str):
        return ruleset
    if not isinstance(told, Sockets):
        return told.reason if isinstance(told, Unanswered) else "no answer"
    if told.unknown is not None:
        return told.unknown
    return _sent(answers, namespace, ruleset, told.entries, address)


def _sent(
    answers: Answers, namespace: Namespace, ruleset: Ruleset, sockets: tuple[Socket, ...], address: IPv4Address | IPv6Address
) -> _Trouble | str | None:
    loopback = next((link for link in namespace.links.values() if link.kind == "loopback"), None)
    source = "127.0.0.1" if address.version == 4 else "::1"
    flow = Flow("udp", source, str(address), None, _PORT)
    outcome = at_hook(ruleset, "output", Packet(flow, None, loopback), around(answers, namespace))
    to = outcome.packet.flow
    if outcome.lost is None and any(_takes(one, to) for one in sockets):
        return None
    if outcome.unsure is not None:
        return doubt(outcome.unsure)
    if LEGACY[flow.family] in ruleset.legacy:
        return "the rules of iptables-legacy are not evaluated"
    led = f"{to.destination}:{to.port}"
    if outcome.lost is not None:
        return _Trouble("its own rules drop that", led)
    if to != flow:
        return _Trouble(f"nobody listens on port {to.port} that it is led to", led)
    what = "its own rules lead that nowhere" if str(address) == _DOCKERS else "nobody listens there inside it"
    return _Trouble(what, led)


def _takes(one: Socket, flow: Flow) -> bool:
    family = one.family is flow.family or (one.family is Family.INET6 and not one.v6only)
    here = one.local == flow.destination or (one.local in _ANY and family)
    return one.listens and one.protocol == "udp" and one.local_port == flow.port and here


def _unreached(namespace: Namespace, address: IPv4Address | IPv6Address) -> _Trouble | None:
    # The zone of a link-local address says by which link it is reached, whatever the routes.
    if address.is_link_local or not _is_on_a_network(namespace):
        return None
    decision = decide(namespace.tables, Lookup(Flow("udp", "", str(address), None, _PORT)))
    if decision.unsure is not None or decision.type in {"unicast", "local"}:
        return None
    return _Trouble("no route leads there" if decision.type is None else f"a route or rule answers that with {decision.type}")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_on_a_network(namespace: Namespace) -> bool:
    """Whoever is on none, by design, does not expect to reach anybody."""
    return any(address.scope == "global" for address in namespace.tables.addresses)


@lru_cache(maxsize=1)
def _containers(snapshot: Snapshot) -> tuple[Namespace, ...]:
    return tuple(_each(snapshot))


def _each(snapshot: Snapshot) -> Iterator[Namespace]:
    for namespace in snapshot.namespaces.values():
        owners = [owner for owner in namespace.owners if owner.runtime not in _NO_CONTAINERS]
        running = any(owner.state in {None, "running"} for owner in owners)
        if running and not namespace.home and namespace.tables.error is None and namespace.found.processes:
            yield namespace


def asks(snapshot: Snapshot) -> Iterator[AskBelieved]:
    """What the processes of containers see, of as many as can be asked in a moment."""
    return (AskBelieved(namespace.id) for namespace in list(_containers(snapshot))[:_MOST])


CHECK = Check(31, "DNS in containers", look, asks, "beat")
