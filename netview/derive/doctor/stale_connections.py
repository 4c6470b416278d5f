"""Connections that are still led to a container which is gone."""

from ipaddress import ip_address, ip_network

from netview.derive.doctor.check import Answers, Check, Told, evidence, inner_ends, name_of, setting
from netview.derive.doctor.conntrack_full import COUNTS
from netview.derive.doctor.probes import around, known_link, rules_of, way_out
from netview.derive.netfilter.hook import at_hook
from netview.derive.path.questions import AskRuleset, AskSettings, AskTracked, Tracked, Unanswered
from netview.model import Family, Flow, LinkKey, Packet, Snapshot
from netview.model.connection import Connection
from netview.model.ruleset import Ruleset

_MOST = 64
_FAMILY = {Family.INET: "ipv4", Family.INET6: "ipv6"}
"""conntrack's words."""


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """UDP has no end: while somebody goes on sending an entry stays, and rules that are written anew do not count for it."""
    counted = setting(answers, AskSettings(snapshot.home, COUNTS), COUNTS[0])
    if counted is None:
        return
    answer, ruleset = answers.get(AskTracked(snapshot.home)), rules_of(answers, snapshot.home)
    if isinstance(ruleset, str) or not isinstance(answer, Tracked):
        reason = ruleset if isinstance(ruleset, str) else answer.reason if isinstance(answer, Unanswered) else "no answer"
        yield check.unknown(reason)
        return
    lost = [one for one in answer.entries if one.original.destination != one.reply.source]
    told = set[tuple[str, int | None]]()
    for one in lost[:_MOST]:
        gone = one.reply.source
        now = _led_now(snapshot, answers, ruleset, one)
        if (gone, one.original.port) in told or now in {None, gone} or not _is_nobodys(snapshot, gone):
            continue
        told.add((gone, one.original.port))
        yield check.finding(
            snapshot.home,
            snapshot,
            severity="warning",
            confidence="likely",
            message=f"what {one.original.source} sends to UDP port {one.original.port} of {name_of(snapshot, snapshot.home)}"
            f" still goes to {gone}, which nobody has any more; new connections go to {now}",
            evidence=evidence(source=one.original.source, port=one.original.port, tracked_to=gone, rules_lead_to=now),
            command=["conntrack", "-L", "-f", _FAMILY[one.family], "-p", "udp", "--reply-src", gone],
            remedy=f"conntrack -D -f {_FAMILY[one.family]} -p udp --reply-src {gone}",
        )


def _led_now(snapshot: Snapshot, answers: Answers, ruleset: Ruleset, one: Connection) -> str | None:
    """Where the rules lead such a packet now; None: nowhere else than it says, or nobody knows."""
    home = snapshot.namespaces[snapshot.home]
    ifindex = way_out(home, one.family)
    came = None if ifindex is None else known_link(snapshot, LinkKey(snapshot.home, ifindex))
    ends = one.original
    packet = Packet(Flow("udp", ends.source, ends.destination, ends.source_port, ends.port), came, None)
    outcome = at_hook(ruleset, "prerouting", packet, around(answers, home))
    to = outcome.packet.flow.destination
    return to if outcome.unsure is None and outcome.lost is None and to != ends.destination else None


def _is_nobodys(snapshot: Snapshot, address: str) -> bool:
    """Whether it belongs to a bridge's subnet, all of whose ports can be seen, and nobody has it."""
    home = snapshot.namespaces[snapshot.home]
    family = Family.INET6 if ":" in address else Family.INET
    if any(one.address == address for namespace in snapshot.namespaces.values() for one in namespace.tables.addresses):
        return False
    for own in home.tables.addresses:
        link = home.links.get(own.ifindex)
        if link is None or link.kind != "bridge" or own.family is not family:
            continue
        if ip_address(address) in ip_network(f"{own.address}/{own.prefixlen}", strict=False):
            bridge = LinkKey(snapshot.home, own.ifindex)
            return len(list(inner_ends(snapshot, bridge))) == len(snapshot.ports_of(bridge))
    return False


def asks(snapshot: Snapshot) -> tuple[AskSettings | AskTracked | AskRuleset, ...]:
    """Of the home namespace."""
    return AskSettings(snapshot.home, COUNTS), AskTracked(snapshot.home), AskRuleset(snapshot.home)


CHECK = Check(24, "stale UDP connections", look, asks, "beat")
