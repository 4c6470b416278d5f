"""Sockets in the JSON contract and as text."""

from collections.abc import Iterator

from netview.derive.sockets import Service, endpoint, local, remote, services
from netview.export.contract import SocketJson, UnknownJson
from netview.model import Namespace, Snapshot, Sockets
from netview.text import safe


def sockets_json(namespace: Namespace, sockets: Sockets) -> list[SocketJson] | None:
    """Every socket that was read; None where none could be."""
    if sockets.unknown is not None:
        return None
    return [
        {
            "protocol": socket.protocol,
            "local": local(socket, namespace.links),
            "remote": remote(socket),
            "state": socket.state.word,
            "pid": socket.pid,
            "comm": socket.comm,
        }
        for socket in sockets.entries
    ]


def unknown_json(sockets: Sockets) -> list[UnknownJson]:
    """What of the sockets is not known, and why."""
    reasons = sockets.partly if sockets.unknown is None else (sockets.unknown,)
    return [{"field": "sockets", "reason": reason} for reason in reasons]


def lines(snapshot: Snapshot) -> Iterator[str]:
    """What each namespace serves and whom it talks to; each line safe to print. Nothing where no sockets were asked for."""
    for namespace in snapshot.namespaces.values():
        sockets = snapshot.sockets.get(namespace.id)
        told = [] if sockets is None else [*_notes(sockets), *map(_service, services(namespace, sockets))]
        if told:
            yield f"sockets of {safe(namespace.label)}"
            yield from (f"├─ {line}" for line in told[:-1])
            yield f"└─ {told[-1]}"


def _notes(sockets: Sockets) -> list[str]:
    return [f"✗ {safe(unknown['reason'])}" for unknown in unknown_json(sockets)]


def _service(service: Service) -> str:
    place = safe(service.local) if not service.remote else f"{safe(service.local)} ⇄ {safe(service.remote)}".lstrip()
    holders = f"{', '.join(map(safe, service.comms))}[{', '.join(map(str, service.pids))}]" if service.pids else ""
    published = [f"published at {safe(endpoint(known.host_address or '', known.host_port or 0))}" for known in service.published]
    words = (
        service.state or "nothing listens",
        f"{service.total} sockets" if service.total > 1 else "",
        service.families,
        holders,
        *map(safe, service.containers),
        *published,
    )
    return " · ".join((f"{safe(service.protocol)} {place}", *(word for word in words if word)))
