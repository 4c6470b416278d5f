"""What is copied of a row: its values, or the command that proves it."""

from collections.abc import Sequence

from netview.derive.proof import proof
from netview.model import Address, FdbEntry, LinkKey, Neighbour, Process, Route, Rule
from netview.model.event import Event
from netview.model.finding import Finding
from netview.model.path import Hop, Path
from netview.text import safe
from netview.ui.columns import Cell, Context, View
from netview.ui.listing import Entry

_BY_ITSELF = Address | Route | Rule | Neighbour | FdbEntry | Process


def values(view: View, entry: Entry) -> tuple[tuple[str, str], ...]:
    """What each is called and what it is, safe to show: the link's addresses first, then all columns that say something."""
    found: list[tuple[str, str]] = []
    row, context = entry.row, entry.context
    if row.link is not None:
        found += _of_link(row.link, context)
    for column in view.columns:
        cell = column.text(row, context)
        text = (cell.text if isinstance(cell, Cell) else cell).strip()
        if text:
            found.append((column.heading(context), safe(text)))
    shown: set[str] = set()
    return tuple(pair for pair in found if pair[1] not in shown and not shown.add(pair[1]))  # type: ignore[func-returns-value]


def values_of(view: View, entries: Sequence[Entry]) -> tuple[tuple[str, str], ...]:
    """Of one row its values; of several those of each name together, a line for each row."""
    found: dict[str, list[str]] = {}
    for entry in entries:
        for name, value in values(view, entry):
            found.setdefault(name, []).append(value)
    return tuple((name, "\n".join(told)) for name, told in found.items()) if len(entries) > 1 else values(view, entries[0])


def _of_link(key: LinkKey, context: Context) -> list[tuple[str, str]]:
    namespace, link = context.snapshot.namespaces.get(key.namespace), context.snapshot.link(key)
    if namespace is None or link is None:
        return []
    found = []
    for address in namespace.addresses_of(key.ifindex):
        found += [("ADDRESS", safe(address.address)), ("PREFIX", f"{safe(address.address)}/{address.prefixlen}")]
    if link.address is not None:
        found.append(("MAC", safe(link.address)))
    return [*found, ("NAME", safe(link.name))]


def command(entry: Entry) -> str | None:
    """The shell line that shows the same; None: nothing leads there."""
    row, context = entry.row, entry.context
    fact, link = getattr(row, "fact", None), row.link
    if isinstance(fact, Path):
        fact = fact.hops[-1] if fact.hops else None
    if isinstance(fact, Hop | Finding):
        return fact.command
    if isinstance(fact, Event):
        fact = fact.after
    namespace = link.namespace if link is not None else row.namespace
    if namespace is None:
        return None
    return proof(context.snapshot, namespace, link, fact if isinstance(fact, _BY_ITSELF) else None)
