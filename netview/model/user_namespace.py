"""A user namespace: whose rights count in the network namespaces made in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UserNamespace:
    """One below the user namespace that netview is in."""

    inode: int
    owner_uid: int
    """Who made it, as netview's own user namespace numbers users (NS_GET_OWNER_UID)."""
    parent: "UserNamespace | None" = None
    """What it was made in (NS_GET_PARENT); None: the user namespace that netview is in."""

    @property
    def outermost(self) -> "UserNamespace":
        """What is around it, or itself, just below the one that netview is in."""
        return self if self.parent is None else self.parent.outermost
