"""Where tunnels lead."""

from netview.model import LinkKey, Snapshot


def remotes(snapshot: Snapshot, key: LinkKey) -> tuple[str, ...]:
    """The far VTEPs of a VXLAN: the default one, and those of its forwarding table; nothing for other links."""
    link = snapshot.link(key)
    if link is None or link.vxlan is None:
        return ()
    fdb = snapshot.namespaces[key.namespace].tables.fdb
    known = [link.vxlan.remote, *(entry.dst for entry in fdb if entry.ifindex == key.ifindex)]
    return tuple(remote for remote in dict.fromkeys(known) if remote is not None)
