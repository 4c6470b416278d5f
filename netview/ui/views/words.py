"""Words that several views share."""

from collections.abc import Sequence

from netview.model import Address, Family, Link, LinkFlag, LinkKey, LinkRef, NamespaceId, OperState
from netview.text import UNKNOWN
from netview.ui.columns import Cell, Column, Context, Item, SortValue


def label(context: Context, namespace: NamespaceId | None) -> str:
    """A namespace's name for people."""
    known = None if namespace is None else context.snapshot.namespaces.get(namespace)
    return UNKNOWN if known is None else known.label


def link_name(context: Context, key: LinkKey | None) -> str:
    """A link's name; "?" for one that is not known."""
    link = None if key is None else context.snapshot.link(key)
    return UNKNOWN if link is None else link.name


def main_address(addresses: Sequence[Address]) -> str:
    """The address that a link is known by, and how many more there are."""
    if not addresses:
        return ""
    best = min(addresses, key=lambda address: (address.scope in {"link", "host"}, address.family != Family.INET))
    more = f" +{len(addresses) - 1}" if len(addresses) > 1 else ""
    return f"{best.address}/{best.prefixlen}{more}"


def is_down(link: Link) -> bool:
    """Whether nothing can pass: administratively down, or no carrier."""
    return not link.flags & LinkFlag.UP or link.operstate in {OperState.DOWN, OperState.LOWERLAYERDOWN, OperState.NOTPRESENT}


def state(link: Link) -> Cell:
    """The RFC 2863 state as `ip link` words it; "admin down" where it was set down."""
    if not link.flags & LinkFlag.UP:
        return Cell("admin down", "warn")
    return Cell(link.operstate.word.lower(), "bad" if is_down(link) else "dim" if link.operstate is OperState.UNKNOWN else "good")


def far_end(context: Context, ref: LinkRef | None, near: NamespaceId | None) -> str:
    """The other end of a wire: its name, and its namespace where that is not home."""
    if ref is None:
        return ""
    name = ref.name or f"#{ref.ifindex}"
    if ref.namespace is None:
        return f"{name} in an unseen namespace" if ref.nsid is None else f"{name} in unseen nsid {ref.nsid}"
    if ref.namespace in {near, context.snapshot.home} and (ref.namespace != near or ref.nsid is None):
        return name
    return f"{name} in {label(context, ref.namespace)}"


def _label_value(item: Item, context: Context) -> SortValue:
    return label(context, item.namespace)


def _link_value(item: Item, context: Context) -> SortValue | None:
    return None if item.link is None else link_name(context, item.link)


NAMESPACE = Column(
    "namespace", "NAMESPACE", lambda item, context: Cell(label(context, item.namespace), "name"), _label_value, least=9, rank=0
)
LINK = Column(
    "link", "DEV", lambda item, context: "" if item.link is None else link_name(context, item.link), _link_value, least=4, rank=1
)
