"""View 9: real packets through the rules, the newest first, and whether they do what their path says."""

from netview.derive.filter import Subject
from netview.model import Snapshot
from netview.ui.columns import Cell, Column, Context, Item, Target, View
from netview.ui.subjects import item_subject
from netview.ui.trace_shown import TraceRow


def _rows(context: Context) -> tuple[TraceRow, ...]:
    return () if context.trace is None else context.trace.rows


def _subject(row: TraceRow, context: Context) -> Subject:
    words = (row.where.text, row.what.text, row.verdict.text)
    return item_subject(Item(row.key, row.namespace, row.link), context, words=words)


def _target(row: TraceRow, _context: Context) -> Target | None:
    if row.link is not None:
        return Target(link=row.link)
    return None if row.namespace is None else Target(namespace=row.namespace)


def _unread(context: Context) -> Cell | None:
    failed = None if context.trace is None else context.trace.failed
    return None if failed is None else Cell(f"✗ {failed}", "warn")


def _alive(_row: TraceRow, _snapshot: Snapshot) -> bool:
    """Another trace has taken its place."""
    return True


TRACE = View(
    "trace",
    "Trace",
    (
        Column("time", "TIME", lambda row, _: row.time, least=12, rank=0),
        Column("namespace", "NAMESPACE", lambda row, _: row.where, least=9, rank=0),
        Column("verdict", "VERDICT", lambda row, _: row.verdict, least=9, rank=1),
        Column("what", "PACKET OR RULE", lambda row, _: row.what, least=24, most=160, rank=2),
    ),
    _rows,
    _subject,
    empty="no trace yet: t on a row, or on a path, follows real packets",
    about=(
        "Real packets as the kernel leads them through its rules, the newest first, and whether they do what their path says."
        " t on a row, or on a path in view 7, asks first; it takes root, and ends by itself or with t again."
    ),
    unread=_unread,
    target=_target,
    gone="nothing leads further from here",
    note=lambda row, _: (("", row.what.text.strip()),),
    alive=_alive,
)
