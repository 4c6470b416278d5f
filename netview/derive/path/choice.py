"""Which of the routes to an address the kernel takes, by its own word."""

from collections.abc import Generator, Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from netview.derive.identity import route_key
from netview.derive.path.agreement import disagreement
from netview.derive.path.prefixes import UNSPECIFIED
from netview.derive.path.questions import Answer, AskRoute, Question, RouteAnswer, Unanswered
from netview.derive.path.routing import Decision, Lookup
from netview.model import Family, NamespaceId, Route, Snapshot
from netview.model.flow import Flow

_ANY = "0"
"""No protocol: as "ip route get" asks."""


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What the kernel answers to "ip route get", in each namespace that was asked."""

    address: str
    routes: frozenset[tuple[NamespaceId, Hashable]] = frozenset()
    """The routes that it takes, by namespace and route_key()."""
    unknown: Mapping[NamespaceId, str] = field(default_factory=dict)
    """Why it is not known."""


def chosen(snapshot: Snapshot, address: str, namespaces: Iterable[NamespaceId]) -> Generator[Question, Answer, Choice]:
    """Ask each of them; the entry that matched is told, or one like it, never the longest prefix by itself."""
    family = Family.INET6 if ":" in address else Family.INET
    lookup = Lookup(Flow(_ANY, UNSPECIFIED[family], address))
    routes: set[tuple[NamespaceId, Hashable]] = set()
    unknown: dict[NamespaceId, str] = {}
    for namespace in namespaces:
        answer = yield AskRoute(namespace, lookup)
        if isinstance(answer, RouteAnswer) and not isinstance(answer.matched, int):
            routes |= {(namespace, route_key(route)) for route in _like(snapshot, namespace, answer.matched)}
        elif isinstance(answer, Unanswered):
            unknown[namespace] = answer.reason
    return Choice(address, frozenset(routes), unknown)


def _like(snapshot: Snapshot, namespace: NamespaceId, matched: Route) -> list[Route]:
    known = snapshot.namespaces.get(namespace)
    routes = () if known is None else known.tables.routes
    same = [route for route in routes if route.family is matched.family and disagreement(Decision(None, route), matched) is None]
    # Twins differ by their metric, and by nothing else that the kernel tells here.
    return [route for route in same if route.metric == matched.metric] or same[:1]
