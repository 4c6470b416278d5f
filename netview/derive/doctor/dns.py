"""A container whose engine's name server does not answer inside it."""

from collections.abc import Iterator

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.probes import doubt, rules_of
from netview.derive.netfilter.hook import at_hook
from netview.derive.netfilter.surroundings import NEW, Surroundings
from netview.derive.path.questions import AskRuleset, AskSockets, Unanswered
from netview.model import Flow, Namespace, Packet, Runtime, Snapshot, Sockets

_SERVER, _PORT = "127.0.0.11", 53
_WITHOUT = frozenset({"bridge", "host", "none"})
"""Docker's networks whose containers have the host's name servers."""
_MOST = 32


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Docker listens at 127.0.0.11 on some port in each container of a user's network, and rules lead port 53 there."""
    those = list(_served(snapshot))
    for namespace in those[:_MOST]:
        ruleset = rules_of(answers, namespace.id)
        answer = answers.get(AskSockets(namespace.id))
        if isinstance(ruleset, str) or not isinstance(answer, Sockets) or answer.unknown is not None:
            reason = answer.reason if isinstance(answer, Unanswered) else answer.unknown if isinstance(answer, Sockets) else None
            yield check.unknown(f"{name_of(snapshot, namespace.id)}: {ruleset if isinstance(ruleset, str) else reason}")
            continue
        loopback = next((link for link in namespace.links.values() if link.kind == "loopback"), None)
        packet = Packet(Flow("udp", "127.0.0.1", _SERVER, None, _PORT), None, loopback)
        outcome = at_hook(ruleset, "output", packet, Surroundings(namespace.tables, NEW))
        to = outcome.packet.flow
        listens = any(
            one.listens and one.protocol == "udp" and (one.local, one.local_port) == (to.destination, to.port)
            for one in answer.entries
        )
        if listens and outcome.lost is None:
            continue
        if outcome.unsure is not None or "ip" in ruleset.legacy:
            told = outcome.unsure
            yield check.unknown("the rules of iptables-legacy are not evaluated" if told is None else doubt(told))
            continue
        yield check.finding(
            namespace.id,
            snapshot,
            severity="error",
            confidence="likely",
            message=f"{name_of(snapshot, namespace.id)} asks {_SERVER} for names, and "
            + ("its own rules lead that nowhere" if to.port == _PORT else f"nobody listens on port {to.port} that it is led to"),
            evidence=evidence(server=_SERVER, led_to=f"{to.destination}:{to.port}", listens=listens),
            command=["sh", "-c", f"nft list ruleset; ss -lnu src {_SERVER}"],
            remedy="restart the container: the engine then writes its rules anew (a firewall inside may have flushed them)",
        )
    if len(those) > _MOST:
        yield check.unknown(f"{len(those) - _MOST} containers were not looked at: only {_MOST} are")


def _served(snapshot: Snapshot) -> Iterator[Namespace]:
    for namespace in snapshot.namespaces.values():
        docker = [owner for owner in namespace.owners if owner.runtime is Runtime.DOCKER and owner.state in {None, "running"}]
        if not namespace.home and any(set(owner.networks) - _WITHOUT for owner in docker):
            yield namespace


def asks(snapshot: Snapshot) -> Iterator[AskRuleset | AskSockets]:
    """Of each container on a network of the user's, as many as can be asked in a moment."""
    for namespace in list(_served(snapshot))[:_MOST]:
        yield AskRuleset(namespace.id)
        yield AskSockets(namespace.id)


CHECK = Check(31, "DNS in containers", look, asks, "beat")
