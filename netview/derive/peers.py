"""Which link is at the other end, and which is below: exactly, or unknown."""

from collections.abc import Mapping

from netview.model import Link, LinkKey, LinkRef, NamespaceId, Tables

PAIRED = frozenset({"veth", "netkit"})
# Tunnels: IFLA_LINK_NETNSID is the underlay's namespace, IFLA_LINK means nothing after a move.
_TUNNELS = frozenset(
    {"geneve", "gre", "gretap", "erspan", "ip6gre", "ip6gretap", "ip6erspan", "ipip", "ip6tnl", "sit", "vti", "vti6"}
)

Contents = Mapping[NamespaceId, Tables]
References = dict[LinkKey, LinkRef]


def references(contents: Contents) -> tuple[References, References]:
    """Peers and lowers of every link."""
    peers: References = {}
    lowers: References = {}
    for namespace, tables in contents.items():
        for link in tables.links.values():
            key = LinkKey(namespace, link.ifindex)
            if link.kind in PAIRED:
                peer = _peer(key, link, contents)
                if peer is not None:
                    peers[key] = peer
            else:
                lower = _lower(key, link, contents)
                if lower is not None:
                    lowers[key] = lower
    return peers, lowers


def _peer(key: LinkKey, link: Link, contents: Contents) -> LinkRef | None:
    ifindex = link.link
    if ifindex is None:
        if link.link_nsid is None:
            return None
        ifindex = link.ifindex  # Old kernels leave IFLA_LINK out when both ends have the same ifindex.
    if ifindex == 0:
        return None  # The peer is already gone.
    namespace = _namespace(key.namespace, link.link_nsid, contents)
    if namespace is None:
        return LinkRef(None, link.link_nsid, ifindex, None)
    far_tables = contents.get(namespace)
    far = None if far_tables is None else far_tables.links.get(ifindex)
    if far is None:
        return LinkRef(namespace, link.link_nsid, ifindex, None)
    back = link.ifindex if far.link is None else far.link
    if (
        far.kind != link.kind
        or back != link.ifindex
        or _namespace(namespace, far.link_nsid, contents) not in {None, key.namespace}
    ):
        return LinkRef(None, link.link_nsid, ifindex, None)  # Read while it moved: neither end confirms the other.
    return LinkRef(namespace, link.link_nsid, ifindex, far.name)


def _lower(key: LinkKey, link: Link, contents: Contents) -> LinkRef | None:
    if link.vxlan is not None:
        ifindex = link.vxlan.link
    elif link.kind in _TUNNELS:
        ifindex = next((value for name, value in link.details if name == "link" and isinstance(value, int)), None)
    else:
        ifindex = link.link if link.link_nsid is not None or link.link != link.ifindex else None
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
