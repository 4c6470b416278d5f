"""The host end of a wire that leads nowhere."""

from collections.abc import Iterator
from functools import lru_cache

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of, setting
from netview.derive.path.questions import AskPrograms, AskSettings, Programs, Unanswered
from netview.derive.proof import device
from netview.model import Link, LinkFlag, LinkKey, Snapshot


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """No bridge, no address, no route and no program: what comes out of it is not taken on."""
    for key, link in _candidates(snapshot):
        answer = answers.get(AskPrograms(key.namespace, key.ifindex))
        if isinstance(answer, Unanswered):
            yield check.unknown(f"{name_of(snapshot, key)}: {answer.reason}")
        elif isinstance(answer, Programs) and not answer.attached and not _is_proxy(answers, key, link):
            yield check.finding(
                key,
                snapshot,
                severity="warning",
                confidence="likely",
                message=f"{name_of(snapshot, key)} is plugged into no bridge, and no address or route leads"
                f" through it: the container"
                " behind it reaches nobody",
                evidence=evidence(master=None, addresses=0, routes=0, link=link.name),
                command=["ip", "-d", "address", "show", "dev", device(snapshot, key)],
                remedy="plug it into its bridge (ip link set … master …), or start the container anew",
            )


def _is_proxy(answers: Answers, key: LinkKey, link: Link) -> bool:
    """Whether the host answers in it for addresses that are reached through it (proxy_arp)."""
    question = _proxying(key, link)
    return question is not None and bool(setting(answers, question, question.names[0]) == 1)


def _proxying(key: LinkKey, link: Link) -> AskSettings | None:
    return None if "/" in link.name else AskSettings(key.namespace, (f"ipv4/conf/{link.name}/proxy_arp",))


def asks(snapshot: Snapshot) -> Iterator[AskPrograms | AskSettings]:
    """Whether a program redirects what comes out of it, or the host stands in for others there."""
    for key, link in _candidates(snapshot):
        yield AskPrograms(key.namespace, key.ifindex)
        proxying = _proxying(key, link)
        if proxying is not None:
            yield proxying


@lru_cache(maxsize=1)
def _candidates(snapshot: Snapshot) -> tuple[tuple[LinkKey, Link], ...]:
    return tuple(_each(snapshot))


def _each(snapshot: Snapshot) -> Iterator[tuple[LinkKey, Link]]:
    home = snapshot.namespaces[snapshot.home]
    tables = home.tables
    if tables.error is not None or any(unknown.field in {"addresses", "routes"} for unknown in tables.unknown):
        return
    addressed = {address.ifindex for address in tables.addresses if address.scope != "link"}
    routed = {route.oif for route in tables.routes if route.table != "local" and not route.dst.startswith(("fe80:", "ff00:"))}
    routed |= {hop.oif for route in tables.routes for hop in route.nexthops}
    for ifindex, link in home.links.items():
        key = LinkKey(home.id, ifindex)
        peer = snapshot.peer(key)
        away = peer is not None and peer.namespace is not None and peer.namespace != home.id
        lower = any(ref.key == key for ref in snapshot.lowers.values())
        loose = link.kind == "veth" and away and link.master is None and link.flags & LinkFlag.UP
        if loose and not lower and ifindex not in addressed and ifindex not in routed:
            yield key, link


CHECK = Check(15, "veth without a way on", look, asks)
