"""View 6: what appeared, changed and went, the newest first."""

from dataclasses import fields
from enum import Enum, IntEnum
from time import localtime, strftime

from netview.derive.filter import Subject
from netview.model import Address, Link, LinkFlag, LinkKey, Namespace, Owner, Route, Snapshot
from netview.model.event import Event, Fact
from netview.ui.columns import Cell, Column, Context, Item, Target, View

_ROLES = {"new": "good", "changed": "warn", "gone": "bad"}
_SIGNS = {"new": "+", "changed": "~", "gone": "\u2212"}
# What says the same in other words, or only counts how often.
_UNTOLD = frozenset({"details", "annotations", "carrier_changes", "labels", "ifindex", "hardware_type", "link_nsid"})


def _rows(context: Context) -> tuple[Item, ...]:
    return tuple(
        Item(entry.number, entry.event.namespace, _link(entry.event), entry.event)
        for entry in context.log
        if context.namespace in {None, entry.event.namespace}
    )


def _link(event: Event) -> LinkKey | None:
    fact = event.after or event.before
    if isinstance(fact, Link | Address):
        return LinkKey(event.namespace, fact.ifindex)
    return LinkKey(event.namespace, fact.oif) if isinstance(fact, Route) and fact.oif is not None else None


def _at(item: Item, _context: Context) -> str:
    return strftime("%H:%M:%S", localtime(item.fact.at))


def _kind(item: Item, _context: Context) -> Cell:
    event: Event = item.fact
    return Cell(f"{_SIGNS[event.kind]} {event.kind}", _ROLES[event.kind])


def _what(item: Item, _context: Context) -> Cell:
    event: Event = item.fact
    return Cell(_name(event.after or event.before), "name")


def _name(fact: Fact | None) -> str:
    if isinstance(fact, Namespace):
        return fact.label
    if isinstance(fact, Address):
        return f"{fact.address}/{fact.prefixlen}"
    if isinstance(fact, Route):
        return fact.dst if fact.type == "unicast" else f"{fact.type} {fact.dst}"
    return "" if fact is None else fact.name


def _how(item: Item, context: Context) -> str:
    event: Event = item.fact
    if event.before is not None and event.after is not None:
        return ", ".join(_differences(event.before, event.after))
    return _told(event.after or event.before, event, context)


def _differences(before: Fact, after: Fact) -> list[str]:
    if isinstance(before, Namespace) and isinstance(after, Namespace):
        faces = [{"name": one.label, "error": one.tables.error, "mounts": ", ".join(one.found.paths)} for one in (before, after)]
        pairs: list[tuple[str, object, object]] = [(name, old, faces[1][name]) for name, old in faces[0].items()]
    else:
        names = [known.name for known in fields(before) if known.name not in _UNTOLD]
        pairs = [(name, getattr(before, name), getattr(after, name)) for name in names]
    told = []
    for name, old, new in pairs:
        if isinstance(old, LinkFlag) and isinstance(new, LinkFlag):
            signed = [f"+{word}" for word in (new & ~old).words] + [f"\u2212{word}" for word in (old & ~new).words]
            told += signed
        elif old != new:
            told.append(f"{name} {_word(old)} \u2192 {_word(new)}" if _is_word(old) and _is_word(new) else f"{name} changed")
    return told or ["details changed"]


def _is_word(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | Enum)


def _word(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, IntEnum):
        return str(getattr(value, "word", value.name)).lower()
    return str(value)


def _told(fact: Fact | None, event: Event, context: Context) -> str:
    """What one reads of an object that came or went."""
    if isinstance(fact, Link):
        return " ".join(word for word in (fact.kind, fact.address) if word)
    if isinstance(fact, Owner):
        return " ".join(word for word in (fact.runtime.value, fact.image) if word)
    if isinstance(fact, Namespace):
        return ", ".join(source.value for source in sorted(fact.found.sources, key=lambda source: source.value))
    key = _link(event)
    link = None if key is None else context.snapshot.link(key)
    words = [] if link is None else [f"dev {link.name}"]
    if isinstance(fact, Route):
        words = [*([f"via {fact.gateway}"] if fact.gateway else []), *words, f"table {fact.table}"]
    return " ".join(words)


def _subject(item: Item, context: Context) -> Subject:
    event: Event = item.fact
    fact = event.after or event.before
    known = context.snapshot.namespaces.get(event.namespace)
    link = None if item.link is None else context.snapshot.link(item.link)
    named = (fact,) if isinstance(fact, Link) else () if link is None else (link,)
    return Subject(
        namespaces=(event.label, *(() if known is None else (*known.found.names, *(owner.name for owner in known.owners)))),
        links=tuple(name for one in named for name in (one.name, *one.altnames)),
        ips=tuple(_ips(fact)),
        macs=tuple(one.address for one in named if one.address is not None),
        kinds=tuple(one.kind for one in named),
        words=(event.kind, event.object, _name(fact), _how(item, context)),
        owners=(fact,) if isinstance(fact, Owner) else () if known is None else known.owners,
    )


def _ips(fact: Fact | None) -> list[str]:
    if isinstance(fact, Address):
        return [f"{fact.address}/{fact.prefixlen}"]
    return [ip for ip in (fact.dst, fact.gateway, fact.prefsrc) if ip] if isinstance(fact, Route) else []


def _target(item: Item, context: Context) -> Target | None:
    """What it was about, if it is still there."""
    event: Event = item.fact
    if event.object != "namespace" and item.link is not None and context.snapshot.link(item.link) is not None:
        return Target(link=item.link)
    return Target(namespace=event.namespace) if event.namespace in context.snapshot.namespaces else None


def _note(item: Item, context: Context) -> tuple[tuple[str, str], ...]:
    event: Event = item.fact
    told = f"{event.kind} {event.object} {_what(item, context).text} in {event.label}"
    how = _how(item, context)
    return ("", told), *((("", how),) if how else ())


def _alive(_item: Item, _snapshot: Snapshot) -> bool:
    """What is no longer kept is not shown as gone: it happened."""
    return True


EVENTS = View(
    "events",
    "Events",
    (
        Column("at", "TIME", _at, lambda item, _: item.key, least=8, rank=0, stays=True),
        Column("event", "EVENT", _kind, lambda item, _: item.fact.kind, least=9, rank=1, stays=True),
        Column("object", "OBJECT", lambda item, _: item.fact.object, lambda item, _: item.fact.object, least=9, rank=4),
        Column("namespace", "NAMESPACE", lambda item, _: item.fact.label, lambda item, _: item.fact.label, least=9, rank=3),
        Column("what", "WHAT", _what, lambda item, context: _what(item, context).text, least=16, most=40, rank=2),
        Column("how", "HOW", _how, lambda item, context: _how(item, context) or None, least=16, most=70, rank=2),
    ),
    _rows,
    _subject,
    empty="nothing has changed since netview started",
    about=(
        "What comes, goes or changes while netview runs stands here, the newest first: links, addresses, routes, neighbours,"
        " namespaces and their owners. Enter opens what it was about, as long as that is there."
    ),
    target=_target,
    note=_note,
    alive=_alive,
    gone="this is not there any more",
)
