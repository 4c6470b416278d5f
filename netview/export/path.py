"""A path as JSON and as a ladder of hops."""

from collections.abc import Iterator, Mapping
from typing import TypedDict

from netview.export.contract import FdbJson, NeighbourJson, RouteJson, RuleJson
from netview.export.json import ascii_json, fdb_json, neighbour_json, route_json, rule_json
from netview.model import FdbEntry, Flow, LinkKey, NamespaceId, Neighbour, Route, Rule, Snapshot
from netview.model.path import Hop, Path, Verdict
from netview.text import safe

_GOOD = frozenset({Verdict.DELIVERED, Verdict.FORWARDED})


class FlowJson(TypedDict):
    """What is sent."""

    protocol: str
    source: str
    destination: str
    source_port: int | None
    port: int | None


class PlaceJson(TypedDict):
    """A link, or a namespace as a whole."""

    namespace: str
    namespace_label: str
    link: str | None


class MtuJson(TypedDict):
    """What fits through."""

    bytes: int
    limited_by: PlaceJson


class ObjectJson(TypedDict):
    """The entry that decided, as in a snapshot."""

    kind: str
    entry: RouteJson | RuleJson | NeighbourJson | FdbJson


class HopJson(TypedDict):
    """One decision."""

    namespace: str
    namespace_label: str
    link: str | None
    layer: int | str
    decision: str
    because: str
    object: ObjectJson | None
    command: str | None


PathJson = TypedDict(
    "PathJson",
    {
        "from": str,
        "to": str,
        "flow": FlowJson,
        "verdict": str,
        "reason": str,
        "at": PlaceJson | None,
        "mtu": MtuJson | None,
        "hops": list[HopJson],
    },
)


class WholeJson(PathJson):
    """There and back."""

    back: PathJson | None


def encode(snapshot: Snapshot, path: Path, source: str, destination: str) -> str:
    """The path as one line of ASCII."""
    return ascii_json(path_json(snapshot, path, source, destination))


def path_json(snapshot: Snapshot, path: Path, source: str, destination: str) -> WholeJson:
    """The path in the words of its contract; the way back goes from the one end to the other."""
    back = None if path.back is None else _path(snapshot, path.back, destination, source)
    return {**_path(snapshot, path, source, destination), "back": back}


def lines(snapshot: Snapshot, path: Path, source: str, destination: str) -> Iterator[str]:
    """The ladder, each line safe to print."""
    yield f"{safe(source)} → {safe(destination)} · {_flow(path.flow)}"
    yield from _ladder(snapshot, path)
    if path.back is not None:
        yield ""
        yield f"the way back · {_flow(path.back.flow)}"
        yield from _ladder(snapshot, path.back)


def status(path: Path) -> int:
    """An exit code: 0 it gets through, and so do the replies, 1 it does not, 3 nobody can tell."""
    verdicts = {one.verdict for one in (path, path.back) if one is not None}
    if verdicts <= _GOOD:
        return 0
    return 1 if verdicts - _GOOD - {Verdict.UNDECIDED} else 3


def _ladder(snapshot: Snapshot, path: Path) -> Iterator[str]:
    last: NamespaceId | None = None
    for hop in path.hops:
        if hop.namespace != last:
            yield f"▼ {safe(_label(snapshot, hop.namespace))}"
            last = hop.namespace
        yield f"│ {_layer(hop)} {safe(hop.decision)} · {safe(hop.because)}"
    mark = "●" if path.verdict in _GOOD else "⚠" if path.verdict is Verdict.UNDECIDED else "✗"
    yield f"{mark} {path.verdict.value}: {safe(path.reason)}"
    if path.mtu is not None:
        key = path.mtu.limited_by
        yield f"  MTU {path.mtu.bytes} by {safe(_name(snapshot, key) or '?')} in {safe(_label(snapshot, key.namespace))}"
    lost = path.verdict not in _GOOD and path.verdict is not Verdict.UNDECIDED
    command = path.hops[-1].command if path.hops and lost else None
    if command is not None:
        yield f"  {safe(command)}"


def _layer(hop: Hop) -> str:
    return {2: "L2", 3: "L3", "netfilter": "nf", "tunnel": "L2"}[hop.layer]


def _flow(flow: Flow) -> str:
    ports = "" if flow.port is None else f" port {flow.port}"
    return safe(f"{flow.protocol}{ports} from {flow.source} to {flow.destination}")


def _path(snapshot: Snapshot, path: Path, source: str, destination: str) -> PathJson:
    flow = path.flow
    return {
        "from": source,
        "to": destination,
        "flow": {
            "protocol": flow.protocol,
            "source": flow.source,
            "destination": flow.destination,
            "source_port": flow.source_port,
            "port": flow.port,
        },
        "verdict": path.verdict.value,
        "reason": path.reason,
        "at": None if path.at is None else _place(snapshot, path.at.namespace, path.at.link),
        "mtu": None
        if path.mtu is None
        else {"bytes": path.mtu.bytes, "limited_by": _place(snapshot, path.mtu.limited_by.namespace, path.mtu.limited_by)},
        "hops": [_hop(snapshot, hop) for hop in path.hops],
    }


def _hop(snapshot: Snapshot, hop: Hop) -> HopJson:
    return {
        **_place(snapshot, hop.namespace, hop.link),
        "layer": hop.layer,
        "decision": hop.decision,
        "because": hop.because,
        "object": _object(snapshot, hop),
        "command": hop.command,
    }


def _object(snapshot: Snapshot, hop: Hop) -> ObjectJson | None:
    fact, names = hop.fact, _names(snapshot, hop.namespace)
    if isinstance(fact, Route):
        return {"kind": "route", "entry": route_json(fact, names)}
    if isinstance(fact, Rule):
        return {"kind": "rule", "entry": rule_json(fact)}
    if isinstance(fact, Neighbour):
        return {"kind": "neighbour", "entry": neighbour_json(fact, names)}
    if isinstance(fact, FdbEntry):
        return {"kind": "fdb", "entry": fdb_json(fact, names)}
    return None


def _names(snapshot: Snapshot, namespace: NamespaceId) -> Mapping[int, str]:
    known = snapshot.namespaces.get(namespace)
    return {} if known is None else {ifindex: link.name for ifindex, link in known.links.items()}


def _place(snapshot: Snapshot, namespace: NamespaceId, link: LinkKey | None) -> PlaceJson:
    return {
        "namespace": namespace,
        "namespace_label": _label(snapshot, namespace),
        "link": None if link is None else _name(snapshot, link),
    }


def _label(snapshot: Snapshot, namespace: NamespaceId) -> str:
    known = snapshot.namespaces.get(namespace)
    return namespace if known is None else known.label


def _name(snapshot: Snapshot, key: LinkKey) -> str | None:
    link = snapshot.link(key)
    return None if link is None else link.name
