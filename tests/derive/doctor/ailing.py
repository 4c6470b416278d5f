"""The docker world with something wrong, and the answers that a healthy kernel gives."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

from netview.derive.build import build
from netview.derive.doctor.check import Answers
from netview.derive.doctor.checks import CHECKS, counted, judged, looked
from netview.derive.path.questions import (
    Answer,
    AskAttached,
    AskBacklog,
    AskBelieved,
    AskChecksums,
    AskCounters,
    AskElement,
    AskManaged,
    AskPrograms,
    AskQueues,
    AskRevision,
    AskRuleset,
    AskSettings,
    AskSockets,
    AskTracked,
    AskVlans,
    Attached,
    Backlog,
    Believed,
    Checksums,
    Counters,
    Managed,
    PortVlan,
    Programs,
    Question,
    Queue,
    Queues,
    Revision,
    Settings,
    Tracked,
    Unanswered,
    Vlans,
)
from netview.live.followed import followed
from netview.model import Family, Link, LinkKey, NamespaceId, Sample, Snapshot, Sockets
from netview.model.finding import Diagnosis, Finding, NotLooked
from netview.model.host_facts import HostFacts
from netview.model.ruleset import Chain, Compare, Element, Immediate, Meta, NftRule, Ports, Ruleset, Translate
from netview.model.socket import Socket, SocketState
from tests.factories import HOME, NGINX_1, NGINX_2, OVERLAY, docker_sample

SETTINGS: Mapping[str, int] = {
    "ipv4/ip_forward": 1,
    "ipv6/conf/all/forwarding": 1,
    "netfilter/nf_conntrack_count": 20,
    "netfilter/nf_conntrack_max": 65536,
    "ipv4/neigh/default/gc_thresh3": 1024,
    "ipv6/neigh/default/gc_thresh3": 1024,
}
HTTP = Socket("tcp", Family.INET, "0.0.0.0", 80, "0.0.0.0", 0, SocketState.LISTEN, 1)  # noqa: S104  # what a container says
ANY_PORT = (0, 0xFFFF)
TO_NGINX = NftRule(
    4,
    (
        Meta(1, 6),
        Compare(1, 1, b"docker0\0"),
        Ports(6, ANY_PORT, (8080, 8080), 0),
        Immediate(1, bytes((172, 17, 0, 2))),
        Immediate(2, (80).to_bytes(2, "big")),
        Translate("dnat", 1, 2),
    ),
)
MASQUERADE = NftRule(5, (Translate("masquerade"),))


def chains(*those: Chain) -> Ruleset:
    """Rules of one namespace."""
    return Ruleset({(one.family, one.table, one.name): one for one in those})


def chain(hook: str, *rules: NftRule, policy: str = "accept", kind: str = "filter") -> Chain:
    """A chain of iptables-nft."""
    return Chain("ip", kind, hook.upper(), hook, 0, policy, kind, rules)


HEALTHY = (chain("prerouting", TO_NGINX, kind="nat"), chain("postrouting", MASQUERADE, kind="nat"))


class World:
    """A host that is well until something of it is changed."""

    def __init__(self, at: float = 1.0) -> None:
        self.sample: Sample = docker_sample(at)
        self.link(OVERLAY, 5, mtu=1450)
        self.settings: dict[str, int | None] = dict(SETTINGS)
        self.sockets: dict[NamespaceId, Sockets] = {NGINX_1: Sockets((HTTP,))}
        self.programs: dict[LinkKey, tuple[str, ...]] = {}
        self.ruleset = chains(*HEALTHY)
        self.tracked = Tracked(())
        self.backlog = Backlog(1_000_000, 2)
        self.managed: frozenset[int] = frozenset()
        self.by_hardware = True
        self.inner = Ruleset()
        """Rules of containers."""
        self.element = Element(found=False)
        self.refused: str | None = None
        self.watched = True
        """Whether somebody has looked ten seconds before."""
        self.before: Snapshot = build(docker_sample(0))
        self.backlog_before: Backlog | Unanswered = Backlog(500_000, 2)
        self.counters: dict[NamespaceId, dict[str, int]] = {}
        """What has been counted in these ten seconds."""
        self.queues: dict[NamespaceId, tuple[Queue, ...]] = {}
        self.vlans: dict[int, tuple[PortVlan, ...]] = {}
        self.believed: dict[NamespaceId, dict[int, HostFacts]] = {
            NGINX_1: {201: HostFacts(resolv_conf=("nameserver 192.0.2.53",))},
            NGINX_2: {301: HostFacts(resolv_conf=("nameserver 192.0.2.53",))},
        }

    def link(self, namespace: NamespaceId, ifindex: int, **changes: Any) -> Self:
        """Change a link, or add one that is made of `changes["link"]`."""
        held = self.sample.tables[namespace]
        new: Link = changes.pop("new", None) or replace(held.links[ifindex], **changes)
        self.table(namespace, links={**held.links, ifindex: new})
        if LinkKey(namespace, ifindex) not in self.sample.counters:
            some = next(iter(self.sample.counters.values()))
            counters = {**self.sample.counters, LinkKey(namespace, ifindex): some}
            read_at = {**self.sample.read_at, LinkKey(namespace, ifindex): 101.0}
            self.sample = replace(self.sample, counters=counters, read_at=read_at)
        return self

    def table(self, namespace: NamespaceId, **changes: Any) -> Self:
        """Change what is in a namespace; a tuple that begins with None is added to what is there."""
        held = self.sample.tables[namespace]
        whole: dict[str, Any] = {}
        for name, value in changes.items():
            whole[name] = (*getattr(held, name), *value[1:]) if _adds(value) else value
        self.sample = replace(self.sample, tables={**self.sample.tables, namespace: replace(held, **whole)})
        return self

    def found(self, namespace: NamespaceId, **changes: Any) -> None:
        """Change how a namespace was found."""
        known = replace(self.sample.found[namespace], **changes)
        self.sample = replace(self.sample, found={**self.sample.found, namespace: known})

    def snapshot(self) -> Snapshot:
        before = docker_sample(0)
        return build(self.sample, before, build(before))

    def answer(self, question: Question) -> Answer:
        if self.refused is not None:
            return Unanswered(self.refused)
        answer: Answer
        match question:
            case AskSettings():
                answer = Settings({name: self.settings.get(name) for name in question.names})
            case AskSockets():
                answer = self.sockets.get(question.namespace, Sockets())
            case AskPrograms():
                answer = Programs(self.programs.get(LinkKey(question.namespace, question.ifindex), ()))
            case AskAttached():
                own = {key: those for key, those in self.programs.items() if key.namespace == question.namespace}
                answer = Attached({key.ifindex: those for key, those in own.items()})
            case AskRuleset():
                answer = self.ruleset if question.namespace == HOME else self.inner
            case AskRevision():
                answer = Revision(id(self.ruleset if question.namespace == HOME else self.inner), frozenset())
            case _:
                answer = self._noted(question)
        return answer

    def _noted(self, question: Question) -> Answer:
        answer: Answer
        match question:
            case AskTracked():
                answer = self.tracked
            case AskElement():
                answer = self.element
            case AskManaged():
                answer = Managed(self.managed)
            case AskChecksums():
                answer = Checksums(self.by_hardware)
            case AskBacklog():
                answer = self.backlog
            case AskCounters():
                answer = Counters(10.0, self.counters.get(question.namespace, {}))
            case AskQueues():
                answer = Queues(10.0, self.queues.get(question.namespace, ()))
            case AskVlans():
                answer = Vlans(self.vlans)
            case AskBelieved():
                answer = Believed(self.believed.get(question.namespace, {}))
            case _:
                answer = Unanswered("not here")
        return answer

    def _earlier(self, question: Question) -> Answer:
        """What was counted ten seconds before: nothing but what is said."""
        match question:
            case AskBacklog():
                return self.backlog_before
            case AskQueues():
                return Queues(0.0, tuple(one._replace(dropped=0) for one in self.queues.get(question.namespace, ())))
            case _:
                return Counters(0.0, dict.fromkeys(self.counters.get(question.namespace, {}), 0))

    def answers(self, snapshot: Snapshot) -> Answers:
        """Nothing but what was so before."""
        if not self.watched:
            return Answers()
        steps = counted(snapshot)
        earlier = followed(steps, lambda asked: self._earlier(asked.question))
        return Answers(earlier=earlier, before=self.before)

    def told(self, number: int) -> list[Finding | NotLooked]:
        """What one check says of it."""
        snapshot = self.snapshot()
        return followed(looked(CHECKS[number], snapshot, self.answers(snapshot)), lambda asked: self.answer(asked.question))

    def findings(self, number: int) -> list[Finding]:
        return [one for one in self.told(number) if isinstance(one, Finding)]

    def diagnosis(self) -> Diagnosis:
        """What all checks say."""
        snapshot = self.snapshot()
        return followed(judged(snapshot, self.answers(snapshot)), lambda asked: self.answer(asked.question))

    def all(self) -> list[Finding]:
        """What all checks find."""
        return list(self.diagnosis().findings)


def _adds(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and value[0] is None
