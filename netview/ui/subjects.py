"""What a filter sees of a link or a namespace."""

from collections.abc import Iterable

from netview.derive.filter import Subject
from netview.model import LinkKey, NamespaceId, Owner
from netview.ui.columns import Context, Item
from netview.ui.traffic import speed


def namespace_names(context: Context, namespace: NamespaceId | None) -> tuple[str, ...]:
    """Everything that a namespace is called."""
    known = None if namespace is None else context.snapshot.namespaces.get(namespace)
    if known is None:
        return ()
    return (known.label, *known.found.names, *(owner.name for owner in known.owners))


def owners_of(context: Context, *namespaces: NamespaceId | None) -> tuple[Owner, ...]:
    """Whose namespaces are."""
    known = (context.snapshot.namespaces.get(namespace) for namespace in dict.fromkeys(namespaces) if namespace is not None)
    return tuple(owner for one in known if one is not None for owner in one.owners)


def link_subject(context: Context, keys: Iterable[LinkKey], *words: str) -> Subject:
    """One link, or both ends of a wire as one."""
    snapshot = context.snapshot
    namespaces: list[str] = []
    names: list[str] = []
    ips: list[str] = []
    macs: list[str] = []
    kinds: list[str] = []
    listed = tuple(keys)
    for key in listed:
        link = snapshot.link(key)
        if link is None:
            continue
        namespaces.extend(namespace_names(context, key.namespace))
        names.extend((link.name, *link.altnames))
        kinds.append(link.kind)
        if link.address is not None:
            macs.append(link.address)
        ips.extend(
            f"{address.address}/{address.prefixlen}" for address in snapshot.namespaces[key.namespace].addresses_of(key.ifindex)
        )
    owned_by = owners_of(context, *(key.namespace for key in listed))
    return Subject(
        tuple(namespaces), tuple(names), tuple(ips), tuple(macs), tuple(kinds), words, speed(context, listed[:1]), owned_by
    )


def item_subject(
    item: Item,
    context: Context,
    *,
    ips: Iterable[str | None] = (),
    macs: Iterable[str | None] = (),
    words: Iterable[str | None] = (),
) -> Subject:
    """A fact of a namespace, with the link that it is about."""
    link = None if item.link is None else context.snapshot.link(item.link)
    return Subject(
        namespaces=namespace_names(context, item.namespace),
        links=() if link is None else (link.name, *link.altnames),
        ips=tuple(ip for ip in ips if ip),
        macs=tuple(mac for mac in macs if mac),
        kinds=() if link is None else (link.kind,),
        words=tuple(word for word in words if word),
        rate=None if item.link is None else speed(context, (item.link,)),
        owners=owners_of(context, item.namespace),
    )
