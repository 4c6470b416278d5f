"""What a filter sees of a link or a namespace."""

from collections.abc import Callable, Iterable, Iterator

from netview.derive.filter import Subject
from netview.model import Link, LinkKey, NamespaceId, Owner
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


class LinkSubject:
    """One link, or both ends of a wire as one: what no filter asks for is not worked out."""

    prefixes: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()

    def __init__(self, context: Context, keys: Iterable[LinkKey], words: Callable[[], tuple[str, ...]]) -> None:
        self._context = context
        self._keys = tuple(keys)
        self._words = words

    @property
    def namespaces(self) -> tuple[str, ...]:
        """What those are called that they are in."""
        found = self._context.snapshot
        here = (key.namespace for key in self._keys if found.link(key) is not None)
        return tuple(name for namespace in here for name in namespace_names(self._context, namespace))

    @property
    def links(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(name for link in self._links() for name in (link.name, *link.altnames))

    @property
    def ips(self) -> tuple[str, ...]:
        """Their addresses."""
        snapshot = self._context.snapshot
        known = (key for key in self._keys if snapshot.link(key) is not None)
        told = (address for key in known for address in snapshot.namespaces[key.namespace].addresses_of(key.ifindex))
        return tuple(f"{address.address}/{address.prefixlen}" for address in told)

    @property
    def macs(self) -> tuple[str, ...]:
        """Their link-layer addresses."""
        return tuple(link.address for link in self._links() if link.address is not None)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Their kinds."""
        return tuple(link.kind for link in self._links())

    @property
    def words(self) -> tuple[str, ...]:
        """What else the row says."""
        return self._words()

    @property
    def rate(self) -> float | None:
        """Both directions of the first one together."""
        return speed(self._context, self._keys[:1])

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Whose they are."""
        return owners_of(self._context, *(key.namespace for key in self._keys))

    def _links(self) -> Iterator[Link]:
        for key in self._keys:
            link = self._context.snapshot.link(key)
            if link is not None:
                yield link


def link_subject(context: Context, keys: Iterable[LinkKey], *words: str) -> LinkSubject:
    """One link, or both ends of a wire as one, in a row that says these words, too."""
    return LinkSubject(context, keys, lambda: words)


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
