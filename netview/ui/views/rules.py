"""The tab Rules: they decide before the tables do."""

from netview.derive.filter import Subject
from netview.derive.selectors import outcome, selectors
from netview.ui.columns import Cell, Column, Context, Item, View
from netview.ui.subjects import item_subject
from netview.ui.views.facts import facts


def _when(item: Item, _context: Context) -> str:
    return " ".join(selectors(item.fact))


def _action(item: Item, _context: Context) -> Cell:
    return Cell(outcome(item.fact), "" if item.fact.action == "lookup" else "warn")


def _subject(item: Item, context: Context) -> Subject:
    rule = item.fact
    words = (str(rule.priority), _when(item, context), _action(item, context).text, rule.family.word, rule.src, rule.dst)
    return item_subject(item, context, ips=(rule.src, rule.dst), words=words)


RULES = View(
    "rules",
    "Rules",
    (
        Column("priority", "PRIORITY", lambda item, _: str(item.fact.priority), lambda item, _: item.fact.priority, right=True),
        Column("src", "FROM", lambda item, _: item.fact.src, lambda item, _: item.fact.src, most=44),
        Column("dst", "TO", lambda item, _: item.fact.dst, lambda item, _: item.fact.dst, most=44),
        Column("when", "IF", _when, lambda item, context: _when(item, context) or None, most=40, rank=6),
        Column("action", "ACTION", _action, lambda item, context: _action(item, context).text, least=6),
        Column("family", "FAMILY", lambda item, _: item.fact.family.word, lambda item, _: item.fact.family.word, least=6, rank=7),
    ),
    facts(lambda namespace: namespace.tables.rules, lambda rule: rule, lambda _rule: None),
    _subject,
    empty="no rules here",
    steady=True,
)
