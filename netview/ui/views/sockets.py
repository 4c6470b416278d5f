"""The tab Sockets: what the namespace serves, and its connections by peer."""

from functools import lru_cache

from netview.derive.filter import Subject
from netview.derive.sockets import Service, endpoint, services
from netview.model import Snapshot
from netview.text import UNKNOWN
from netview.ui.columns import Cell, Column, Context, Item, View
from netview.ui.subjects import item_subject

_services = lru_cache(maxsize=2)(services)
_NOTE = Service("", "", "", 0, "", 0, (), (), ())


def _rows(context: Context) -> tuple[Item, ...]:
    known = None if context.namespace is None else context.snapshot.namespaces.get(context.namespace)
    sockets = None if known is None else context.snapshot.sockets.get(known.id)
    if known is None or sockets is None:
        return ()
    notes = (_NOTE._replace(local=line) for line in sockets.partly)
    return tuple(Item((known.id, one.key), known.id, None, one) for one in (*notes, *_services(known, sockets)))


def _is_read(item: Item, snapshot: Snapshot) -> bool:
    """Sockets that are not being read have not gone."""
    return item.namespace in snapshot.namespaces and item.namespace not in snapshot.sockets


def _unread(context: Context) -> Cell | None:
    sockets = None if context.namespace is None else context.snapshot.sockets.get(context.namespace)
    if sockets is None:
        return Cell("the sockets are not read yet", "dim")
    return None if sockets.unknown is None else Cell(f"✗ {sockets.unknown}", "warn")


def _local(item: Item, _context: Context) -> Cell:
    service: Service = item.fact
    return Cell(service.local, "name" if service.protocol else "warn")


def _state(item: Item, _context: Context) -> Cell:
    service: Service = item.fact
    if service.published and not service.total:
        return Cell("nothing listens", "bad")
    return Cell(service.state, "good" if service.families else "busy" if service.state == "ESTAB" else "dim")


def _total(item: Item, _context: Context) -> str:
    return str(item.fact.total) if item.fact.protocol else ""


def _process(item: Item, context: Context) -> Cell:
    """Who holds it; the kernel alone holds what is closing."""
    service: Service = item.fact
    if len(service.pids) == 1:
        return Cell(f"{service.comms[0]}[{service.pids[0]}]")
    if service.pids:
        return Cell(f"{', '.join(service.comms)}: {len(service.pids)} processes")
    if not service.total or service.state == "TIME-WAIT":
        return Cell("")
    sockets = None if item.namespace is None else context.snapshot.sockets.get(item.namespace)
    return Cell("nobody here" if sockets is not None and not sockets.partly else UNKNOWN, "dim")


def _published(item: Item, _context: Context) -> str:
    return ", ".join(endpoint(known.host_address or "", known.host_port or 0) for known in item.fact.published)


def _containers(item: Item, _context: Context) -> str:
    return ", ".join(item.fact.containers)


def _subject(item: Item, context: Context) -> Subject:
    service: Service = item.fact
    shown = (_process(item, context).text, _published(item, context), _state(item, context).text)
    words = (service.protocol, service.local, service.remote, service.families, *shown, *service.containers)
    return item_subject(item, context, ips=(service.address, service.peer), words=words)._replace(ports=(service.port,))


SOCKETS = View(
    "sockets",
    "Sockets",
    (
        Column(
            "protocol", "PROTO", lambda item, _: item.fact.protocol, lambda item, _: item.fact.protocol or None, least=5, rank=0
        ),
        Column("local", "LOCAL", _local, lambda item, _: (item.fact.port, *map(ord, item.fact.local)), least=12, most=46, rank=0),
        Column(
            "peer", "PEER", lambda item, _: item.fact.remote, lambda item, _: item.fact.remote or None, least=10, most=46, rank=3
        ),
        Column("state", "STATE", _state, lambda item, context: _state(item, context).text or None, least=6, rank=1),
        Column("total", "COUNT", _total, lambda item, _: item.fact.total, least=5, right=True, live=True, rank=3),
        Column(
            "process", "PROCESS", _process, lambda item, context: _process(item, context).text or None, least=10, most=40, rank=2
        ),
        Column("container", "CONTAINER", _containers, lambda item, context: _containers(item, context) or None, most=30, rank=6),
        Column(
            "serves", "SERVES", lambda item, _: item.fact.families, lambda item, _: item.fact.families or None, least=9, rank=5
        ),
        Column("published", "PUBLISHED", _published, lambda item, context: _published(item, context) or None, most=50, rank=4),
    ),
    _rows,
    _subject,
    empty="no TCP or UDP socket here",
    unread=_unread,
    alive=_is_read,
)
