"""View 7: where a packet goes, hop by hop, with what passes there right now."""

from dataclasses import replace

from netview.derive.filter import Subject
from netview.derive.identity import route_key
from netview.model import FdbEntry, Neighbour, Route, Rule, Snapshot
from netview.model.path import Hop, Path, Verdict
from netview.ui.columns import Cell, Column, Context, Item, Target, View
from netview.ui.subjects import item_subject
from netview.ui.traffic import traffic_columns
from netview.ui.views.words import LINK, NAMESPACE

_ROLES = {Verdict.DELIVERED: "good", Verdict.FORWARDED: "good", Verdict.UNDECIDED: "warn"}
_LAYERS = {2: "L2", 3: "L3", "netfilter": "rules", "tunnel": "tunnel"}


def _rows(context: Context) -> tuple[Item, ...]:
    path = None if context.path is None else context.path.path
    if path is None:
        return ()
    return (*_way("there", path), *(() if path.back is None else _way("back", path.back)))


def _way(name: str, path: Path) -> tuple[Item, ...]:
    hops = tuple(Item((name, number), hop.namespace, hop.link, hop) for number, hop in enumerate(path.hops))
    at = path.at
    return (*hops, Item((name, "end"), None if at is None else at.namespace, None if at is None else at.link, path))


def _layer(item: Item, _context: Context) -> Cell:
    fact: Hop | Path = item.fact
    if isinstance(fact, Hop):
        return Cell(_LAYERS[fact.layer], "dim")
    return Cell("")


def _decision(item: Item, _context: Context) -> Cell:
    fact: Hop | Path = item.fact
    if isinstance(fact, Hop):
        return Cell(fact.decision, "name")
    return Cell(f"{_whose(item)}{fact.verdict.value}", _ROLES.get(fact.verdict, "bad"))


def _whose(item: Item) -> str:
    """What is on the way back is a reply."""
    return "reply " if item.key[0] == "back" else ""  # type: ignore[index]


def _because(item: Item, context: Context) -> str:
    fact: Hop | Path = item.fact
    if isinstance(fact, Hop):
        return fact.because
    if fact.mtu is None:
        return fact.reason
    link = context.snapshot.link(fact.mtu.limited_by)
    return f"{fact.reason}, MTU {fact.mtu.bytes}{'' if link is None else f' by {link.name}'}"


def _subject(item: Item, context: Context) -> Subject:
    words = (_layer(item, context).text, _decision(item, context).text, _because(item, context))
    return item_subject(item, context, words=words)


def _target(item: Item, _context: Context) -> Target | None:
    """What decided the hop."""
    fact = item.fact.fact if isinstance(item.fact, Hop) else None
    namespace = item.namespace
    if isinstance(fact, Route):
        return Target(namespace=namespace, tab="routes", select=(namespace, route_key(fact)))
    if isinstance(fact, Rule):
        return Target(namespace=namespace, tab="rules", select=(namespace, fact))
    if isinstance(fact, Neighbour):
        return Target(namespace=namespace, tab="neighbours", select=(namespace, (fact.ifindex, fact.ip)))
    if isinstance(fact, FdbEntry):
        return Target(namespace=namespace, tab="fdb")
    return Target(link=item.link) if item.link is not None else Target(namespace=namespace)


def _note(item: Item, context: Context) -> tuple[tuple[str, str], ...]:
    because = _because(item, context)
    return ("", _decision(item, context).text), *((("because", because),) if because else ())


def _unread(context: Context) -> Cell | None:
    asked = context.path
    return None if asked is None or asked.error is None else Cell(f"✗ {asked.error}", "warn")


def _alive(_item: Item, _snapshot: Snapshot) -> bool:
    """Another way has taken its place."""
    return True


def _crumbs(_item: Item, context: Context) -> tuple[str, ...]:
    path = None if context.path is None else context.path.path
    return () if path is None else (_title(path),)


def _title(path: Path) -> str:
    """What is on its way."""
    ports = "" if path.flow.port is None else f" port {path.flow.port}"
    return f"{path.flow.protocol}{ports} from {path.flow.source} to {path.flow.destination}"


_TRAFFIC = traffic_columns(lambda item, _: (() if item.link is None else (item.link,), False), kernel=True)

PATH = View(
    "path",
    "Path",
    (
        NAMESPACE,
        replace(LINK, rank=3),
        Column("layer", "LAYER", _layer, least=5, rank=8),
        Column("decision", "DECISION", _decision, least=12, most=60, rank=0),
        Column("because", "BECAUSE", _because, least=30, most=90, rank=2),
        *(replace(column, rank=4) for column in _TRAFFIC),
    ),
    _rows,
    _subject,
    empty="no path yet: n on a row asks for the way from there",
    about=(
        "The way of a packet and of its reply, hop by hop, and what decides each hop. In a list choose where it begins, press n,"
        " and type where it goes: a name or an address, and then perhaps tcp 80. Enter on a hop opens what decided it."
    ),
    unread=_unread,
    target=_target,
    crumbs=_crumbs,
    note=_note,
    alive=_alive,
)
