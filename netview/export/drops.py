"""What was dropped, as text and as JSON."""

from collections.abc import Iterator
from datetime import UTC, datetime

from netview.derive.drops import Dropped
from netview.export.json import ascii_json
from netview.live.dropping import DropState
from netview.model import LinkKey, NamespaceId, Snapshot
from netview.model.drops import PROTOCOLS
from netview.text import safe


def lines(snapshot: Snapshot, found: DropState) -> Iterator[str]:
    """The counters that moved by namespace and link, then the kernel's reasons; each line safe to print."""
    yield f"in {found.seconds:.1f} s:" if found.counters or found.reasons else f"nothing was dropped in {found.seconds:.1f} s"
    last: NamespaceId | None = None
    for one in found.counters:
        if one.namespace != last and one.counter.source != "softnet":
            yield safe(f"▼ {_label(snapshot, one.namespace)}")
            last = one.namespace
        where = _link(snapshot, one)
        place = f"{where} " if where else "the machine's processors " if one.counter.source == "softnet" else ""
        yield safe(f"│ {one.packets:>8} {place}{one.counter.name} ({one.counter.source})")
    if found.reasons:
        yield "▼ the kernel's reasons, machine-wide"
        for reason in found.reasons:
            whose = "" if reason.namespace is None else f", sent in {_label(snapshot, reason.namespace)}"
            protocol = PROTOCOLS.get(reason.reason.protocol, f"{reason.reason.protocol:#06x}")
            yield safe(f"│ {reason.packets:>8} {reason.reason.reason} in {reason.reason.location} ({protocol}{whose})")
    for what, why in found.unknown:
        yield safe(f"? {_label(snapshot, what)}: {why}")


def encode(snapshot: Snapshot, found: DropState) -> str:
    """The same as one line of ASCII."""
    return ascii_json(
        {
            "schema": "netview.drops/1",
            "taken_at": _time(snapshot.taken_at),
            "seconds": round(found.seconds, 3),
            "counters": [
                {
                    "namespace": one.namespace,
                    "namespace_label": _label(snapshot, one.namespace),
                    "link": _link(snapshot, one),
                    "source": one.counter.source,
                    "name": one.counter.name,
                    "packets": one.packets,
                }
                for one in found.counters
            ],
            "reasons": None
            if found.reasons is None
            else [
                {
                    "reason": one.reason.reason,
                    "location": one.reason.location,
                    "protocol": one.reason.protocol,
                    "namespace": one.namespace,
                    "packets": one.packets,
                }
                for one in found.reasons
            ],
            "unknown": [{"what": _label(snapshot, what), "reason": why} for what, why in found.unknown],
        }
    )


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _link(snapshot: Snapshot, one: Dropped) -> str | None:
    ifindex = one.counter.ifindex
    link = None if ifindex is None else snapshot.link(LinkKey(one.namespace, ifindex))
    return None if ifindex is None else f"#{ifindex}" if link is None else link.name


def _label(snapshot: Snapshot, namespace: NamespaceId | str) -> str:
    known = snapshot.namespaces.get(NamespaceId(namespace))
    return namespace if known is None else known.label
