"""Every action of a screen, as help and palette list it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from textual.binding import ActiveBinding

from netview.derive.filter import Subject
from netview.model import LinkKey, NamespaceId
from netview.ui.columns import Cell, Column, Context, View
from netview.ui.widgets.footer import key_name


class Action(NamedTuple):
    """One action and the keys that do it."""

    key: str
    keys: tuple[str, ...]
    description: str
    action: str
    node: Any
    namespace: NamespaceId | None = None
    link: LinkKey | None = None


def actions(bindings: Iterable[ActiveBinding]) -> tuple[Action, ...]:
    """The bindings, those of one action together, in their order."""
    found: dict[str, Action] = {}
    for active in bindings:
        binding = active.binding
        if not binding.id or not binding.description:
            continue
        known = found.get(binding.id)
        keys = (*(known.keys if known else ()), key_name(binding.key))
        found[binding.id] = Action(binding.id, keys, binding.description, binding.action, active.node)
    return tuple(found.values())


def actions_view(rows: tuple[Action, ...]) -> View:
    """Actions as a list."""
    return View(
        "actions",
        "Actions",
        (
            Column("keys", "KEY", lambda row, _: Cell("  ".join(row.keys), "name"), least=12, most=24),
            Column("description", "ACTION", lambda row, _: row.description, least=20, most=60),
        ),
        lambda _context: rows,
        _subject,
        empty="no action has that name",
    )


def _subject(row: Action, _context: Context) -> Subject:
    return Subject(words=(row.description, *row.keys))
