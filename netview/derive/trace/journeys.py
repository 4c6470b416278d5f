"""The lines of a trace put together: each packet's way through the rules of one namespace after the other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

from netview.model import NamespaceId
from netview.model.headers import Headers
from netview.model.trace import Traced, TraceHit

_BEGINS = frozenset({"prerouting_begin", "output_begin"})
_PAUSE_S = 1.0
"""A number that was silent for so long is another packet's by now."""
_WITHIN_S = 2.0
"""So long a packet may take from one namespace to the next."""


class End(Enum):
    """What becomes of a packet in a namespace."""

    SENT = "sent"
    """It passed the last rules before a link."""
    DELIVERED = "delivered"
    """It passed the last rules before a socket, which may not be there."""
    DROPPED = "dropped"
    """By a rule or a policy."""
    LOST = "lost"
    """It was seen before a place that no rules are at, such as routing, and not behind it."""
    UNSEEN = "unseen"
    """Only what others had armed was read, which tells no end."""


_FINAL = frozenset({End.SENT, End.DELIVERED, End.DROPPED})


@dataclass(frozen=True, slots=True)
class Met:
    """A rule, or the end of a chain, that a packet met."""

    at: float
    """Seconds since the epoch."""
    hit: TraceHit


@dataclass(slots=True)
class Passage:
    """A packet's way through one namespace."""

    namespace: NamespaceId
    packet: int
    begun_at: float
    met: list[Met] = field(default_factory=list)
    """Rules and policies that are not netview's own."""
    passed: list[str] = field(default_factory=list)
    """The places it was seen at: "prerouting_begin", "forward_end", …"""
    before: Headers | None = None
    after: Headers | None = None
    """As it was seen last."""
    iif: int | None = None
    oif: int | None = None
    ended_at: float = 0.0

    @property
    def end(self) -> End:
        """What became of it."""
        if self.met and self.met[-1].hit.verdict in {"drop", "stolen", "queue"} and self.met[-1].at >= self.ended_at:
            return End.DROPPED
        if not self.passed:
            return End.UNSEEN
        last = self.passed[-1]
        return End.SENT if last == "postrouting_end" else End.DELIVERED if last == "input_end" else End.LOST

    @property
    def by(self) -> Met | None:
        """The rule or policy that ended it."""
        return self.met[-1] if self.end is End.DROPPED else None

    @property
    def where(self) -> str:
        """Where it was lost, in words."""
        return _BETWEEN.get(self.passed[-1], "") if self.end is End.LOST else ""


_BETWEEN = {
    "prerouting_begin": "on the way in, between the first rules of prerouting and the last ones",
    "prerouting_end": "in routing: after prerouting, neither delivered nor forwarded",
    "forward_end": "after the rules of forward and before those of postrouting",
    "output_begin": "on the way out, between the first rules of output and the last ones",
    "output_end": "after the rules of output and before those of postrouting",
}


@dataclass(slots=True)
class Journey:
    """One packet's way through all the namespaces that it was seen in."""

    passages: list[Passage]

    @property
    def sent(self) -> Headers | None:
        """As it was seen first."""
        return self.passages[0].before

    @property
    def begun_at(self) -> float:
        """Seconds since the epoch."""
        return self.passages[0].begun_at

    @property
    def last(self) -> Passage:
        """Where it was seen last."""
        return self.passages[-1]


def journeys(lines: Iterable[Traced], is_own: Callable[[str], bool]) -> list[Journey]:
    """Every packet's way, the first one first; `is_own`: whether a table is netview's, whose lines only tell places."""
    found: list[Journey] = []
    for passage in _passages(lines, is_own):
        before = next((one for one in reversed(found) if _goes_on(one, passage)), None)
        if before is None:
            found.append(Journey([passage]))
        else:
            before.passages.append(passage)
    return found


def _passages(lines: Iterable[Traced], is_own: Callable[[str], bool]) -> list[Passage]:
    found: list[Passage] = []
    newest: dict[tuple[NamespaceId, int], Passage | None] = {}
    for at, namespace, hit in lines:
        own = is_own(hit.table)
        key = namespace, hit.packet
        passage = newest.get(key)
        begins = own and hit.chain in _BEGINS and hit.headers is not None
        if passage is None and not begins:
            # The kernel's number changes with the link that a packet is said to come by: from a bridge's port to the bridge.
            passage = newest[key] = _renumbered(found, at, namespace, hit)
        if passage is None or begins or at > passage.ended_at + _PAUSE_S:
            passage = newest[key] = Passage(namespace, hit.packet, at)
            found.append(passage)
        _add(passage, at, hit, own=own)
        if passage.end in _FINAL:
            # Its numbers are the next packet's, which the kernel gives the same memory.
            newest = {known: one for known, one in newest.items() if one is not passage}
    return found


def _renumbered(found: list[Passage], at: float, namespace: NamespaceId, hit: TraceHit) -> Passage | None:
    """The passage that a line with a new number goes on with; None: there is none."""
    told = hit.headers
    for passage in reversed(found):
        if at > passage.ended_at + _PAUSE_S or told is None:
            return None
        if passage.namespace == namespace and passage.after is not None and passage.after.stays == told.stays:
            return passage if passage.end in {End.LOST, End.UNSEEN} else None
    return None


def _add(passage: Passage, at: float, hit: TraceHit, *, own: bool) -> None:
    passage.ended_at = at
    told = hit.headers
    if told is not None:
        passage.before = passage.before or told
        passage.after = told
    passage.iif = passage.iif if hit.iif is None else hit.iif
    passage.oif = passage.oif if hit.oif is None else hit.oif
    if own:
        # Each chain ends with its policy; what it says of its own rule is no news.
        if hit.kind == "policy" or hit.chain in _BEGINS:
            passage.passed += [] if hit.chain in passage.passed[-1:] else [hit.chain]
    elif hit.kind != "rule" or hit.handle is not None:
        passage.met.append(Met(at, hit))


def _goes_on(journey: Journey, passage: Passage) -> bool:
    """Whether this is the same packet in another namespace, or back from a link in the same."""
    last, told = journey.last, passage.before
    if last.after is None or told is None or last.end not in {End.SENT, End.UNSEEN}:
        return False
    if told.stays != last.after.stays or passage.begun_at > last.ended_at + _WITHIN_S:
        return False
    before = last.after
    same = (told.source == before.source, told.destination == before.destination)
    return any(same) or (told.source_port, told.port) == (before.source_port, before.port) != (None, None)
