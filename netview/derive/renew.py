"""References between links, worked out anew only where something they follow from has changed."""

from collections.abc import Iterator, Mapping

from netview.derive.peers import Contents, References, reference, references
from netview.model import LinkKey, LinkRef, NamespaceId, Tables

_NOTHING = Tables()
Known = Mapping[LinkKey, LinkRef]


def renewed(now: Contents, before: Contents, peers: Known, lowers: Known) -> tuple[Known, Known]:
    """Peers and lowers of now, by those of before."""
    if not before:
        return references(now)
    touched = set(_touched(now, before))
    if not touched:
        return peers, lowers
    affected = touched | _leading_to(touched, now, peers) | _leading_to(touched, now, lowers)
    new_peers, new_lowers = dict(peers), dict(lowers)
    for key in affected:
        new_peers.pop(key, None)
        new_lowers.pop(key, None)
    found_peers, found_lowers = _found(affected, now)
    return new_peers | found_peers, new_lowers | found_lowers


def changed(now: Contents, before: Contents) -> set[NamespaceId]:
    """Namespaces that came or went, or whose links or numbers are not the same objects."""
    if now is before:
        return set()
    return {
        namespace
        for namespace in now.keys() | before.keys()
        if now.get(namespace) is not before.get(namespace)
        and not _alike(now.get(namespace, _NOTHING), before.get(namespace, _NOTHING))
    }


def _alike(one: Tables, other: Tables) -> bool:
    return one.links is other.links and one.nsids is other.nsids


def _touched(now: Contents, before: Contents) -> Iterator[LinkKey]:
    """Links that came, went or changed, or whose number leads elsewhere."""
    for namespace in changed(now, before):
        new, old = now.get(namespace, _NOTHING), before.get(namespace, _NOTHING)
        for ifindex in old.links.keys() - new.links.keys():
            yield LinkKey(namespace, ifindex)
        for ifindex, link in new.links.items():
            nsid = link.link_nsid
            if old.links.get(ifindex) is not link or (nsid is not None and old.nsids.get(nsid) != new.nsids.get(nsid)):
                yield LinkKey(namespace, ifindex)
        if (namespace in now) is not (namespace in before):
            yield from (LinkKey(namespace, ifindex) for ifindex in new.links)


def _leading_to(touched: set[LinkKey], now: Contents, known: Known) -> set[LinkKey]:
    """Links whose reference leads to such a one, or would if both ends agreed."""
    leading: set[LinkKey] = set()
    for key, reference_ in known.items():
        far = reference_.namespace
        if far is None:
            nsids = now.get(key.namespace, _NOTHING).nsids
            far = key.namespace if reference_.nsid is None else nsids.get(reference_.nsid)
        # A tuple is as good as a key, and made in a third of the time.
        if (far, reference_.ifindex) in touched:
            leading.add(key)
    return leading


def _found(keys: set[LinkKey], contents: Contents) -> tuple[References, References]:
    peers: References = {}
    lowers: References = {}
    for key in keys:
        tables = contents.get(key.namespace)
        link = None if tables is None else tables.links.get(key.ifindex)
        if link is not None:
            reference(key, link, contents, peers, lowers)
    return peers, lowers
