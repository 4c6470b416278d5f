"""What a check is, and what checks have in common."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from netview.derive.doctor.gist import links_of, wires
from netview.derive.path.questions import (
    Answer,
    AskBacklog,
    AskCounters,
    AskQueues,
    Counters,
    Question,
    Settings,
    Unanswered,
)
from netview.derive.proof import inside
from netview.model import LinkKey, NamespaceId, Snapshot
from netview.model.finding import Confidence, Evidence, Finding, NotLooked, Severity

Told = Iterator[Finding | NotLooked]
_NOTHING: tuple[Question, ...] = ()
_NEVER: Mapping[Question, Answer] = MappingProxyType({})
COUNTING = AskBacklog, AskCounters, AskQueues
"""Questions whose answers say most beside what they were a while before."""


class Asked(NamedTuple):
    """A question, and whether only an answer as of now will do."""

    question: Question
    fresh: bool


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the checks wanted to know, and what was so a while before."""

    now: dict[Question, Answer] = field(default_factory=dict)
    earlier: Mapping[Question, Answer] = field(default_factory=lambda: _NEVER)
    """What questions that count were answered then."""
    before: Snapshot | None = None
    """What was there then; None: nobody has looked yet."""
    missing: dict[Question, None] = field(default_factory=dict)
    """What was looked for and not asked yet: the check looks again once it was."""

    def get(self, question: Question) -> Answer:
        """The answer as of now."""
        answer = self.now.get(question)
        if answer is None:
            self.missing[question] = None
            return Unanswered("not asked")
        return answer

    def grown(self, question: AskCounters, *names: str) -> Mapping[str, float] | str:
        """By how much a second counters have grown since, without those that have not; words: why that is not known."""
        now, then = self.get(question), self.earlier.get(question)
        if not isinstance(now, Counters):
            return now.reason if isinstance(now, Unanswered) else "no answer"
        if not isinstance(then, Counters) or now.at <= then.at:
            return "nothing was counted twice yet"
        grown = {name: now.values[name] - then.values.get(name, now.values[name]) for name in names if name in now.values}
        return {name: count / (now.at - then.at) for name, count in grown.items() if count > 0}


@dataclass(frozen=True, slots=True)
class Check:
    """One check, by its number in the list that all of them come from."""

    number: int
    name: str
    look: Callable[["Check", Snapshot, Answers], Told]
    asks: Callable[[Snapshot], Iterable[Question]] = lambda _snapshot: _NOTHING
    """What it wants to know beyond the snapshot, before it looks; what follows from that it asks for as it looks."""
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
        by_beat: bool = False,
    ) -> Finding:
        """A finding about a namespace or a link; the command's words are made a line that runs there, or where it is proved.

        `by_beat`: what it goes by is read now and then, though the check goes by what is told.
        """
        link = where if isinstance(where, LinkKey) else None
        namespace = where if not isinstance(where, LinkKey) else where.namespace
        line = inside(snapshot, proved_in or namespace, command) or shlex.join(command)
        told = (severity, namespace, link, confidence, message, evidence, line, remedy)
        return Finding(self.number, self.name, *told, by_beat=by_beat or self.fresh == "beat")

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


def inner_ends(snapshot: Snapshot, bridge: LinkKey) -> Sequence[tuple[LinkKey, LinkKey]]:
    """Each port that is a wire, with the wire's other end, as far as that can be seen."""
    return _inner_ends(snapshot).get(bridge, ())


@lru_cache(maxsize=1)
def _inner_ends(snapshot: Snapshot) -> Mapping[LinkKey, Sequence[tuple[LinkKey, LinkKey]]]:
    known = wires(snapshot)
    return {
        bridge: [(port, known[port].far) for port in snapshot.ports_of(bridge) if port in known]
        for bridge, _ in links_of(snapshot, "bridge")
    }


def setting(answers: Answers, question: Question, name: str) -> int | str | None:
    """A sysctl's value; None: there is no such one; words: why it is not known."""
    answer = answers.get(question)
    if isinstance(answer, Settings):
        return answer.values.get(name)
    return answer.reason if isinstance(answer, Unanswered) else "no answer"


def evidence(**read: Any) -> Evidence:
    """Names and values in the order in which they are given."""
    return tuple(read.items())
