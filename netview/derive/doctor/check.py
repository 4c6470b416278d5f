"""What a check is, and what checks have in common."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from netview.derive.path.questions import Answer, Question, Settings, Unanswered
from netview.derive.proof import inside
from netview.model import Link, LinkKey, NamespaceId, Snapshot
from netview.model.finding import Confidence, Evidence, Finding, NotLooked, Severity

Answers = Mapping[Question, Answer]
Told = Iterator[Finding | NotLooked]
_NOTHING: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One check, by its number in the list that all of them come from."""

    number: int
    name: str
    look: Callable[["Check", Snapshot, Answers], Told]
    asks: Callable[[Snapshot], Iterable[Question]] = lambda _snapshot: _NOTHING
    """What it wants to know beyond the snapshot."""
    fresh: Literal["event", "beat"] = "event"
    """Whether what it goes by is told as it changes, or read now and then."""

    def finding(
        self,
        where: LinkKey | NamespaceId,
        snapshot: Snapshot,
        *,
        severity: Severity,
        confidence: Confidence,
        message: str,
        evidence: Evidence,
        command: Sequence[str],
        remedy: str,
        proved_in: NamespaceId | None = None,
    ) -> Finding:
        """A finding about a namespace or a link; the command's words are made a line that runs there, or where it is proved."""
        link = where if isinstance(where, LinkKey) else None
        namespace = where if not isinstance(where, LinkKey) else where.namespace
        line = inside(snapshot, proved_in or namespace, command) or shlex.join(command)
        told = (severity, namespace, link, confidence, message, evidence, line, remedy)
        return Finding(self.number, self.name, *told, by_beat=self.fresh == "beat")

    def unknown(self, reason: str) -> NotLooked:
        """It could not look."""
        return NotLooked(self.number, reason, self.name)


def name_of(snapshot: Snapshot, where: LinkKey | NamespaceId) -> str:
    """What a message calls it: "nginx-1", or "eth0 in nginx-1"; raw."""
    namespace = where if not isinstance(where, LinkKey) else where.namespace
    known = snapshot.namespaces.get(namespace)
    label = namespace if known is None else known.label
    if not isinstance(where, LinkKey):
        return label
    link = snapshot.link(where)
    return f"{'?' if link is None else link.name} in {label}"


def links_of(snapshot: Snapshot, *kinds: str) -> Iterator[tuple[LinkKey, Link]]:
    """Every link of these kinds, or of any."""
    for place, namespace in snapshot.namespaces.items():
        for ifindex, link in namespace.tables.links.items():
            if not kinds or link.kind in kinds:
                yield LinkKey(place, ifindex), link


def inner_ends(snapshot: Snapshot, bridge: LinkKey) -> Iterator[tuple[LinkKey, LinkKey]]:
    """Each port that is a wire, with the wire's other end, as far as that can be seen."""
    for port in snapshot.ports_of(bridge):
        peer = snapshot.peer(port)
        if peer is not None and peer.key is not None and snapshot.link(peer.key) is not None:
            yield port, peer.key


def setting(answers: Answers, question: Question, name: str) -> int | str | None:
    """A sysctl's value; None: there is no such one; words: why it is not known."""
    answer = answers.get(question, Unanswered("not asked"))
    if isinstance(answer, Settings):
        return answer.values.get(name)
    return answer.reason if isinstance(answer, Unanswered) else "no answer"


def evidence(**read: Any) -> Evidence:
    """Names and values in the order in which they are given."""
    return tuple(read.items())
