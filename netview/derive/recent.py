"""What changed a moment ago, for marks that fade."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Literal

from netview.model import Address, LinkKey, Route
from netview.model.event import Event

Age = Literal["fresh", "fading"]
FRESH_S, FADED_S = 3.0, 6.0


def recent(events: Iterator[Event], now: float) -> Mapping[Hashable, Age]:
    """The links, namespaces and table entries that changed lately, of events with the newest first.

    Links by their key, namespaces by their id, addresses and routes by namespace and key. What came or went as a whole is not
    among it, but a link or a namespace of which something came or went is.
    """
    found: dict[Hashable, Age] = {}
    for event in events:
        since = now - event.at
        if since >= FADED_S:
            break
        if since < 0:
            continue  # The clock was set back.
        age: Age = "fresh" if since < FRESH_S else "fading"
        for subject in _subjects(event):
            found.setdefault(subject, age)
    return found


def _subjects(event: Event) -> Iterator[Hashable]:
    namespace, fact = event.namespace, event.after or event.before
    if event.object in {"link", "namespace"}:
        if event.kind == "changed":
            yield namespace if event.object == "namespace" else LinkKey(namespace, _number(event.key))
        return
    if event.object == "owner":
        yield namespace
        return
    if event.kind == "changed":
        yield namespace, event.key
    if isinstance(fact, Address):
        yield LinkKey(namespace, fact.ifindex)
    elif isinstance(fact, Route) and fact.oif is not None:
        yield LinkKey(namespace, fact.oif)


def _number(key: Hashable) -> int:
    return key if isinstance(key, int) else 0
