"""Which VLAN a bridge that filters them takes a frame for, and which of its ports may have it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from netview.derive.path.questions import PortVlan
from netview.model import LinkKey, NamespaceId

Members = Mapping[int, tuple[PortVlan, ...]]
"""The VLANs of each port, and of the bridge itself."""


@dataclass(slots=True, eq=False)
class Filters:
    """What is known of bridges that filter."""

    known: dict[NamespaceId, Members | str] = field(default_factory=dict)
    """By namespace; words: why not."""
    unknown: set[NamespaceId] = field(default_factory=set)
    """Those of which that would have to be known."""


def vlan_of(members: Members, port: LinkKey, name: str, tag: int | None) -> int | str:
    """The VLAN that a frame comes in by; words: why it is in none."""
    those = members.get(port.ifindex, ())
    if tag is None:
        pvid = next((one.first for one in those if one.pvid), None)
        return f"{name} has no VLAN for frames without a tag (PVID)" if pvid is None else pvid
    return tag if _entry(those, tag) is not None else f"{name} is not in VLAN {tag}"


def tag_of(members: Members, port: LinkKey, name: str, vlan: int) -> tuple[int | None, str | None]:
    """The tag that a frame of a VLAN leaves with, and why it does not leave."""
    entry = _entry(members.get(port.ifindex, ()), vlan)
    if entry is None:
        return vlan, f"{name} is not in VLAN {vlan}"
    return None if entry.untagged else vlan, None


def _entry(those: tuple[PortVlan, ...], vlan: int) -> PortVlan | None:
    return next((one for one in those if one.first <= vlan <= one.last), None)
