"""Whether the kernel's own answer to a lookup is what rules and tables say."""

import errno

from netview.derive.path.fib import ways
from netview.derive.path.routing import Decision
from netview.model import Family, Route

# What a lookup that ends at such an entry, or at none, is answered with.
_ERRORS = {
    "blackhole": frozenset({errno.EINVAL}),
    "unreachable": frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH}),
    "prohibit": frozenset({errno.EACCES}),
    None: frozenset({errno.ENETUNREACH}),
}


def disagreement(decision: Decision, matched: Route | int) -> str | None:
    """What the kernel says instead; None: the same."""
    if isinstance(matched, int):
        same = matched in _ERRORS.get(decision.type, ())
        return None if same else f"the kernel answers {errno.errorcode.get(matched, matched)}"
    if decision.route is None:
        # IPv6 answers with the refusal itself.
        return None if matched.family is Family.INET6 and matched.type == decision.type else f"the kernel finds {told(matched)}"
    known = (decision.route, *decision.rivals)
    return None if any(_same(route, matched) for route in known) else f"the kernel finds {told(matched)}"


def told(route: Route) -> str:
    """A route in a few words: "10.0.0.0/8 via 10.1.0.1 in table main"."""
    kind = "" if route.type == "unicast" else f"{route.type} "
    via = "" if route.gateway is None else f" via {route.gateway}"
    return f"{kind}{route.dst}{via} in table {route.table}"


def _same(route: Route, matched: Route) -> bool:
    if (route.type, route.dst) != (matched.type, matched.dst):
        return False
    if route.table != matched.table and (route.table, matched.table) != ("local", "main"):
        return False  # Where the two are one table, the kernel calls it main.
    there = {(way.gateway, way.oif) for way in ways(route)}
    return route.type != "unicast" or {(way.gateway, way.oif) for way in ways(matched)} <= there
