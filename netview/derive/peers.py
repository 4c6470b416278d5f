"""Which link is at the other end, and which is below: exactly, or unknown."""

from collections.abc import Mapping

from netview.model import Link, LinkKey, LinkRef, NamespaceId, Tables

PAIRED = frozenset({"veth", "netkit"})
# Tunnels: IFLA_LINK_NETNSID is the underlay's namespace, IFLA_LINK means nothing after a move.
_TUNNELS = frozenset(
    {"geneve", "gre", "gretap", "erspan", "ip6gre", "ip6gretap", "ip6erspan", "ipip", "ip6tnl", "sit", "vti", "vti6"}
)
# Made upon a lower link, which may have their own ifindex in another namespace.
_STACKED = frozenset({"macvlan", "macvtap", "ipvlan", "ipvtap", "vlan", "macsec"})

Contents = Mapping[NamespaceId, Tables]
References = dict[LinkKey, LinkRef]


def references(contents: Contents) -> tuple[References, References]:
    """Peers and lowers of every link."""
    peers: References = {}
    lowers: References = {}
    for namespace, tables in contents.items():
        for link in tables.links.values():
            reference(LinkKey(namespace, link.ifindex), link, contents, peers, lowers)
    return peers, lowers


def reference(key: LinkKey, link: Link, contents: Contents, peers: References, lowers: References) -> None:
    """Put a link's reference, where it has one, where it belongs."""
    if link.kind in PAIRED:
        peer = _peer(key, link, contents)
        if peer is not None:
            peers[key] = peer
    else:
        lower = _lower(key, link, contents)
        if lower is not None:
            lowers[key] = lower


def _peer(key: LinkKey, link: Link, contents: Contents) -> LinkRef | None:
    ifindex = _peer_ifindex(link)
    if not ifindex:
        return None  # The peer is already gone.
    unknown = LinkRef(None, link.link_nsid, ifindex, None)
    namespace = _namespace(key.namespace, link.link_nsid, contents)
    if namespace is None or LinkKey(namespace, ifindex) == key:
        return unknown
    far_tables = contents.get(namespace)
    far = None if far_tables is None else far_tables.links.get(ifindex)
    if far is None:
        return LinkRef(namespace, link.link_nsid, ifindex, None)
    confirmed = far.kind == link.kind and _peer_ifindex(far) == link.ifindex
    if not confirmed or _namespace(namespace, far.link_nsid, contents) not in {None, key.namespace}:
        return unknown  # Read while it moved: neither end confirms the other.
    return LinkRef(namespace, link.link_nsid, ifindex, far.name)


def _peer_ifindex(link: Link) -> int | None:
    if link.link is None and link.link_nsid is not None:
        return link.ifindex  # Old kernels leave IFLA_LINK out when both ends have the same ifindex.
    return link.link


def _lower(key: LinkKey, link: Link, contents: Contents) -> LinkRef | None:
    if link.vxlan is not None:
        ifindex = link.vxlan.link
    elif link.kind in _TUNNELS:
        ifindex = next((value for name, value in link.details if name == "link" and isinstance(value, int)), None)
    elif link.kind in _STACKED or link.link != link.ifindex:
        ifindex = link.link
    else:
        ifindex = None  # A moved wireguard and its like report themselves, with the nsid of where they were made.
    if not ifindex:
        return None
    namespace = _namespace(key.namespace, link.link_nsid, contents)
    tables = None if namespace is None else contents.get(namespace)
    below = None if tables is None else tables.links.get(ifindex)
    return LinkRef(namespace, link.link_nsid, ifindex, None if below is None else below.name)


def _namespace(reporter: NamespaceId, nsid: int | None, contents: Contents) -> NamespaceId | None:
    """An nsid in the numbering of its reporter, and of nobody else."""
    if nsid is None:
        return reporter
    return contents[reporter].nsids.get(nsid)
