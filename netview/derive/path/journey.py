"""What is noted on the way: hops, doubts, the narrowest link, and the end."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from netview.derive.netfilter.surroundings import Noted
from netview.derive.path.connection import Connection
from netview.derive.path.filtering import Filters
from netview.derive.path.questions import Answer, AskSettings, Question, Settings, Unanswered
from netview.derive.path.tunnelling import Tunnels
from netview.derive.proof import inside, proof
from netview.model import Flow, Link, LinkKey, NamespaceId, Snapshot
from netview.model.path import Decider, Hop, Layer, Path, PathMtu, Place, Verdict

T = TypeVar("T")
Steps = Generator[Question, Answer, T]
"""A part of the way: it yields questions, takes answers, and returns what comes of it."""


class Ended(Exception):  # noqa: N818 - it is no error
    """The packet goes no further."""

    def __init__(self, verdict: Verdict, reason: str, place: Place) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason
        self.place = place


@dataclass(slots=True, eq=False)
class Journey:
    """One direction of a flow under way."""

    snapshot: Snapshot
    flow: Flow
    size: int
    """Bytes of its packets, which must not be fragmented; 0: not told."""
    tunnels: Tunnels = field(default_factory=Tunnels)
    filters: Filters = field(default_factory=Filters)
    neighbours: dict[tuple[LinkKey, str], str] = field(default_factory=dict)
    """What requests on the way have taught, by the link that heard them and the address that asked."""
    connections: dict[NamespaceId, list[Connection]] = field(default_factory=dict)
    """What conntrack keeps, by namespace."""
    noted: dict[NamespaceId, dict[tuple[str, str], Noted]] = field(default_factory=dict)
    """What packets on the way have done to lists of the match recent and to limits, by namespace."""
    depth: int = 0
    """How many tunnels it is inside of."""
    hops: list[Hop] = field(default_factory=list)
    reply: bool = False
    """Whether it answers what came: then somebody waits for it."""
    listener: int | None = None
    """The process that serves the port, once it is known."""
    translated: Flow | None = None
    any_port: bool = False
    """Whether its source port is one of those that sockets get: which one, nobody told."""
    asking: bool = False
    """Whether its frames only look for a neighbour."""
    sender: str | None = None
    """The MAC that its frame comes from."""
    doubt: Ended | None = None
    """The first thing that nobody can tell."""
    mtu: PathMtu | None = None

    def beside(
        self, flow: Flow, *, size: int = 0, deeper: int = 0, hops: list[Hop] | None = None, reply: bool = False
    ) -> "Journey":
        """Another packet on its own way, which knows what this one has taught."""
        noted = [] if hops is None else hops
        shared = self.tunnels, self.filters, self.neighbours, self.connections, self.noted
        return Journey(self.snapshot, flow, size, *shared, self.depth + deeper, noted, reply)

    @property
    def now(self) -> Flow:
        """The flow at this moment, which rules may have translated."""
        return self.translated or self.flow

    def label(self, namespace: NamespaceId) -> str:
        """A namespace's name for people."""
        known = self.snapshot.namespaces.get(namespace)
        return namespace if known is None else known.label

    def name(self, key: LinkKey) -> str:
        """A link's name, or its number."""
        link = self.snapshot.link(key)
        return f"#{key.ifindex}" if link is None else link.name

    def link(self, key: LinkKey) -> Link:
        """A link that is there; raises Ended where it is not."""
        link = self.snapshot.link(key)
        if link is None:
            raise Ended(Verdict.UNDECIDED, "a link on the way is gone", Place(key.namespace, None))
        return link

    def hop(
        self,
        namespace: NamespaceId,
        link: LinkKey | None,
        layer: Layer,
        decision: str,
        because: str,
        *,
        fact: Decider = None,
        argv: tuple[str, ...] | None = None,
    ) -> None:
        """Note a decision; `argv` shows it where the fact's own command would not."""
        command = proof(self.snapshot, namespace, link, fact) if argv is None else inside(self.snapshot, namespace, argv)
        self.hops.append(Hop(namespace, link, layer, decision, because, fact, command))

    def doubts(self, namespace: NamespaceId, link: LinkKey | None, reason: str) -> None:
        """Note that nobody can tell whether it gets past this; the first one counts."""
        if self.doubt is None:
            self.doubt = Ended(Verdict.UNDECIDED, reason, Place(namespace, link))

    def narrow(self, key: LinkKey, mtu: int, lost_at: LinkKey | None = None) -> None:
        """Note what fits through a link; raises Ended where the packet does not, at the tunnel where it is inside of one."""
        if self.mtu is None or mtu < self.mtu.bytes:
            self.mtu = PathMtu(mtu, key)
        if self.size > mtu:
            less = "" if lost_at is None else ", less what the tunnel adds,"
            raise dropped(lost_at or key, f"packets of {self.size} bytes do not fit: the MTU of {self.name(key)}{less} is {mtu}")

    def path(self, end: Ended) -> Path:
        """All of it, once it has ended: what is certain only up to a doubt is not certain."""
        told = end if self.doubt is None else self.doubt
        return Path(self.flow, told.verdict, told.reason, told.place, tuple(self.hops), self.mtu)


def dropped(key: LinkKey, reason: str) -> Ended:
    """The packet is lost at a link."""
    return Ended(Verdict.DROPPED, reason, Place(key.namespace, key))


def settings(journey: Journey, namespace: NamespaceId, *names: str) -> Steps[Mapping[str, int | None]]:
    """Sysctls; nothing where they cannot be read, which is a doubt."""
    answer = yield AskSettings(namespace, names)
    if isinstance(answer, Settings):
        return answer.values
    why = answer.reason if isinstance(answer, Unanswered) else "no answer"
    journey.doubts(namespace, None, f"the settings of {journey.label(namespace)} are not known: {why}")
    return {}
