"""View 4 and the tab Routes: every table, both families."""

from dataclasses import replace

from netview.derive.filter import Subject
from netview.derive.identity import route_key
from netview.model import Family, LinkKey, NamespaceId, NextHop, Route
from netview.ui.columns import Cell, Column, Context, Item, Target, View
from netview.ui.subjects import item_subject
from netview.ui.views.facts import facts
from netview.ui.views.words import LINK, NAMESPACE, link_name

_LINKDOWN, _DEAD = 16, 1
_ALL = {Family.INET: "0.0.0.0/0", Family.INET6: "::/0"}


def _oif(route: Route) -> int | None:
    return route.oif if route.oif is not None else next((hop.oif for hop in route.nexthops), None)


def _dst(item: Item, _context: Context) -> Cell:
    route: Route = item.fact
    words = route.dst if route.type == "unicast" else f"{route.type} {route.dst}"
    if route.flags & (_LINKDOWN | _DEAD):
        return Cell(f"{words} {'dead' if route.flags & _DEAD else 'linkdown'}", "bad")
    return Cell(words, "name" if route.dst == "default" else "")


def _via(item: Item, context: Context) -> str:
    route: Route = item.fact
    if not route.nexthops:
        return route.gateway or ""
    return ", ".join(_hop(hop, item.namespace, context) for hop in route.nexthops)


def _hop(hop: NextHop, namespace: NamespaceId | None, context: Context) -> str:
    dev = link_name(context, LinkKey(namespace, hop.oif)) if namespace and hop.oif else ""
    return " ".join(word for word in (hop.gateway, dev, f"x{hop.weight}") if word)


def _metric(item: Item, _context: Context) -> str:
    return "" if item.fact.metric is None else str(item.fact.metric)


def _subject(item: Item, context: Context) -> Subject:
    route: Route = item.fact
    hops = [hop.gateway for hop in route.nexthops]
    words = (route.dst, route.table, route.type, route.protocol, route.scope, route.family.word)
    subject = item_subject(item, context, ips=(route.dst, route.gateway, route.prefsrc, *hops), words=words)
    return subject._replace(prefixes=(_ALL[route.family] if route.dst == "default" else route.dst,))


_COLUMNS = (
    Column("via", "VIA", _via, lambda item, context: _via(item, context) or None, least=11, most=44, rank=2),
    replace(LINK, rank=3),
    Column("table", "TABLE", lambda item, _: item.fact.table, lambda item, _: item.fact.table, least=5, most=14, rank=4),
    Column("src", "SRC", lambda item, _: item.fact.prefsrc or "", lambda item, _: item.fact.prefsrc, least=19, most=40, rank=5),
    Column("metric", "METRIC", _metric, lambda item, _: item.fact.metric, least=6, right=True, rank=6),
    Column("proto", "PROTO", lambda item, _: item.fact.protocol, lambda item, _: item.fact.protocol, least=5, rank=7),
    Column("scope", "SCOPE", lambda item, _: item.fact.scope, lambda item, _: item.fact.scope, least=5, rank=8),
    Column("family", "FAMILY", lambda item, _: item.fact.family.word, lambda item, _: item.fact.family.word, least=5, rank=9),
)
_DST = Column("dst", "DESTINATION", _dst, lambda item, _: item.fact.dst, least=17, most=46, rank=2, stays=True)
_rows = facts(lambda namespace: namespace.tables.routes, route_key, _oif)

ROUTES = View(
    "routes",
    "Routes",
    (NAMESPACE, _DST, *_COLUMNS),
    _rows,
    _subject,
    empty="no route could be read",
    target=lambda item, _: Target(namespace=item.namespace, tab="routes", select=item.key),
    steady=True,
)
ROUTES_HERE = View(
    "routes",
    "Routes",
    (_DST, *_COLUMNS),
    _rows,
    _subject,
    empty="no routes here",
    target=lambda item, _: None if item.link is None else Target(link=item.link),
    steady=True,
)
