"""The docker world with something wrong, and the answers that a healthy kernel gives."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

from netview.derive.build import build
from netview.derive.doctor.checks import CHECKS, judged
from netview.derive.path.questions import (
    Answer,
    AskBacklog,
    AskChecksums,
    AskManaged,
    AskPrograms,
    AskRules,
    AskRuleset,
    AskSettings,
    AskSockets,
    AskTracked,
    Backlog,
    Checksums,
    Managed,
    Programs,
    Question,
    Ruled,
    Settings,
    Tracked,
    Unanswered,
)
from netview.model import Family, Link, LinkKey, NamespaceId, Sample, Snapshot, Sockets
from netview.model.finding import Finding, NotLooked
from netview.model.ruleset import Chain, Compare, Immediate, Meta, NftRule, Ports, Ruleset, Translate
from netview.model.socket import Socket, SocketState
from tests.factories import HOME, NGINX_1, docker_sample

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
        self.settings: dict[str, int | None] = dict(SETTINGS)
        self.sockets: dict[NamespaceId, Sockets] = {NGINX_1: Sockets((HTTP,))}
        self.programs: dict[LinkKey, tuple[str, ...]] = {}
        self.families: frozenset[str] = frozenset({"ip"})
        self.ruleset = chains(*HEALTHY)
        self.tracked = Tracked(())
        self.backlog = Backlog(1_000_000, 2)
        self.managed: frozenset[int] = frozenset()
        self.by_hardware = True
        self.inner = Ruleset()
        """Rules of containers."""
        self.refused: str | None = None

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
            case AskRules():
                answer = Ruled(self.families)
            case AskRuleset():
                answer = self.ruleset if question.namespace == HOME else self.inner
            case _:
                answer = self._noted(question)
        return answer

    def _noted(self, question: Question) -> Answer:
        if isinstance(question, AskTracked):
            return self.tracked
        if isinstance(question, AskManaged):
            return Managed(self.managed)
        if isinstance(question, AskChecksums):
            return Checksums(self.by_hardware)
        return self.backlog if isinstance(question, AskBacklog) else Unanswered("not here")

    def told(self, number: int) -> list[Finding | NotLooked]:
        """What one check says of it."""
        snapshot, check = self.snapshot(), CHECKS[number]
        answers = {question: self.answer(question) for question in check.asks(snapshot)}
        return list(check.look(check, snapshot, answers))

    def findings(self, number: int) -> list[Finding]:
        return [one for one in self.told(number) if isinstance(one, Finding)]

    def all(self) -> list[Finding]:
        """What all checks find."""
        snapshot = self.snapshot()
        questions = {question for check in CHECKS.values() for question in check.asks(snapshot)}
        return list(judged(snapshot, {question: self.answer(question) for question in questions}).findings)


def _adds(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and value[0] is None
