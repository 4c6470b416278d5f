"""The rows of a view that lists one table of every namespace, or of the place that is open."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from netview.model import LinkKey, Namespace
from netview.ui.columns import Context, Item


def facts(
    table: Callable[[Namespace], Iterable[Any]], identity: Callable[[Any], Hashable], ifindex: Callable[[Any], int | None]
) -> Callable[[Context], tuple[Item, ...]]:
    """A rows function: `identity` tells a fact from the others of its namespace, `ifindex` the link it is about."""

    def rows(context: Context) -> tuple[Item, ...]:
        chosen = (namespace for namespace in context.snapshot.namespaces.values() if context.namespace in {None, namespace.id})
        return tuple(
            Item((namespace.id, identity(fact)), namespace.id, _link(namespace, ifindex(fact)), fact)
            for namespace in chosen
            for fact in table(namespace)
        )

    return rows


def _link(namespace: Namespace, ifindex: int | None) -> LinkKey | None:
    return None if ifindex is None else LinkKey(namespace.id, ifindex)
