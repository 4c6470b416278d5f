"""A container that drops what was forwarded to it, because it would answer another way."""

from collections.abc import Iterator

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of, setting
from netview.derive.doctor.probes import OUTSIDE, known_link, led_to, rules_of
from netview.derive.netfilter.hook import at_hook
from netview.derive.netfilter.surroundings import NEW, Surroundings
from netview.derive.path.questions import AskRuleset, AskSettings
from netview.derive.path.routing import Lookup, decide
from netview.derive.proof import device
from netview.model import Address, Family, Flow, LinkKey, Namespace, Packet, Snapshot
from netview.model.ruleset import Ruleset

_STRICT = 1
_MOST = 64


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Of a container on two networks: a port led to the one, the way out by the other, and a strict check of sources."""
    several = list(_several(snapshot))
    if not several:
        return
    ruleset = rules_of(answers, snapshot.home)
    if isinstance(ruleset, str):
        yield check.unknown(ruleset)
        return
    targets = dict(led_to(ruleset))
    for namespace, addresses, question in several:
        for address in addresses:
            link = namespace.links[address.ifindex]
            values = [setting(answers, question, f"ipv4/conf/{name}/rp_filter") for name in ("all", link.name)]
            key, port = LinkKey(namespace.id, address.ifindex), targets.get(address.address)
            if port is None or not _elsewhere(namespace, address) or not _comes(snapshot, ruleset, key, address, port):
                continue
            words = next((value for value in values if isinstance(value, str)), None)
            if words is not None:
                yield check.unknown(f"{name_of(snapshot, key)}: {words}")
            elif max((value for value in values if isinstance(value, int)), default=0) == _STRICT:
                yield check.finding(
                    key,
                    snapshot,
                    severity="error",
                    confidence="likely",
                    message=f"{name_of(snapshot, key)} drops what a published port leads to {address.address}: its answers would"
                    " leave by another link, and rp_filter is strict",
                    evidence=evidence(rp_filter=1, address=address.address, port=port),
                    command=["sysctl", "net.ipv4.conf.all.rp_filter", f"net.ipv4.conf.{device(snapshot, key)}.rp_filter"],
                    remedy="set rp_filter to 2 (loose) there, or publish the port on the network of its default route",
                )


def _elsewhere(namespace: Namespace, address: Address) -> bool:
    """Whether an answer to the outside surely leaves by another link."""
    flow = Flow("tcp", address.address, OUTSIDE[Family.INET])
    decision = decide(namespace.tables, Lookup(flow))
    ways = {way.oif for way in decision.ways}
    return decision.unsure is None and bool(ways) and address.ifindex not in ways


def _comes(snapshot: Snapshot, ruleset: Ruleset, key: LinkKey, address: Address, port: int) -> bool:
    """Whether it arrives with the sender's own address, and not with the host's."""
    peer = snapshot.peer(key)
    bridge = None if peer is None or peer.key is None else snapshot.master_of(peer.key)
    if bridge is None or bridge.namespace != snapshot.home:
        return False
    flow = Flow("tcp", OUTSIDE[Family.INET], address.address, None, port)
    home = snapshot.namespaces[snapshot.home]
    outcome = at_hook(ruleset, "postrouting", Packet(flow, None, known_link(snapshot, bridge)), Surroundings(home.tables, NEW))
    return outcome.unsure is None and outcome.lost is None and outcome.packet.flow.source == flow.source


def _several(snapshot: Snapshot) -> Iterator[tuple[Namespace, list[Address], AskSettings]]:
    """Namespaces with addresses on several networks."""
    left = _MOST
    for namespace in snapshot.namespaces.values():
        own = [one for one in namespace.tables.addresses if one.family is Family.INET and one.scope == "global"]
        own = [one for one in own if one.ifindex in namespace.links and "/" not in namespace.links[one.ifindex].name]
        if namespace.home or len({one.ifindex for one in own}) < 2 or not left:
            continue
        left -= 1
        names = dict.fromkeys(("all", *(namespace.links[one.ifindex].name for one in own)))
        yield namespace, own, AskSettings(namespace.id, tuple(f"ipv4/conf/{name}/rp_filter" for name in names))


def asks(snapshot: Snapshot) -> Iterator[AskSettings | AskRuleset]:
    """Of the home namespace, and of those on several networks."""
    several = list(_several(snapshot))
    if several:
        yield AskRuleset(snapshot.home)
    yield from (question for _, _, question in several)


CHECK = Check(8, "strict source check", look, asks)
