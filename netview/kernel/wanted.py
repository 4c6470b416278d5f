"""What is on the screen, as far as the kernel's readers ask."""

from typing import Protocol

from netview.model import LinkKey, NamespaceId


class Wanted(Protocol):
    """What a front end shows (live.Want)."""

    @property
    def visible(self) -> frozenset[LinkKey]:
        """The rows on the screen."""

    @property
    def place(self) -> NamespaceId | None:
        """The namespace that is open."""

    @property
    def sockets(self) -> str:
        """Whose sockets are read: "place", "all", or nobody's."""

    @property
    def facts(self) -> str:
        """Whose host files are read: a namespace's, "all", or nobody's ("")."""
