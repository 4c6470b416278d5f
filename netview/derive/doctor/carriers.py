"""What carries the outer packets of a tunnel."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import NamedTuple

from netview.derive.path.routing import Decision, Lookup, decide
from netview.derive.path.tunnelling import underlay
from netview.derive.tunnels import remotes
from netview.model import Flow, Link, LinkKey, NamespaceId, Snapshot

OVERHEAD = {"vxlan": 50, "geneve": 50}
"""What a tunnel adds at least to a packet over IPv4."""
_OF_IPV6 = 20
"""What the header of IPv6 has more."""
_MOST = 16


class Carrier(NamedTuple):
    """The way of the outer packets to one far end."""

    remote: str
    beneath: NamespaceId
    """The namespace that they are in."""
    overhead: int
    """Bytes that the tunnel adds."""
    decision: Decision


def carriers(snapshot: Snapshot, key: LinkKey, link: Link) -> Iterator[Carrier]:
    """One for each far end of a tunnel, as far as the namespace below it can be seen; a group of many is no far end."""
    beneath = underlay(snapshot, key)
    below = None if beneath is None else snapshot.namespaces.get(beneath)
    if beneath is None or below is None or below.tables.error is not None:
        return
    for remote in _far_ends(snapshot, key, link)[:_MOST]:
        port = 0 if link.vxlan is None else link.vxlan.port
        decision = decide(below.tables, Lookup(Flow("udp", "", remote, None, port)))
        over = OVERHEAD[link.kind] + (_OF_IPV6 if ":" in remote else 0)
        yield Carrier(remote, beneath, over, decision)


def _far_ends(snapshot: Snapshot, key: LinkKey, link: Link) -> list[str]:
    known = list(remotes(snapshot, key)) or [str(value) for name, value in link.details if name == "remote" and value]
    addresses = ((one, ip_address(one)) for one in known)
    return [one for one, address in addresses if not address.is_multicast and not address.is_unspecified]
