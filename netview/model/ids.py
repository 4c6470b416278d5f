"""Identities of namespaces and links."""

from typing import NamedTuple, NewType

NamespaceId = NewType("NamespaceId", str)
"""Opaque: "c6065" from the netns cookie (SO_NETNS_COOKIE), "i4026532185" from the inode where it may not be entered."""


class LinkKey(NamedTuple):
    """The only identity of a link: an ifindex means nothing outside its namespace."""

    namespace: NamespaceId
    ifindex: int


class LinkRef(NamedTuple):
    """The other end of a wire, or the link below, as far as the kernel tells it."""

    namespace: NamespaceId | None
    """None: the nsid leads to a namespace that cannot be seen."""
    nsid: int | None
    """In the numbering of the namespace that reported it; None: the same namespace."""
    ifindex: int
    name: str | None
    """None: the far namespace could not be read."""

    @property
    def key(self) -> LinkKey | None:
        """The far link's identity, or None where its namespace is unknown."""
        return None if self.namespace is None else LinkKey(self.namespace, self.ifindex)
