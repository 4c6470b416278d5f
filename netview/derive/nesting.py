"""What is around the user namespace that a namespace was made in."""

from netview.model import Namespace, Snapshot


def around(snapshot: Snapshot, namespace: Namespace) -> tuple[Namespace, ...]:
    """The namespaces made in the nearest user namespace around its own in which any were; () where only netview's own is."""
    user = namespace.found.user_namespace
    level = None if user is None else user.parent
    while level is not None:
        made_there = tuple(one for one in snapshot.namespaces.values() if _made_in(one) == level.inode)
        if made_there:
            return made_there
        level = level.parent
    return ()


def _made_in(namespace: Namespace) -> int | None:
    user = namespace.found.user_namespace
    return None if user is None else user.inode
